"""“This wasn't me”, and back by the passkey or the phone that one had before."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from journeys.keys import Key
from journeys.notebook import PASSWORD
from rig.browser import look
from rig.phones import Phone

THIEF = "the thief has chosen this"
NEW = "eleven herons before breakfast"
pytestmark = pytest.mark.shots


@pytest.fixture
def bea(bea):
    """Her address is confirmed: before that nobody adds a second factor."""
    bea.open_mail(bea.email)
    bea.open_link_of_mail()
    bea.page.locator("main").get_by_role("button").first.click()
    bea.reads("confirmed")
    return bea


def changes_the_password(thief):
    thief.is_at("/dashboard")
    thief.go("/account/password")
    thief.fill(Current_password=PASSWORD, New_password=THIEF)
    thief.press("Change password")
    thief.reads("Your password is changed")


def freezes(browser, email):
    browser.open_mail(email, "was changed")
    browser.open_link_of_mail()
    browser.press("Freeze my account")
    browser.is_at("/account/undo/restore")


def test_who_has_forgotten_the_former_password_uses_the_passkey(bea, another):
    key = Key(bea.page)
    bea.go("/account/factors")
    bea.press("Add a passkey")
    bea.press("Add a passkey")
    bea.sees("Keep your recovery codes")
    thief = another()
    copy = Key(thief.page)
    copy.holds(key.credentials[0])
    thief.go("/account/login")  # which takes what the key gives by itself
    changes_the_password(thief)

    browser = another()
    Key(browser.page).holds(copy.credentials[0])
    freezes(browser, bea.email)
    look(browser.page, "restore-other-ways")
    browser.follow("Use your passkey")
    browser.sees("Get your account back")
    look(browser.page, "reopen-passkey")
    browser.fill(New_password=THIEF)
    browser.press("Open my account again")
    expect(browser.page.get_by_role("alert")).to_contain_text("Somebody may know this password")
    look(browser.page, "reopen-passkey-faults")
    browser.fill(New_password=NEW)
    browser.press("Open my account again")
    browser.is_at("/dashboard")
    last = another()
    last.log_in(bea.email, NEW)
    last.is_at("/account/login/challenge")


def sets_up_a_phone(visitor):
    visitor.go("/account/factors")
    visitor.press("Add an authenticator app")
    phone = Phone(visitor.page.locator("code").inner_text().replace(" ", ""))
    visitor.fill(Code=phone.code(-1, room=8))
    visitor.press("Switch on")
    visitor.sees("Keep your recovery codes")
    return phone


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_who_has_forgotten_the_former_password_uses_the_phone(bea, another, script):
    phone = sets_up_a_phone(bea)
    thief = another()
    thief.log_in(bea.email)
    thief.is_at("/account/login/challenge")
    thief.fill(Code=phone.code())
    thief.press("Go on")
    changes_the_password(thief)

    browser = another(java_script_enabled=script)
    freezes(browser, bea.email)
    browser.follow("Use your authenticator app")
    browser.fill(Code="000000", New_password=NEW)
    browser.press("Open my account again")
    browser.reads("That code isn't right")
    if script:
        look(browser.page, "reopen-phone-faults")
    browser.fill(Code=phone.code(1), New_password=NEW)
    browser.press("Open my account again")
    browser.is_at("/account/login")
