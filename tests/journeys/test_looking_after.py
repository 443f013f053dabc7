"""Administrators find people, and do the same for several at once; on a phone, by keyboard and without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from journeys.notebook import ADMIN, PASSWORD, someone
from rig.browser import PHONE, look

pytestmark = pytest.mark.shots


@pytest.fixture
def crowd(another):
    """Three people with one surname, each logged in somewhere."""
    surname = someone("crowd").partition("@")[0]
    people = []
    for name in ("Ulla", "Vera", "Wim"):
        visitor = another()
        visitor.email = someone(name.lower())
        visitor.already_has_an_account(visitor.email, f"{name} {surname}")
        people.append(visitor)
    return surname, people


def test_several_are_selected_confirmed_and_reported(ada, crowd):
    surname, (ulla, _vera, wim) = crowd
    ada.go("/account/admin/users")
    ada.page.get_by_role("searchbox").fill(surname)
    ada.press("Search")
    ada.reads("Found: 3")
    for name in ("Ulla", "Vera"):
        ada.page.get_by_role("checkbox", name=f"Select {name} {surname}").check()
    ada.page.get_by_label("Action").select_option(label="Log out everywhere")
    look(ada.page, "admin-users-selected")
    ada.press("Go on")
    ada.sees("Log out everywhere")
    look(ada.page, "admin-bulk")
    ada.press("Log them out")
    ada.reads("Done: 2 of 2.")
    for visitor, path in ((ulla, "/account/login?next=%2Fdashboard"), (wim, "/dashboard")):
        visitor.go("/dashboard")
        visitor.is_at(path)


def test_what_is_refused_says_why(ada, crowd):
    surname, (_ulla, _vera, _wim) = crowd
    ada.go("/account/admin/users?sort=name&query=" + surname)
    ada.page.get_by_role("checkbox", name="Select Ulla").check()
    ada.page.get_by_label("Action").select_option(label="Disable accounts")
    ada.press("Go on")
    ada.press("Disable them")
    ada.reads("Done: 1 of 1.")
    ada.go("/account/admin/users?query=" + surname)
    for name in ("Ulla", "Vera"):
        ada.page.get_by_role("checkbox", name=f"Select {name}").check()
    ada.page.get_by_label("Action").select_option(label="Send a link to a new password")
    ada.press("Go on")
    ada.press("Send the links")
    ada.reads("Done: 1 of 2.")
    ada.reads("Nobody can log in to this account as it is")
    look(ada.page, "admin-bulk-done")


def test_on_a_phone_by_keyboard_without_javascript(ada, another, crowd):
    surname, (ulla, _vera, _wim) = crowd
    phone = another(**PHONE, java_script_enabled=False)
    phone.log_in(ADMIN)
    phone.go("/account/admin/users?query=" + surname)
    box = phone.page.get_by_role("checkbox", name="Select Ulla")
    box.focus()
    phone.page.keyboard.press("Space")
    expect(box).to_be_checked()
    phone.page.get_by_label("Action").select_option(label="Disable accounts")
    go_on = phone.page.get_by_role("button", name="Go on")
    go_on.focus()
    phone.page.keyboard.press("Enter")
    phone.sees("Disable accounts")
    phone.page.get_by_role("button", name="Disable them").focus()
    phone.page.keyboard.press("Enter")
    phone.reads("Done: 1 of 1.")
    ulla.go("/dashboard")
    ulla.is_at("/account/login?next=%2Fdashboard")


def test_filters_and_orders(ada, crowd):
    surname, (_ulla, _vera, _wim) = crowd
    ada.go("/account/admin/users")
    ada.page.get_by_role("searchbox").fill(surname)
    ada.page.get_by_text("Filter and sort").click()
    ada.page.get_by_label("Sort by").select_option(label="Name")
    ada.page.get_by_label("State").select_option(label="Active")
    ada.press("Search")
    links = ada.page.locator("tbody a")
    expect(links).to_have_text([f"{name} {surname}" for name in ("Ulla", "Vera", "Wim")])
    look(ada.page, "admin-users-filtered")
    ada.page.get_by_label("State").select_option(label="Disabled")
    ada.press("Search")
    ada.reads("Nobody found")


def test_the_page_of_a_user_sends_a_link_and_logs_out(ada, another, crowd):
    surname, (ulla, _vera, _wim) = crowd
    ada.go("/account/admin/users?query=" + surname)
    ada.follow(f"Ulla {surname}")
    look(ada.page, "admin-user-with-history")
    ada.page.get_by_text("Send a link to a new password", exact=True).click()
    ada.press("Yes, send it")
    ada.reads("is on its way to")
    reader = another()
    reader.open_mail(ulla.email, "Choose a new password")
    reader.open_link_of_mail()
    reader.fill(New_password=PASSWORD + " again")
    reader.press("Change password")
    reader.log_in(ulla.email, PASSWORD + " again")
    reader.is_at("/dashboard")
    ada.go("/account/admin/users?query=" + surname)
    ada.follow(f"Ulla {surname}")
    ada.page.locator("summary").filter(has_text="Log out everywhere").click()
    ada.press("Yes, log out")
    ada.reads("is logged out everywhere")
    reader.go("/dashboard")
    reader.is_at("/account/login?next=%2Fdashboard")
