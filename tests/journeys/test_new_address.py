"""Another e-mail address: asked for, confirmed by its mail, opened by the wrong people, and taken back by the owner."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from journeys.notebook import PASSWORD, someone
from rig.browser import look

NEW = "eleven herons before breakfast"
pytestmark = pytest.mark.shots


def ask(visitor, email):
    visitor.go("/account/emails")
    visitor.follow("Change it")
    visitor.fill(**{"New e-mail address": email})
    visitor.press("Send the mail")
    visitor.sees("Look at your mail")


def test_the_link_opened_where_one_is_logged_in_changes_the_address(bea, another):
    wanted = someone("bea.new")
    bea.go("/account/emails")
    look(bea.page, "emails")
    bea.follow("Change it")
    look(bea.page, "emails-change")
    bea.fill(**{"New e-mail address": "nowhere"})
    bea.press("Send the mail")
    expect(bea.page.get_by_role("alert")).to_contain_text("has an @ in it")
    look(bea.page, "emails-change-faults")
    bea.fill(**{"New e-mail address": wanted})
    bea.press("Send the mail")
    bea.sees("Look at your mail")
    look(bea.page, "emails-code")
    bea.go("/account/emails")
    look(bea.page, "emails-pending")
    bea.press("Leave it as it is")
    bea.reads("Your address stays as it is")
    ask(bea, wanted)
    bea.go("/account/")
    bea.reads(f"{wanted} waits to be confirmed")
    bea.open_mail(bea.email, "Another address")
    look(bea.page, "mail-email-requested")
    bea.open_mail(wanted, "Confirm your new address")
    look(bea.page, "mail-email-confirm")
    bea.open_link_of_mail()
    bea.sees("Change your address?")
    look(bea.page, "emails-confirm")
    bea.press("Change my address")
    bea.is_at("/account/emails")
    bea.reads("is yours now")
    look(bea.page, "emails-changed")
    browser = another()
    browser.log_in(wanted)
    browser.is_at("/dashboard")


def test_the_code_can_be_typed_where_one_asked_even_without_javascript(notebook, another):
    bea, wanted, phone = another(java_script_enabled=False), someone("bea.new"), another()
    bea.already_has_an_account(someone(), "Bea")
    ask(bea, wanted)
    phone.open_mail(wanted, "Confirm your new address")
    code = re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", phone.page.locator("pre").inner_text())[0]
    bea.fill(Code_from_the_mail="AAAA AAAA")
    bea.press("Change my address")
    expect(bea.page.get_by_role("alert")).to_contain_text("This code isn't right")
    bea.fill(Code_from_the_mail=code.lower())
    bea.press("Change my address")
    bea.is_at("/account/emails")
    bea.reads(wanted)


def test_whoever_else_opens_the_link_is_told_whose_it_is(bea, another):
    wanted = someone("bea.new")
    ask(bea, wanted)
    stranger, other = another(), another()
    stranger.open_mail(wanted, "Confirm your new address")
    stranger.open_link_of_mail()
    stranger.sees("Log in to confirm your new address")
    look(stranger.page, "emails-confirm-stranger")
    other.already_has_an_account(someone("carl"), "Carl")
    other.open_mail(wanted, "Confirm your new address")
    other.open_link_of_mail()
    other.sees("Another account has asked for this")
    look(other.page, "emails-confirm-other")
    stranger.page.locator("main").get_by_role("link", name="Log in", exact=True).click()
    stranger.log_in(bea.email)
    stranger.sees("Change your address?")
    stranger.press("Change my address")
    stranger.is_at("/account/emails")


def test_the_owner_takes_account_and_address_back(bea, another):
    wanted, thief = someone("thief"), another()
    thief.log_in(bea.email)
    thief.is_at("/dashboard")
    ask(thief, wanted)
    thief.open_mail(wanted, "Confirm your new address")
    thief.open_link_of_mail()
    thief.press("Change my address")
    thief.is_at("/account/emails")
    browser = another()
    browser.open_mail(bea.email, "was changed")
    look(browser.page, "mail-email-changed")
    browser.open_link_of_mail()
    browser.reads("The e-mail address was changed")
    browser.press("Freeze my account")
    browser.sees("Your account is frozen")
    look(browser.page, "restore-address")
    browser.fill(Former_password=PASSWORD, New_password=NEW)
    browser.press("Open my account again")
    browser.is_at("/account/login")
    browser.log_in(bea.email, NEW)
    browser.is_at("/dashboard")
    thief.go("/dashboard")
    thief.is_at("/account/login?next=%2Fdashboard")
