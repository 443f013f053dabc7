"""Logging in again: remembered or not, right or wrong, and back to where one wanted to go."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from journeys.notebook import PASSWORD, someone
from rig.browser import Pages

TRIES = 5
DAY_S = 24 * 3600


def restarted(page, new_page: Pages):
    """The same browser, closed and opened: what was only for the session is gone."""
    kept = [cookie for cookie in page.context.cookies() if cookie["expires"] > time.time()]
    return new_page(storage_state={"cookies": kept, "origins": []})


def test_whoever_wants_to_stay_logged_in_does_when_the_browser_is_opened_again(bea, another, notebook, new_page):
    for remember, arrives_at in ((True, "/dashboard"), (False, "/account/login?next=%2Fdashboard")):
        browser = another()
        browser.log_in(bea.email, remember=remember)
        browser.is_at("/dashboard")
        again = notebook.visit(restarted(browser.page, new_page))
        again.go("/dashboard")
        again.is_at(arrives_at)


def test_being_remembered_has_an_end(bea, another):
    browser = another()
    browser.log_in(bea.email, remember=True)
    browser.is_at("/dashboard")
    ends = [c["expires"] - time.time() for c in browser.page.context.cookies() if c["expires"] > time.time()]
    assert min(ends) <= 30 * DAY_S


def test_a_wrong_password_and_an_unknown_name_get_the_same_words(bea, another):
    answers = []
    for who in (bea.email, someone("nobody")):
        browser = another()
        browser.log_in(who, "not the right password")
        browser.is_at("/account/login")
        alert = browser.page.get_by_role("alert")
        expect(alert).to_contain_text("don't match")
        expect(browser.page.get_by_label("E-mail address or username")).to_have_value(who)
        expect(browser.page.get_by_label("Password", exact=True)).to_have_value("")
        answers.append(alert.inner_text())
    assert answers[0] == answers[1]


def test_a_lock_says_to_wait_even_to_the_right_password_and_leaves_the_owner_alone(bea, another):
    thief = another()
    for _ in range(TRIES):
        thief.log_in(bea.email, "a guess, and not a good one")
        expect(thief.page.get_by_role("alert")).to_contain_text("too many tries")
    thief.log_in(bea.email, PASSWORD)
    thief.is_at("/account/login")
    expect(thief.page.get_by_role("alert")).to_contain_text("wait a while")

    bea.go("/dashboard")
    bea.log_out()
    bea.is_at("/")
    bea.log_in(bea.email)
    bea.is_at("/dashboard")


def test_after_logging_in_people_are_where_they_wanted_to_go(bea, another):
    browser = another()
    browser.go("/posts/new")
    browser.sees("Log in")
    browser.log_in(bea.email, "a slip of the finger")
    expect(browser.page.get_by_role("alert")).to_be_visible()
    browser.log_in(bea.email)
    browser.is_at("/posts/new")


def test_registering_instead_leads_there_as_well(stranger):
    stranger.go("/posts/new")
    stranger.page.get_by_role("main").get_by_role("link", name="Register").click()
    stranger.page.get_by_label("E-mail address").fill(someone())
    stranger.fill(Password=PASSWORD)
    stranger.press("Register")
    stranger.is_at("/posts/new")


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"])
def test_no_link_to_the_login_page_leads_off_the_site(bea, another, elsewhere):
    browser = another()
    browser.page.goto(f"{browser.url}/account/login?next={elsewhere}")
    browser.log_in(bea.email)
    browser.is_at("/dashboard")


def test_logging_out_takes_a_click_and_the_back_button_shows_nothing(bea):
    bea.go("/account/logout")
    bea.sees("Log out")
    bea.follow("Stay logged in")
    bea.sees("Your account")
    bea.go("/dashboard")
    bea.log_out()
    bea.is_at("/")
    bea.page.go_back()
    bea.sees("Log in")
