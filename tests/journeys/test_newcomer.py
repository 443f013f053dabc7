"""From nothing to a post that is written, mended and taken back."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from journeys.notebook import PASSWORD, someone


def test_somebody_registers_writes_mends_leaves_and_comes_back(stranger, another):
    email = someone()
    stranger.go("/")
    stranger.follow("Register")
    stranger.register(email, "Bea")
    stranger.is_at("/dashboard")
    stranger.sees("Hello, Bea")

    path = stranger.write("A walk", "Eleven herons.")
    stranger.reads("Your post is published.")
    stranger.follow("Edit")
    stranger.fill(Text="Twelve herons.")
    stranger.press("Save")
    stranger.is_at(path)
    stranger.reads("Twelve herons.")

    stranger.log_out()
    stranger.is_at("/")
    stranger.reads("A walk")
    stranger.log_in(email, remember=True)
    stranger.is_at("/dashboard")

    elsewhere = another()
    elsewhere.log_in(email)
    elsewhere.is_at("/dashboard")
    stranger.go("/account/sessions")
    expect(stranger.page.get_by_role("main").get_by_role("heading", level=2, name="Chrome on Linux")).to_have_count(2)
    stranger.end_the_other_session()
    stranger.reads("That device is logged out.")
    elsewhere.follow("Write")
    elsewhere.sees("Log in")


def test_a_username_does_as_well_as_the_address(stranger, another):
    name = someone().partition("@")[0]
    stranger.already_has_an_account(someone(), username=name)
    elsewhere = another()
    elsewhere.log_in(name)
    elsewhere.sees(f"Hello, {name}")


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_typed_twice(stranger):
    stranger.register("bea", "Bea", password="short")
    stranger.is_at("/account/register")
    summary = stranger.page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("link")).to_have_count(2)
    expect(stranger.page.get_by_label("E-mail address")).to_have_value("bea")
    expect(stranger.page.get_by_role("textbox", name="Name (optional)", exact=True)).to_have_value("Bea")
    expect(stranger.page.get_by_label("Password", exact=True)).to_have_value("")
    summary.get_by_role("link").first.click()
    expect(stranger.page.get_by_label("E-mail address")).to_be_focused()


def test_an_address_that_is_taken_says_so(bea, another):
    second = another()
    second.register(bea.email)
    second.is_at("/account/register")
    expect(second.page.get_by_role("alert")).to_contain_text("address")


def test_a_passphrase_at_a_click_is_taken_as_password(stranger):
    stranger.go("/account/register")
    stranger.page.get_by_label("E-mail address").fill(someone())
    stranger.press("Suggest a passphrase")
    expect(stranger.page.get_by_label("Password", exact=True)).to_have_value(re.compile(r".{15,}"))
    stranger.press("Register")
    stranger.is_at("/dashboard")


def test_a_form_of_ones_own_keeps_what_was_typed_and_says_what_is_missing(bea):
    bea.go("/posts/new")
    bea.fill(Text="Without a title.")
    bea.press("Publish")
    expect(bea.page.get_by_label("Title")).to_be_focused()
    expect(bea.page.get_by_label("Title")).to_have_attribute("aria-invalid", "true")
    expect(bea.page.get_by_label("Text")).to_have_value("Without a title.")


def test_a_post_is_deleted_only_after_a_question(bea):
    path = bea.write("Not for long")
    bea.follow("Delete")
    bea.sees("Delete your post")
    bea.follow("Keep it")
    bea.is_at(path)
    bea.follow("Delete")
    bea.press("Delete it")
    bea.reads("Your post is deleted.")
    bea.go(path)
    bea.sees("There is no such page")


def test_whoever_is_logged_in_already_is_sent_on(bea):
    for path in ("/account/login", "/account/register"):
        bea.go(path)
        bea.is_at("/dashboard")


def test_the_password_is_shown_while_the_eye_is_pressed(stranger):
    stranger.go("/account/login")
    stranger.fill(Password=PASSWORD)
    field = stranger.page.get_by_label("Password", exact=True)
    eye = stranger.page.get_by_role("button", name="Show password")
    eye.click()
    expect(field).to_have_attribute("type", "text")
    expect(eye).to_have_attribute("aria-pressed", "true")
    eye.click()
    expect(field).to_have_attribute("type", "password")
