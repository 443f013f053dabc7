"""What people do with their own account: sessions, password, profile."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from journeys.notebook import PASSWORD

ANOTHER_PASSWORD = "nine herons over the mill"
STALE = 16 * 60  # seconds; a session is fresh for 15 minutes


def test_whoever_is_asked_for_the_password_again_comes_back_and_ends_the_other_session(bea, another, notebook):
    elsewhere = another()
    elsewhere.log_in(bea.email)
    elsewhere.is_at("/dashboard")
    notebook.time_passes(STALE)

    bea.go("/account/sessions")
    bea.end_the_other_session()
    bea.sees("Confirm it's you")
    bea.fill(Password="not my password at all")
    bea.press("Go on")
    expect(bea.page.get_by_role("alert")).to_contain_text("isn't right")
    bea.fill(Password=PASSWORD)
    bea.press("Go on")
    bea.sees("Send it now?")
    elsewhere.go("/dashboard")
    elsewhere.sees("Hello, Bea")

    bea.press("Send it now")
    bea.reads("That device is logged out.")
    elsewhere.go("/dashboard")
    elsewhere.sees("Log in")


@pytest.mark.asvs("6.2.2", "6.2.3")
def test_changing_the_password_ends_the_other_session_and_the_old_password(bea, another):
    elsewhere = another()
    elsewhere.log_in(bea.email)
    elsewhere.is_at("/dashboard")

    bea.go("/account/password")
    bea.fill(Current_password=PASSWORD, New_password=ANOTHER_PASSWORD)
    bea.press("Change password")
    bea.reads("Your password is changed.")
    elsewhere.go("/dashboard")
    elsewhere.sees("Log in")
    bea.go("/dashboard")
    bea.sees("Hello, Bea")

    elsewhere.log_in(bea.email, PASSWORD)
    expect(elsewhere.page.get_by_role("alert")).to_contain_text("don't match")
    elsewhere.log_in(bea.email, ANOTHER_PASSWORD)
    elsewhere.is_at("/dashboard")


@pytest.mark.asvs("6.2.3")
def test_a_wrong_current_password_changes_nothing(bea):
    bea.go("/account/password")
    bea.fill(Current_password="not my password at all", New_password=ANOTHER_PASSWORD)
    bea.press("Change password")
    expect(bea.page.get_by_role("alert")).to_contain_text("current password")
    expect(bea.page.get_by_label("Current password", exact=True)).to_have_attribute("aria-invalid", "true")


def test_all_other_sessions_end_at_one_click(bea, another):
    others = [another(), another()]
    for other in others:
        other.log_in(bea.email)
        other.is_at("/dashboard")
    bea.go("/account/sessions")
    bea.press("Log out everywhere else")
    bea.reads("You are logged out everywhere else.")
    for other in others:
        other.go("/dashboard")
        other.sees("Log in")


def test_a_new_name_greets_from_now_on(bea):
    bea.go("/account/profile")
    bea.page.get_by_role("textbox", name="Name (optional)", exact=True).fill("Beatrix")
    bea.press("Save")
    bea.go("/dashboard")
    bea.sees("Hello, Beatrix")
