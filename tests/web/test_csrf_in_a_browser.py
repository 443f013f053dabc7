"""What a real browser sends: our forms work in it, and another site's don't, however it sends them (flaw 41)."""

from __future__ import annotations

import pytest
from flask import Flask, request
from playwright.sync_api import Page, expect

from housekey.errors import CrossSite
from housekey.web.csrf import FIELD, Csrf

BUTTON = "<button>Send</button>"
SCRIPT = (
    "<button onclick=\"fetch('{target}', {{method: 'POST', credentials: 'include', OPTIONS}})"
    ".catch(() => 0).finally(() => document.title = 'sent')\">Send</button>"
)
SEND = {
    "a form": f"<form method=post action='{{target}}'>{BUTTON}</form>",
    "a form that names no referrer": "<meta name=referrer content=no-referrer>"
    f"<form method=post action='{{target}}'>{BUTTON}</form>",
    "a sandboxed frame": "<iframe sandbox='allow-scripts allow-forms' "
    f"srcdoc=\"<form method=post action='{{target}}'>{BUTTON}</form>\"></iframe>",
    "a form that is nearly JSON": "<form method=post enctype=text/plain action='{target}'>"
    f"<input name='{{{{&quot;a&quot;:&quot;' value='&quot;}}}}'>{BUTTON}</form>",
    "a script": SCRIPT.replace("OPTIONS", "mode: 'no-cors'"),
    "a script with JSON": SCRIPT.replace("OPTIONS", "body: '{{}}', headers: {{'Content-Type': 'application/json'}}"),
}


def guarded_site() -> Flask:
    app = Flask(__name__)
    csrf = Csrf(lambda: ["key"], None, (), "form", False)
    changes: list[str] = []

    def change() -> str:
        csrf.check(request)
        changes.append(request.headers.get("Sec-Fetch-Site", ""))
        return "changed"

    def form() -> str:
        return f"<form method=post action=/change><input type=hidden name={FIELD} value={csrf.token()}>{BUTTON}</form>"

    app.after_request(csrf.finish)
    app.register_error_handler(CrossSite, lambda error: ("refused", error.status))
    app.add_url_rule("/", "form", form)
    app.add_url_rule("/change", "change", change, methods=["POST"])
    app.add_url_rule("/changes", "changes", lambda: str(len(changes)))
    for number, page in enumerate(SEND.values()):
        own = page.format(target="/change")
        app.add_url_rule(f"/{number}", f"own-{number}", lambda own=own: own)
    return app


def evil_site(victim: str) -> Flask:
    app = Flask(__name__)
    for number, page in enumerate(SEND.values()):
        evil = page.format(target=victim)
        app.add_url_rule(f"/{number}", f"evil-{number}", lambda evil=evil: evil)
    app.add_url_rule("/", "ready", lambda: "ready")
    return app


@pytest.fixture(scope="module")
def site(module_server):
    return module_server(guarded_site).url


@pytest.fixture(scope="module")
def evil(module_server, site):
    return module_server(evil_site, victim=f"{site}/change").url


def changes(page: Page, site: str) -> int:
    return int(page.request.get(f"{site}/changes").text())


def press(page: Page, way: str) -> None:
    """Press the button, and wait until the browser has done with it."""
    if "script" in way:
        page.get_by_role("button").click()
        expect(page).to_have_title("sent")
        return
    inside = page.frame_locator("iframe") if "frame" in way else page
    with page.expect_response("**/change"):
        inside.get_by_role("button").click()


@pytest.mark.asvs("3.5.1")
def test_our_own_form_works(site, page):
    page.goto(site)
    page.get_by_role("button").click()
    expect(page.locator("body")).to_have_text("changed")


def test_our_own_pages_may_send_even_without_a_token(site, page):
    for way in ("a form", "a form that names no referrer", "a script", "a script with JSON"):
        before = changes(page, site)
        page.goto(f"{site}/{[*SEND].index(way)}")
        press(page, way)
        assert changes(page, site) == before + 1, way


@pytest.mark.asvs("3.5.1", "3.5.2")
@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1"], ids=["another port, same-site", "another host, cross-site"]
)
def test_another_site_changes_nothing(site, evil, page, host):
    page.goto(site)  # the browser has our cookie
    before = changes(page, site)
    for number, way in enumerate(SEND):
        page.goto(f"{evil.replace('localhost', host)}/{number}")
        press(page, way)
        assert changes(page, site) == before, way
