"""Passkeys in a real browser, with an authenticator of its own."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from journeys.keys import BLUE, Key
from journeys.notebook import PASSWORD, someone
from rig.browser import look

pytestmark = pytest.mark.shots


@pytest.fixture
def bea(bea):
    """Her address is confirmed: before that nobody adds a passkey."""
    bea.open_mail(bea.email)
    bea.open_link_of_mail()
    bea.page.locator("main").get_by_role("button").first.click()
    bea.reads("confirmed")
    return bea


def standard(text):
    """As URLs write base64."""
    return text.replace("+", "-").replace("/", "_").rstrip("=")


def adds_a_passkey(visitor, name=""):
    visitor.go("/account/factors")
    visitor.press("Add a passkey")
    visitor.sees("Add a passkey")
    if name:
        visitor.page.get_by_label("Name (optional)").fill(name)
    visitor.press("Add a passkey")


def test_added_then_used_from_the_login_page(bea, another, notebook):
    key = Key(bea.page)
    bea.go("/account/factors")
    look(bea.page, "factors-none")
    bea.press("Add a passkey")
    bea.sees("Add a passkey")
    look(bea.page, "passkey-add")
    bea.press("Add a passkey")
    bea.sees("Keep your recovery codes")
    bea.follow("I have kept them")
    bea.reads("On this device only")
    look(bea.page, "factors-passkey")
    kept = key.credentials[0]

    browser = another()
    Key(browser.page, automaticPresenceSimulation=False).holds(kept)
    browser.go("/account/login")
    look(browser.page, "login-passkey")
    browser.page.context.clear_cookies()
    second = another()
    Key(second.page).holds(kept)
    second.go("/account/login?next=/dashboard")  # its owner picks it from the suggestions: the field isn't touched
    second.is_at("/dashboard")
    third = another()
    Key(third.page, automaticPresenceSimulation=False).holds(kept)
    third.go("/account/login/passkey?next=/dashboard")
    third.page.get_by_label("Keep me logged in").check()
    third.press("Use a passkey")
    expect(third.page.get_by_role("button", name="Use a passkey")).to_have_attribute("aria-disabled", "true")


def test_after_the_password_a_key_without_a_pin_is_the_second_step(bea, another, notebook):
    key = Key(bea.page, **BLUE)
    adds_a_passkey(bea, "Blue key")
    bea.sees("Keep your recovery codes")
    bea.go("/account/factors")
    bea.reads("Blue key")
    kept = key.credentials[0]
    browser = another()
    Key(browser.page, **BLUE).holds(kept)
    browser.log_in(bea.email)
    browser.sees("Second step")
    look(browser.page, "challenge-passkey")
    browser.press("Go on")
    browser.is_at("/dashboard")


def test_a_prompt_that_is_closed_says_what_happened(bea, another, notebook):
    key = Key(bea.page)
    adds_a_passkey(bea)
    bea.sees("Keep your recovery codes")
    kept = key.credentials[0]
    browser = another()
    empty = Key(browser.page)
    browser.log_in(bea.email)
    browser.sees("Second step")
    assert empty.credentials == []
    browser.press("Go on")
    expect(browser.page.get_by_role("status")).to_contain_text("Nothing has happened")
    look(browser.page, "challenge-passkey-closed")
    empty.holds(kept)
    browser.press("Go on")
    browser.is_at("/dashboard")


def test_two_authenticators_one_of_them_removed(bea, another, notebook):
    first = Key(bea.page)
    adds_a_passkey(bea, "First")
    bea.sees("Keep your recovery codes")
    gone = first.credentials[0]
    bea.go("/account/factors")
    bea.press("Add a passkey")
    bea.sees("Confirm it's you")
    look(bea.page, "confirm-passkey")
    bea.press("Use your passkey")
    bea.sees("Add a passkey")
    first.goes()
    second = Key(bea.page, transport="usb")
    adds_a_passkey(bea, "Second")
    bea.reads("Second")
    row = bea.page.get_by_role("listitem").filter(has_text="First")
    row.get_by_text("Remove", exact=True).click()
    row.get_by_role("button", name="Yes, remove").click()
    bea.reads("First is removed")
    assert len(second.credentials) == 1
    browser = another()
    Key(browser.page, automaticPresenceSimulation=True).holds(gone)
    browser.page.add_init_script(
        """window.told = []; const signal = PublicKeyCredential.signalUnknownCredential;
        PublicKeyCredential.signalUnknownCredential = async (one) => {
          told.push(one); await signal?.call(PublicKeyCredential, one);
        };"""
    )
    browser.go("/account/login/passkey")
    browser.press("Use a passkey")
    expect(browser.page.get_by_role("alert")).to_contain_text("That passkey didn't work here")
    look(browser.page, "login-passkey-refused")
    told = browser.page.evaluate("window.told")
    assert [one["rpId"] for one in told] == ["localhost"], "its authenticator may forget it"
    assert told[0]["credentialId"].rstrip("=") == standard(gone["credentialId"])


SIGNALS = """if (window.PublicKeyCredential)
  for (const name of ["signalAllAcceptedCredentials", "signalCurrentUserDetails"])
    PublicKeyCredential[name] = async (said) => { document.body.setAttribute(name, JSON.stringify(said)); };"""


def told(page, signal):
    """What the page has said to authenticators. It is waited for in the page itself: its policy forbids the `eval` that
    Playwright's own waiting needs."""
    expect(page.locator("body")).to_have_attribute(signal, re.compile("."))
    return json.loads(page.locator("body").get_attribute(signal))


def test_authenticators_learn_what_was_renamed_and_removed_also_the_last_one(bea, notebook):
    bea.page.add_init_script(SIGNALS)
    key = Key(bea.page)
    adds_a_passkey(bea, "First")
    bea.follow("I have kept them")
    (kept,) = key.credentials
    accepted = told(bea.page, "signalAllAcceptedCredentials")
    assert accepted["rpId"] == "localhost"
    assert accepted["allAcceptedCredentialIds"] == [standard(kept["credentialId"])]
    assert accepted["userId"] == standard(kept["userHandle"])
    bea.page.get_by_role("link", name="Rename").click()
    bea.press("Use your passkey")
    bea.fill(Name="Laptop")
    bea.press("Save")
    bea.reads("Laptop")
    assert told(bea.page, "signalCurrentUserDetails")["name"] == bea.email
    bea.page.get_by_text("Remove", exact=True).click()
    bea.page.get_by_role("button", name="Yes, remove").click()
    bea.reads("Laptop is removed")
    assert told(bea.page, "signalAllAcceptedCredentials")["allAcceptedCredentialIds"] == []


def test_without_javascript_passkeys_are_hidden_and_all_else_works(bea, another, notebook):
    visitor = another(java_script_enabled=False)
    visitor.go("/account/login")
    expect(visitor.page.get_by_role("button", name="Log in with a passkey")).to_be_hidden()
    visitor.log_in(bea.email)
    visitor.is_at("/dashboard")
    visitor.go("/account/factors")
    expect(visitor.page.get_by_role("button", name="Add a passkey")).to_be_hidden()
    expect(visitor.page.get_by_role("button", name="Add an authenticator app")).to_be_visible()
    visitor.go("/account/passkeys/new")
    visitor.reads("This needs JavaScript")
    assert PASSWORD


def test_an_account_without_a_password(stranger, another, notebook):
    key = Key(stranger.page)
    stranger.email = someone()
    stranger.go("/account/register")
    look(stranger.page, "register")
    stranger.follow("Use a passkey")
    stranger.sees("Register with a passkey")
    look(stranger.page, "register-passkey")
    stranger.page.get_by_label("E-mail address").fill(stranger.email)
    stranger.press("Register with a passkey")
    expect(stranger.page).not_to_have_url(re.compile("/register"))
    kept = key.credentials[0]
    stranger.go("/account/factors")
    stranger.sees("Two-step login")
    browser = another()
    Key(browser.page).holds(kept)
    browser.go("/account/login/passkey?next=/dashboard")
    browser.press("Use a passkey")
    browser.is_at("/dashboard")
