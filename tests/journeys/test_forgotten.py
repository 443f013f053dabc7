"""A password that was forgotten: by the link of a mail, by its code on another device, and by a link that is dead."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from rig.browser import axe, shots

NEW = "eleven herons before breakfast"
pytestmark = pytest.mark.shots


def test_the_link_of_the_mail_leads_to_a_new_password(bea, another):
    browser = another()
    browser.go("/account/login")
    browser.follow("Choose a new one")
    browser.fill(**{"E-mail address": bea.email})
    browser.press("Send the mail")
    browser.sees("Look at your mail")
    browser.open_mail(bea.email, "Choose a new password")
    shots(browser.page, "pages/mail-reset")
    browser.open_link_of_mail()
    browser.sees("Choose a new password")
    browser.is_at("/account/password/reset")
    axe(browser.page)
    shots(browser.page, "pages/reset-by-link")
    browser.fill(New_password=NEW)
    browser.press("Change password")
    browser.is_at("/account/login")
    browser.log_in(bea.email, NEW)
    browser.is_at("/dashboard")
    bea.go("/dashboard")
    bea.is_at("/account/login?next=%2Fdashboard")


def test_the_code_can_be_typed_where_one_asked_even_without_javascript(bea, another):
    browser, phone = another(java_script_enabled=False), another()
    browser.go("/account/password/forgot")
    browser.fill(**{"E-mail address": bea.email})
    browser.press("Send the mail")
    phone.open_mail(bea.email, "Choose a new password")
    code = re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", phone.page.locator("pre").inner_text())[0]
    browser.fill(Code_from_the_mail="AAAA AAAA", New_password=NEW)
    browser.press("Change password")
    expect(browser.page.get_by_role("alert")).to_contain_text("This code isn't right")
    browser.fill(Code_from_the_mail=code.lower(), New_password=NEW)
    browser.press("Change password")
    browser.is_at("/account/login")
    browser.log_in(bea.email, NEW)
    browser.is_at("/dashboard")


def test_a_link_that_was_used_says_so_and_shows_the_way(bea, another):
    browser = another()
    browser.go("/account/password/forgot")
    browser.fill(**{"E-mail address": bea.email})
    browser.press("Send the mail")
    browser.open_mail(bea.email, "Choose a new password")
    link = browser.page.locator("pre a").first.get_attribute("href")
    for _ in range(2):
        browser.page.goto(link)
        if browser.page.get_by_label("New password").count():
            browser.fill(New_password=NEW)
            browser.press("Change password")
            browser.is_at("/account/login")
    browser.reads("Ask for a new one")
    shots(browser.page, "pages/dead-link")
