"""Two-step login: an authenticator app is set up by its key, asked for at the next login, renamed and removed."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from journeys.notebook import PASSWORD
from rig.browser import look, shots
from rig.phones import Phone

pytestmark = pytest.mark.shots


@pytest.fixture
def bea(bea):
    """Her address is confirmed: before that nobody adds a second factor."""
    bea.open_mail(bea.email)
    bea.open_link_of_mail()
    bea.page.locator("main").get_by_role("button").first.click()
    bea.reads("confirmed")
    return bea


def sets_up_a_phone(visitor, name=""):
    """By the key that the page shows, as somebody does whose phone can't read the picture."""
    visitor.go("/account/factors")
    visitor.press("Add an authenticator app")
    visitor.sees("Set up an authenticator app")
    phone = Phone(visitor.page.locator("code").inner_text().replace(" ", ""))
    visitor.fill(Code=phone.code())
    if name:
        visitor.page.get_by_label("Name (optional)").fill(name)
    visitor.press("Switch on")
    visitor.sees("Keep your recovery codes")
    return phone


def test_from_the_key_to_a_login_in_two_steps(bea, another, notebook):
    bea.go("/account/factors")
    look(bea.page, "factors-none")
    bea.press("Add an authenticator app")
    bea.sees("Set up an authenticator app")
    look(bea.page, "totp-set-up")
    bea.fill(Code="000000")
    bea.press("Switch on")
    expect(bea.page.get_by_role("alert")).to_contain_text("This isn't the code")
    look(bea.page, "totp-set-up-faults")
    phone = sets_up_a_phone(bea, "My phone")
    look(bea.page, "recovery-codes")
    codes = bea.page.locator("#hk-codes code").all_inner_texts()
    assert len(codes) == 10
    with bea.page.expect_download() as kept:
        bea.follow("Download")
    assert kept.value.path().read_text().split()[-10:] == codes
    bea.follow("I have kept them")
    bea.is_at("/account/factors")
    bea.reads("My phone")
    look(bea.page, "factors")

    browser = another()
    browser.log_in(bea.email)
    browser.is_at("/account/login/challenge")
    browser.sees("Second step")
    look(browser.page, "challenge")
    browser.go("/dashboard")
    browser.is_at("/account/login?next=%2Fdashboard")
    browser.go("/account/login/challenge")
    browser.fill(Code="000000")
    browser.press("Go on")
    expect(browser.page.get_by_role("alert")).to_contain_text("That code isn't right")
    look(browser.page, "challenge-faults")
    browser.fill(Code=phone.code(1))
    browser.press("Go on")
    browser.is_at("/dashboard")

    browser.open_mail(bea.email, "second step")
    shots(browser.page, "pages/mail-factor-added")
    browser.go("/account/factors")
    browser.page.get_by_role("link", name="Rename").click()
    browser.sees("Rename your authenticator app")
    look(browser.page, "totp-rename")
    browser.fill(Name="Old phone")
    browser.press("Save")
    browser.reads("Old phone")
    browser.page.get_by_text("Remove", exact=True).click()
    look(browser.page, "factors-remove")
    browser.page.get_by_role("button", name="Yes, remove").click()
    browser.reads("Old phone is removed")


def test_recovery_codes_are_copied_and_printed_by_a_click(bea, notebook):
    bea.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=notebook.url)
    bea.page.add_init_script("window.print = () => { window.printed = true; };")
    sets_up_a_phone(bea)
    codes = bea.page.locator("#hk-codes code").all_inner_texts()
    bea.press("Copy")
    expect(bea.page.get_by_role("button", name="Copied")).to_be_visible()
    assert bea.page.evaluate("navigator.clipboard.readText()").split() == codes
    bea.press("Print")
    assert bea.page.evaluate("window.printed") is True


def test_a_recovery_code_stands_in_for_the_phone_and_new_ones_end_it(bea, another, notebook):
    sets_up_a_phone(bea)
    first, second = bea.page.locator("#hk-codes code").all_inner_texts()[:2]
    browser = another()
    browser.log_in(bea.email)
    browser.follow("Use a recovery code")
    look(browser.page, "challenge-recovery-code")
    browser.fill(Code=first.lower().replace("-", " "))
    browser.press("Go on")
    browser.is_at("/dashboard")
    browser.go("/account/factors")
    browser.reads("9 codes are left")
    browser.page.get_by_text("Make new recovery codes", exact=True).click()
    browser.press("Yes, make new ones")
    browser.sees("Keep your recovery codes")
    third = another()
    third.log_in(bea.email)
    third.follow("Use a recovery code")
    third.fill(Code=second)
    third.press("Go on")
    expect(third.page.get_by_role("alert")).to_contain_text("That code isn't right")


def test_it_all_works_without_javascript(bea, another, notebook):
    visitor = another(java_script_enabled=False)
    visitor.log_in(bea.email)
    phone = sets_up_a_phone(visitor)
    visitor.reads("Your authenticator app works")
    visitor.follow("I have kept them")
    browser = another(java_script_enabled=False)
    browser.log_in(bea.email)
    browser.fill(Code=phone.code(1))
    browser.press("Go on")
    browser.is_at("/dashboard")


def test_what_a_password_alone_opened_asks_for_the_phone_before_it_is_removed(bea, notebook):
    phone = sets_up_a_phone(bea)
    bea.go("/account/factors")
    bea.page.get_by_role("link", name="Rename").click()
    bea.sees("Confirm it's you")
    bea.fill(Password=PASSWORD)
    bea.press("Go on")
    bea.sees("Second step")
    look(bea.page, "challenge-step-up")
    bea.fill(Code=phone.code(1))
    bea.press("Go on")
    bea.sees("Rename your authenticator app")


def test_who_takes_too_long_begins_again_and_goes_round_in_no_circle(bea, another, notebook):
    sets_up_a_phone(bea)
    browser = another()
    browser.log_in(bea.email)
    browser.press("Log in as somebody else")
    browser.sees("Log in")
    browser.go("/account/login/challenge")
    browser.is_at("/account/login")
    browser.reads("This login has taken too long")
