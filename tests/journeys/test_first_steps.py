"""Before there is a second step, or a password: the mailed code, the first one, and the form that waits meanwhile."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator

import pytest
from flask import Flask, request
from playwright.sync_api import expect

from housekey import Housekey, require_aal
from journeys.keys import Key
from journeys.notebook import PASSWORD, Notebook, Visitor, serving, someone
from rig.browser import Pages, look
from rig.mailed import CODE
from rig.phones import Phone

pytestmark = pytest.mark.shots


@pytest.fixture(scope="module")
def soon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """Notebook, where everybody must have a second factor within a month."""
    settings = {
        "FLASK_HOUSEKEY_FACTORS_REQUIRED_FOR": "everybody",
        "FLASK_HOUSEKEY_FACTORS_GRACE": "30d",
        "FLASK_HOUSEKEY_REGISTRATION_VERIFICATION": "off",
    }
    with serving(tmp_path_factory, "soon", **settings) as notebook:
        yield notebook


@pytest.fixture
def cleo(soon: Notebook, new_page: Pages) -> Callable[..., Visitor]:
    """Logged in; nothing is asked of her yet."""

    def logged_in(**options: object) -> Visitor:
        visitor = soon.visit(new_page(**options))
        visitor.email = someone("cleo")
        visitor.already_has_an_account(visitor.email, "Cleo")
        return visitor

    return logged_in


def code_for(visitor: Visitor) -> str:
    """Read in another window of the mailbox."""
    reader = Visitor(visitor.page.context.new_page(), visitor.url)
    reader.open_mail(visitor.email, "two-step login")
    found = CODE.search(reader.page.locator("main").inner_text())
    assert found is not None
    reader.page.close()
    return found[0]


def set_up(visitor: Visitor) -> Phone:
    """On the page that shows the key."""
    visitor.sees("Set up an authenticator app")
    phone = Phone(visitor.page.locator("code").inner_text().replace(" ", ""))
    visitor.fill(Code=phone.code())
    visitor.press("Switch on")
    visitor.sees("Keep your recovery codes")
    visitor.follow("I have kept them")
    visitor.sees("Two-step login")
    return phone


def to_the_code(visitor: Visitor) -> None:
    visitor.go("/account/factors")
    visitor.press("Add an authenticator app")
    visitor.sees("Confirm it's you")


def test_in_the_time_of_grace_a_mailed_code_comes_before_the_app(cleo):
    visitor = cleo()
    visitor.go("/account/factors")
    look(visitor.page, "factors-owed")
    to_the_code(visitor)
    look(visitor.page, "factor-code")
    visitor.press("Send the mail")
    visitor.sees("Look at your mail")
    visitor.page.get_by_text("No mail?").click()
    look(visitor.page, "factor-code-sent")
    visitor.press("Send it again")
    visitor.sees("Look at your mail")
    visitor.fill(Code_from_the_mail="AAAA-AAAA")
    visitor.press("Go on")
    expect(visitor.page.get_by_role("alert")).to_contain_text("This code isn't right")
    look(visitor.page, "factor-code-faults")
    visitor.fill(Code_from_the_mail=code_for(visitor))
    visitor.press("Go on")
    visitor.reads("Thank you. Now set up your second step.")
    visitor.press("Add an authenticator app")
    set_up(visitor)


def test_before_a_passkey_too(cleo):
    visitor = cleo()
    key = Key(visitor.page)
    visitor.go("/account/factors")
    visitor.press("Add a passkey")
    visitor.sees("Confirm it's you")
    visitor.follow("Not now")
    visitor.is_at("/account/factors")
    assert key.credentials == []


def test_the_mailed_code_works_without_javascript(cleo):
    visitor = cleo(java_script_enabled=False)
    to_the_code(visitor)
    visitor.press("Send the mail")
    visitor.fill(Code_from_the_mail=code_for(visitor))
    visitor.press("Go on")
    visitor.press("Add an authenticator app")
    set_up(visitor)


def test_somebody_with_a_passkey_chooses_a_first_password(stranger, another):
    Key(stranger.page)
    stranger.email = someone()
    stranger.go("/account/register/passkey?next=/dashboard")
    stranger.page.get_by_label("E-mail address").fill(stranger.email)
    stranger.press("Register with a passkey")
    stranger.is_at("/dashboard")
    stranger.go("/account/password")
    stranger.is_at("/account/password/first")
    stranger.sees("Choose a password")
    look(stranger.page, "password-first")
    stranger.fill(New_password="short")
    stranger.press("Choose password")
    expect(stranger.page.get_by_role("alert")).to_contain_text("at least")
    look(stranger.page, "password-first-faults")
    stranger.fill(New_password=PASSWORD)
    stranger.press("Choose password")
    stranger.reads("You have a password now")
    browser = another()
    browser.log_in(stranger.email)
    browser.sees("Second step")


# Sent to a view that asks for two steps, by somebody who has only one


def create_app(folder: str) -> Flask:
    """A site with one such view."""
    app = Flask("Vault", instance_path=folder)
    app.secret_key = secrets.token_hex(32)
    app.config["HOUSEKEY_REGISTRATION_ALLOW_TEST_ADDRESSES"] = True
    app.config["HOUSEKEY_REGISTRATION_VERIFICATION"] = "off"
    app.config["HOUSEKEY_CSRF_PROTECT_HOST"] = True
    Housekey(app)

    @app.get("/vault")
    def vault() -> str:
        return (
            "<title>Vault</title><h1>Vault</h1><form method=post><label>Note <input name=note></label>"
            "<label>PIN <input name=pin type=password></label><button>Keep it</button></form>"
        )

    @app.post("/vault")
    @require_aal(2)
    def keep() -> str:
        return f"<title>Kept</title><h1>Kept: {request.form['note']}, {request.form.get('pin')}</h1>"

    return app


@pytest.fixture(scope="module")
def vault(module_server, tmp_path_factory) -> str:
    return module_server(create_app, folder=str(tmp_path_factory.mktemp("vault"))).url


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_what_was_sent_waits_until_there_is_a_second_step(vault, new_page, script):
    visitor = Visitor(new_page(java_script_enabled=script), vault)
    visitor.already_has_an_account(someone("cleo"), "Cleo")
    visitor.go("/vault")
    visitor.fill(Note="the key is under the stone", PIN="4711")
    visitor.page.get_by_role("button", name="Keep it").click()
    visitor.sees("Two-step login")
    visitor.reads("What you were sending is kept for half an hour")
    if script:
        look(visitor.page, "factors-kept-form")
    visitor.press("Add an authenticator app")
    phone = set_up(visitor)
    visitor.reads("What you were sending is kept. Confirm that it's you, and send it.")
    if script:
        look(visitor.page, "factors-kept-form-ready")
    visitor.follow("Go on to it")
    visitor.sees("Confirm it's you")
    visitor.fill(Password=PASSWORD)
    visitor.press("Go on")
    visitor.sees("Second step")
    visitor.fill(Code=phone.code(1))
    visitor.press("Go on")
    visitor.sees("Send it now?")
    expect(visitor.page.get_by_text("the key is under the stone")).to_be_visible()
    assert "4711" not in visitor.page.content(), "a secret is typed again"
    if script:
        look(visitor.page, "kept-form-after-first-factor")
    visitor.fill(pin="1234")
    visitor.press("Send it now")
    visitor.sees("Kept: the key is under the stone, 1234")
