"""From “Your data” to the last mail, and back again."""

from __future__ import annotations

import json

import pytest

from rig.browser import look

pytestmark = pytest.mark.shots


def test_somebody_takes_the_data_along_closes_the_account_and_keeps_it_at_the_next_login(bea, another):
    bea.write("Herons")
    bea.go("/account/data")
    look(bea.page, "data")
    with bea.page.expect_download() as download:
        bea.follow("Download your data")
    with open(download.value.path()) as file:
        assert [post["title"] for post in json.load(file)["site"]["posts"]] == ["Herons"]
    bea.follow("Close your account")
    bea.sees("Close your account")
    look(bea.page, "close")
    bea.press("Close my account")
    bea.is_at("/account/closing")
    bea.sees("Your account is being closed")
    look(bea.page, "closing")
    bea.go("/account/")
    bea.reads("Your account needs your attention")
    look(bea.page, "overview-closing")
    bea.go("/account/data")
    look(bea.page, "data-closing")
    browser = another()
    browser.open_mail(bea.email, "is being closed")
    look(browser.page, "mail-closing")
    browser.go("/account/login")
    browser.log_in(bea.email)
    browser.sees("Your account is being closed")
    browser.press("Keep my account")
    browser.reads("Your account stays")


def test_it_all_works_without_javascript(bea, another):
    browser = another(java_script_enabled=False)
    browser.log_in(bea.email)
    browser.go("/account/close")
    browser.press("Close my account")
    browser.sees("Your account is being closed")
    browser.press("Keep my account")
    browser.is_at("/account/")


def test_what_an_administrator_sees(bea, ada):
    ada.go("/account/admin/users?query=" + bea.email)
    ada.page.get_by_role("link", name="Bea").first.click()
    ada.page.get_by_text("Close this account", exact=True).click()
    look(ada.page, "admin-user-close")
    ada.press("Yes, close")
    ada.reads("is being closed, and all its sessions have ended")
    look(ada.page, "admin-user-closing")
    ada.press("Keep this account")
    ada.reads("stays.")
