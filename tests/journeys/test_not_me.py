"""“This wasn't me”: from the mail to a frozen account, and back by the password from before."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from journeys.notebook import PASSWORD
from rig.browser import look, shots

THIEF = "the thief has chosen this"
NEW = "eleven herons before breakfast"
pytestmark = pytest.mark.shots


def taken_over(bea, another):
    """A thief who knows her password logs in and changes it."""
    thief = another()
    thief.log_in(bea.email)
    thief.is_at("/dashboard")
    thief.go("/account/password")
    thief.fill(Current_password=PASSWORD, New_password=THIEF)
    thief.press("Change password")
    thief.reads("Your password is changed")
    return thief


def test_the_owner_shuts_the_thief_out_and_gets_the_account_back(bea, another):
    thief, browser = taken_over(bea, another), another()
    browser.open_mail(bea.email, "was changed")
    shots(browser.page, "pages/mail-password-changed")
    browser.open_link_of_mail()
    browser.is_at("/account/undo")
    browser.sees("It wasn't you?")
    look(browser.page, "undo")
    thief.go("/dashboard")
    thief.is_at("/dashboard")
    browser.press("Freeze my account")
    browser.is_at("/account/undo/restore")
    browser.sees("Your account is frozen")
    look(browser.page, "restore")
    thief.go("/dashboard")
    thief.is_at("/account/login?next=%2Fdashboard")
    browser.fill(Former_password=THIEF, New_password=NEW)
    browser.press("Open my account again")
    expect(browser.page.get_by_role("alert")).to_contain_text("This wasn't the password before")
    look(browser.page, "restore-faults")
    browser.fill(Former_password=PASSWORD, New_password=NEW)
    browser.press("Open my account again")
    browser.is_at("/account/login")
    browser.log_in(bea.email, NEW)
    browser.is_at("/dashboard")


def test_it_all_works_without_javascript(bea, another):
    taken_over(bea, another)
    browser = another(java_script_enabled=False)
    browser.open_mail(bea.email, "was changed")
    browser.open_link_of_mail()
    browser.press("Freeze my account")
    browser.fill(Former_password=PASSWORD, New_password=NEW)
    browser.press("Open my account again")
    browser.is_at("/account/login")


def test_the_other_notices_and_what_an_administrator_sees(bea, ada, another):
    taken_over(bea, another)
    browser = another()
    browser.open_mail(bea.email, "New login")
    look(browser.page, "mail-new-device")
    browser.open_link_of_mail()
    browser.press("Freeze my account")
    browser.open_mail(bea.email, "is frozen")
    look(browser.page, "mail-frozen")
    ada.go("/account/admin/users?query=" + bea.email)
    look(ada.page, "admin-users-frozen")
    ada.page.get_by_role("link", name="Bea").first.click()
    ada.page.get_by_text("Lift the freeze", exact=True).click()
    look(ada.page, "admin-user-frozen")
    ada.press("Yes, lift it")
    ada.reads("The freeze is lifted")
