"""A real browser: one Chromium for each test process, a fresh profile for each page fixture.

    page, phone_page, dark_page, page_without_javascript    a page in a profile of its own
    new_page(**options)                                     one more, for a second visitor; options as for new_context
    axe(page)                                               fails with what axe-core finds
    fits(page)                                              fails if the page scrolls sideways
    shot(page, "login/wrong-password")                      keeps a picture under artefacts/
    shots(page, "login")                                    four of them: light and dark, wide and phone
    look(page, "login")                                     the same under pages/, and axe in light and dark

A script error, or something that the Content-Security-Policy refused, fails the test at its end.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from rig.required import lacking

ARTEFACTS = Path(__file__).parent.parent.parent / "artefacts"
PATIENCE = 15_000  # milliseconds; two test processes, two servers and two browsers may share two cores

PROGRAMS = "chromium-headless-shell", "chromium", "chromium-browser"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Our pages need nobody else's server.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
WIDE: dict[str, Any] = {"width": 1280, "height": 900}
NARROW: dict[str, Any] = {"width": 360, "height": 740}
PHONE: dict[str, Any] = {"viewport": NARROW, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}

FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, in half the time where its shell without windows is installed; HOUSEKEY_TEST_CHROMIUM names
    another."""
    program = os.environ.get("HOUSEKEY_TEST_CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if not program:
        lacking("no Chromium: apt-get install chromium-headless-shell")
    with sync_playwright() as playwright:
        loop = asyncio.get_running_loop()
        started = playwright.chromium.launch(executable_path=program, args=FLAGS)
        asyncio._set_running_loop(None)
        yield started
        asyncio._set_running_loop(loop)
        started.close()


@pytest.fixture
def _loop_of_playwright(browser: Browser) -> Iterator[None]:
    """Playwright leaves its event loop marked as running in this thread, for good.

    Every later test of `async def` views would be refused a loop of its own; so the mark stands only while
    a browser test runs.
    """
    asyncio._set_running_loop(browser._loop)
    yield
    asyncio._set_running_loop(None)


class Pages:
    """Opens pages, each in a new profile: `new_page(color_scheme="dark")`."""

    def __init__(self, browser: Browser) -> None:
        self.contexts: list[BrowserContext] = []
        self.complaints: list[str] = []
        self._browser = browser

    def __call__(self, **options: Any) -> Page:
        context = self._browser.new_context(**{"viewport": WIDE, "reduced_motion": "reduce"} | options)
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._listen)
        return page

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.complaints.append(message.text)

    def keep_pictures(self, test: str) -> None:
        pages = [page for context in self.contexts for page in context.pages]
        for number, page in enumerate(pages):
            shot(page, f"failed/{test}-{number}")

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        assert not self.complaints, "the browser complained:\n" + "\n".join(self.complaints)


@pytest.fixture
def new_page(browser: Browser, _loop_of_playwright: None, request: pytest.FixtureRequest) -> Iterator[Pages]:
    """Opens a page in a new profile: `new_page(color_scheme="dark")`; for a second visitor, or another look."""
    pages = Pages(browser)
    yield pages
    if request.node.stash.get(FAILED, False):
        pages.keep_pictures(request.node.name)
    pages.close()


@pytest.fixture
def page(new_page: Pages) -> Page:
    """A page in a fresh profile: wide, light, with JavaScript."""
    return new_page()


@pytest.fixture
def context(page: Page) -> BrowserContext:
    """The profile of `page`, for its cookies."""
    return page.context


@pytest.fixture
def dark_page(new_page: Pages) -> Page:
    return new_page(color_scheme="dark")


@pytest.fixture
def phone_page(new_page: Pages) -> Page:
    return new_page(**PHONE)


@pytest.fixture
def page_without_javascript(new_page: Pages) -> Page:
    return new_page(java_script_enabled=False)


COLOURS = ["color-contrast", "link-in-text-block"]
"""Of axe-core's rules those that look at colours; the others judge the same page again in the dark."""


def axe(page: Page, **options: Any) -> None:
    """Assert that axe-core finds nothing to mend on `page`. Its script takes as long to load as to run."""
    loaded = page.evaluate("'axe' in window")
    found = (Axe("0") if loaded else Axe()).run(page, options={"resultTypes": ["violations"]} | options)
    assert not found.violations_count, found.generate_report()


def fits(page: Page) -> None:
    """Assert that `page` is not wider than its window."""
    wide, window = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= window, f"the page is {wide} px wide, the window {window} px"


def shot(page: Page, name: str) -> Path:
    """Keep a picture of the whole `page` as artefacts/<name>.png."""
    path = ARTEFACTS / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, full_page=True, animations="disabled")
    return path


def shots(page: Page, name: str) -> None:
    """Keep four pictures of `page` as it stands: light and dark, wide and phone; each must fit its window."""
    for width, size in {"wide": WIDE, "phone": NARROW}.items():
        page.set_viewport_size(size)  # type: ignore[arg-type]
        fits(page)
        page.emulate_media(color_scheme="light")
        shot(page, f"{name}-{width}-light")
        page.emulate_media(color_scheme="dark")
        shot(page, f"{name}-{width}-dark")
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.emulate_media(color_scheme=None)


def look(page: Page, name: str, folder: str = "pages") -> None:
    """A page as people see it: axe finds nothing in light or dark, and its pictures are kept."""
    page.emulate_media(color_scheme="light")
    axe(page)
    page.emulate_media(color_scheme="dark")
    axe(page, runOnly=COLOURS)
    shots(page, f"{folder}/{name}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report
