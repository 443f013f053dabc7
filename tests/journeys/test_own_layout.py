"""The account pages in Housekey's own layout, as an app of ten lines has them."""

from __future__ import annotations

import secrets

import pytest
from flask import Flask
from playwright.sync_api import expect

from housekey import Housekey
from journeys.notebook import Visitor, someone
from rig.browser import PHONE, axe, fits, look

PAGES = ["", "profile", "password", "sessions", "reauthenticate", "logout"]


def create_app(folder: str) -> Flask:
    app = Flask("Plain", instance_path=folder)
    app.secret_key = secrets.token_hex(32)
    app.config["HOUSEKEY_REGISTRATION_ALLOW_TEST_ADDRESSES"] = True
    app.config["HOUSEKEY_REGISTRATION_VERIFICATION"] = "off"
    Housekey(app)
    return app


@pytest.fixture(scope="module")
def plain(module_server, tmp_path_factory) -> str:
    return module_server(create_app, folder=str(tmp_path_factory.mktemp("plain"))).url


@pytest.fixture
def cleo(plain, page) -> Visitor:
    """Logged in, with an account just made."""
    visitor = Visitor(page, plain)
    visitor.already_has_an_account(someone("cleo"), "Cleo")
    return visitor


@pytest.mark.shots
def test_axe_finds_nothing_in_light_or_dark(plain, cleo, new_page):
    visitor = Visitor(new_page(), plain)
    for who, path in [(visitor, "login"), (visitor, "register"), *((cleo, path) for path in PAGES)]:
        who.go(f"/account/{path}")
        look(who.page, path or "overview", "own-layout")


@pytest.mark.parametrize("options", [{}, PHONE], ids=["wide", "phone"])
def test_the_menu_opens_leads_on_and_logs_out(plain, new_page, options):
    cleo = Visitor(new_page(**options), plain)
    cleo.already_has_an_account(someone("cleo"), "Cleo")
    cleo.go("/account/")
    menu = cleo.page.get_by_role("navigation", name="Your account")
    expect(menu).to_be_hidden()
    cleo.press("Cleo")
    axe(cleo.page)
    fits(cleo.page)
    menu.get_by_role("link", name="Password").click()
    cleo.sees("Choose a new password")
    cleo.press("Cleo")
    menu.get_by_role("button", name="Log out").click()
    cleo.go("/account/")
    cleo.sees("Log in")


def test_the_menu_works_by_keyboard_and_without_javascript(plain, new_page):
    cleo = Visitor(new_page(java_script_enabled=False), plain)
    cleo.already_has_an_account(someone("cleo"), "Cleo")
    cleo.go("/account/")
    cleo.page.get_by_role("button", name="Cleo").focus()
    cleo.page.keyboard.press("Enter")
    menu = cleo.page.get_by_role("navigation", name="Your account")
    expect(menu).to_be_visible()
    cleo.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
