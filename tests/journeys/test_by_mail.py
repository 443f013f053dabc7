"""Logging in by mail: by its link, by its code from a phone, and by a link that was opened elsewhere."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from journeys.notebook import Notebook, someone
from rig.browser import axe, shots

pytestmark = pytest.mark.shots


def code_on(phone) -> str:
    return re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", phone.page.locator("pre").inner_text())[0]


def ask(browser, email):
    browser.go("/account/login?next=%2Fdashboard")
    browser.follow("Mail me a link")
    browser.fill(**{"E-mail address": email})
    browser.press("Send the mail")
    browser.sees("Look at your mail")


def look(page, name):
    axe(page)
    shots(page, f"pages/{name}")


def test_the_link_of_the_mail_logs_in_where_one_asked(bea, another):
    browser = another()
    browser.go("/account/login")
    look(browser.page, "login-with-mail")
    browser.go("/account/login/mail")
    look(browser.page, "mail-login")
    ask(browser, bea.email)
    look(browser.page, "mail-login-code")
    browser.open_mail(bea.email, "Log in")
    shots(browser.page, "pages/mail-mail-login")
    browser.open_link_of_mail()
    browser.is_at("/account/login/mail/confirm")
    look(browser.page, "mail-login-link")
    browser.press("Log in")
    browser.is_at("/dashboard")


def test_the_code_is_typed_where_one_asked_even_without_javascript(bea, another):
    browser, phone = another(java_script_enabled=False), another()
    ask(browser, bea.email)
    phone.open_mail(bea.email, "Log in")
    code = code_on(phone)
    browser.fill(Code_from_the_mail="AAAA AAAA")
    browser.press("Log in")
    expect(browser.page.get_by_role("alert")).to_contain_text("This code isn't right")
    phone.open_link_of_mail()
    phone.sees("Go back to where you asked")
    look(phone.page, "mail-login-elsewhere")
    browser.fill(Code_from_the_mail=code.lower())
    browser.press("Log in")
    browser.is_at("/dashboard")
    phone.go("/dashboard")
    phone.is_at("/account/login?next=%2Fdashboard")


def test_while_passwords_are_tried_everywhere_a_new_browser_is_asked_for_a_code(live_server, tmp_path, new_page):
    notebook = Notebook(live_server, tmp_path / "notebook", FLASK_HOUSEKEY_STUFFING_REFUSALS_PER_MINUTE="1")
    bea, browser, phone = (notebook.visit(new_page()) for _ in range(3))
    bea.email = someone()
    bea.already_has_an_account(bea.email, "Bea")
    browser.go("/account/login")
    browser.log_in(bea.email, "not the right one")
    browser.log_in(bea.email)
    browser.is_at("/account/login/code")
    browser.sees("Look at your mail")
    look(browser.page, "stuffing-code")
    phone.open_mail(bea.email, "Your code to log in")
    shots(phone.page, "pages/mail-stuffing-code")
    browser.fill(Code_from_the_mail=code_on(phone))
    browser.press("Log in")
    browser.is_at("/dashboard")
    bea.go("/dashboard")
    bea.log_out()
    bea.log_in(bea.email)
    bea.is_at("/dashboard")


def test_who_has_no_password_confirms_by_a_mailed_code(bea, another, notebook):
    owner, phone = another(), another()
    ask(owner, bea.email)
    owner.open_mail(bea.email, "Log in")
    owner.open_link_of_mail()
    owner.press("Log in")
    owner.is_at("/dashboard")
    notebook.time_passes(3600)
    owner.go("/account/reauthenticate?next=%2Faccount%2Fsessions")
    owner.sees("Confirm it's you")
    look(owner.page, "reauthenticate-by-mail")
    owner.press("Send the mail")
    owner.sees("Look at your mail")
    look(owner.page, "reauthenticate-code")
    phone.open_mail(bea.email, "Confirm that it's you")
    shots(phone.page, "pages/mail-confirm")
    owner.fill(Code_from_the_mail=code_on(phone))
    owner.press("Go on")
    owner.is_at("/account/sessions")
