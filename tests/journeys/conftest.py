"""One Notebook for all journeys of a test process; each traveller brings an account of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from journeys.notebook import ADMIN, PASSWORD, Notebook, Visitor, serving, someone
from rig.browser import PATIENCE, Pages

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """Serves until the last journey is over."""
    with serving(tmp_path_factory, "notebook") as notebook:
        yield notebook


@pytest.fixture
def stranger(notebook: Notebook, page: Page) -> Visitor:
    """Somebody without an account, or who is logged out."""
    return notebook.visit(page)


@pytest.fixture
def another(notebook: Notebook, new_page: Pages) -> Callable[..., Visitor]:
    """One more browser: `another(color_scheme="dark")`."""
    return lambda **options: notebook.visit(new_page(**options))


@pytest.fixture
def bea(stranger: Visitor) -> Visitor:
    """Logged in, with an account just made; `bea.email` is her address."""
    stranger.email = someone()
    stranger.already_has_an_account(stranger.email, "Bea")
    return stranger


@pytest.fixture
def ada(notebook: Notebook, another: Callable[..., Visitor]) -> Visitor:
    """The administrator, logged in."""
    visitor = another()
    body = {"identifier": ADMIN, "password": PASSWORD}
    if visitor.page.request.post(f"{notebook.url}/account/api/login", data=body).status == 401:
        visitor.already_has_an_account(ADMIN, "Ada Lovelace")
    return visitor
