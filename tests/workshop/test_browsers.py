"""The rig keeps its promises about browsers, and gets along with parallel runs and with warnings as errors."""

import pytest
from flask import Flask
from playwright.sync_api import expect

from rig.browser import ARTEFACTS, Pages, axe, fits, look, shot, shots

PAGE = """<!doctype html><html lang="en"><head><title>A page</title><meta name="viewport" content="width=device-width">
<style>:root { color-scheme: light dark } @media (prefers-color-scheme: dark) { html { background: black } }</style>
</head><body><main><h1>Hello</h1><p id="script">no script</p><a href="/more">More</a></main>
<script src="/script.js"></script></body></html>"""
DIM = PAGE.replace("black", "#222").replace("<h1>", "<h1 style='color: #444'>")
SCRIPT = "document.querySelector('#script').textContent = 'script ran'"


FORBIDDEN = ("<!doctype html><title>x</title><script>1</script>", {"Content-Security-Policy": "script-src 'none'"})
ANSWERS = {
    "/": PAGE,
    "/more": "<!doctype html><title>More</title><main><h1>More</h1></main>",
    "/script.js": (SCRIPT, {"Content-Type": "text/javascript"}),
    "/dim": DIM,
    "/unnamed": "<!doctype html><title>x</title><main><h1>x</h1><input></main>",
    "/sprawling": "<!doctype html><title>x</title><div style='width: 3000px'>x</div>",
    "/forbidden": FORBIDDEN,
}


def create_app():
    app = Flask(__name__)
    for path, answer in ANSWERS.items():
        app.add_url_rule(path, path, lambda answer=answer: answer)
    return app


@pytest.fixture(scope="module")
def site(module_server):
    return module_server(create_app).url


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_a_profile_of_its_own(site, page, context, turn):
    page.goto(site)
    assert context.cookies() == []
    context.add_cookies([{"name": "seen", "value": "yes", "url": site}])
    page.get_by_role("link", name="More").click()
    expect(page).to_have_url(f"{site}/more")


def test_two_visitors_share_nothing(site, new_page):
    ann, bob = new_page(), new_page()
    ann.goto(site)
    ann.evaluate("localStorage.setItem('who', 'ann')")
    bob.goto(site)
    assert bob.evaluate("localStorage.getItem('who')") is None


def test_script_runs_only_where_it_should(site, page, page_without_javascript):
    for visitor, text in ((page, "script ran"), (page_without_javascript, "no script")):
        visitor.goto(site)
        expect(visitor.locator("#script")).to_have_text(text)


def test_dark_and_phone_are_what_they_say(site, dark_page, phone_page):
    dark_page.goto(site)
    assert dark_page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    phone_page.goto(site)
    assert phone_page.evaluate("innerWidth") == 360


def test_localhost_is_a_secure_context(site, page):
    page.goto(site)
    assert page.evaluate("isSecureContext && typeof PublicKeyCredential") == "function"


def test_no_page_reaches_another_host(page):
    with pytest.raises(Exception, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://housekey.example/")


def test_axe_finds_a_field_without_a_label(site, page):
    page.goto(site)
    axe(page)
    page.goto(f"{site}/unnamed")
    with pytest.raises(AssertionError, match="label"):
        axe(page)


def test_a_text_that_only_the_dark_makes_unreadable_is_found(site, page):
    page.goto(f"{site}/dim")
    with pytest.raises(AssertionError, match="contrast"):
        look(page, "dim", "found")


def test_a_sideways_scroll_is_seen(site, page):
    page.goto(site)
    fits(page)
    page.goto(f"{site}/sprawling")
    with pytest.raises(AssertionError, match="the window 1280 px"):
        fits(page)


def test_pictures_are_kept(site, page):
    page.goto(site)
    assert shot(page, "rig/page").read_bytes().startswith(b"\x89PNG")
    shots(page, "rig/looks")
    kept = {path.stem for path in (ARTEFACTS / "rig").glob("looks-*.png")}
    assert kept == {"looks-wide-light", "looks-wide-dark", "looks-phone-light", "looks-phone-dark"}


@pytest.mark.parametrize("turn", [1, 2])
def test_async_views_still_work_in_a_process_that_has_a_browser(browser, turn):
    app = Flask(__name__)

    @app.get("/")
    async def home():
        return "awaited"

    assert app.test_client().get("/").text == "awaited"


def test_a_refused_or_failing_script_fails_the_test(site, browser, page):
    for path, error in (("/forbidden", "Content Security Policy"), ("/", "is not defined")):
        pages = Pages(browser)
        visitor = pages()
        visitor.goto(site + path)
        if path == "/":
            visitor.add_script_tag(content="nothing_of_that_name()")
        with pytest.raises(AssertionError, match=error):
            pages.close()
