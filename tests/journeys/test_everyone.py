"""The same journeys without a mouse, without scripts, on a small screen and in the dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from journeys.notebook import PASSWORD, someone
from rig.browser import PHONE, fits


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has the focus bears this name; it must be seen to have it."""
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.locator("*:focus")
        if named(page) == name:
            assert focused.evaluate("it => getComputedStyle(it).outlineStyle") != "none", f"{name}: no visible focus"
            return
    raise AssertionError(f"Tab never reaches {name!r}")


def named(page: Page) -> str:
    """The name of what has the focus, as a screen reader says it, roughly."""
    return page.evaluate(
        """() => {
            const it = document.activeElement;
            const label = it.labels?.[0]?.childNodes[0]?.textContent;
            return (it.getAttribute("aria-label") ?? label ?? it.textContent ?? "").trim();
        }"""
    )


def test_register_write_and_log_out_by_keyboard_alone(stranger):
    page, keys = stranger.page, stranger.page.keyboard
    stranger.go("/")
    keys.press("Tab")
    assert named(page) == "Skip to the content"
    tab_to(page, "Register")
    keys.press("Enter")
    stranger.sees("Register")
    tab_to(page, "E-mail address")
    keys.type(someone("dora"))
    tab_to(page, "Name")
    keys.type("Dora")
    tab_to(page, "Password")
    keys.type(PASSWORD)
    keys.press("Enter")
    stranger.sees("Hello, Dora")

    tab_to(page, "Write")
    keys.press("Enter")
    stranger.sees("Write")
    expect(page.get_by_label("Title")).to_be_focused()
    keys.type("By keyboard")
    tab_to(page, "Text")
    keys.type("One line.")
    tab_to(page, "Publish")
    keys.press("Space")
    stranger.sees("By keyboard")

    tab_to(page, "Log out")
    keys.press("Enter")
    stranger.is_at("/")


def test_log_in_by_keyboard_alone(bea, another):
    browser = another()
    page, keys = browser.page, browser.page.keyboard
    browser.go("/account/login")
    expect(page.get_by_label("E-mail address or username")).to_be_focused()
    keys.type(bea.email)
    tab_to(page, "Password")
    keys.type(PASSWORD)
    tab_to(page, "Keep me logged in")
    keys.press("Space")
    expect(page.get_by_label("Keep me logged in")).to_be_checked()
    tab_to(page, "Log in")
    keys.press("Enter")
    browser.sees("Hello, Bea")


@pytest.mark.asvs("3.7.5")
def test_everything_works_without_javascript(another):
    visitor, email = another(java_script_enabled=False), someone("emil")
    visitor.register(email, "Emil", password="short")
    expect(visitor.page.get_by_role("alert")).to_contain_text("characters")
    visitor.fill(Password=PASSWORD)
    visitor.press("Register")
    visitor.sees("Hello, Emil")

    visitor.write("Without a script")
    visitor.follow("Edit")
    visitor.fill(Text="Still none.")
    visitor.press("Save")
    visitor.reads("Still none.")
    visitor.follow("Delete")
    visitor.press("Delete it")

    elsewhere = another(java_script_enabled=False)
    elsewhere.log_in(email, "not the right password")
    expect(elsewhere.page.get_by_role("alert")).to_contain_text("don't match")
    elsewhere.log_in(email, remember=True)
    elsewhere.sees("Hello, Emil")
    visitor.go("/account/sessions")
    visitor.end_the_other_session()
    visitor.reads("That device is logged out.")
    elsewhere.go("/dashboard")
    elsewhere.sees("Log in")
    visitor.log_out()
    visitor.is_at("/")


def test_a_phone_of_360_pixels_never_scrolls_sideways(another):
    phone, long_name = another(**PHONE), "Wilhelmina-Alexandrina von und zu Hohenlohe-Ingelfingen"
    phone.register(someone("wilhelmina.alexandrina.hohenlohe.ingelfingen"), long_name)
    phone.sees(f"Hello, {long_name}")
    fits(phone.page)
    for title in ("A title that goes on for quite a while, and then some", "Donaudampfschifffahrtsgesellschaft" * 3):
        phone.write(title, f"{title} " * 4)
        fits(phone.page)
    for path in ("/", "/dashboard", "/account/", "/account/profile", "/account/sessions", "/account/logout"):
        phone.go(path)
        fits(phone.page)


def test_targets_on_a_phone_are_large_enough_for_a_finger(another):
    phone = another(**PHONE)
    for path in ("/", "/account/login", "/account/register"):
        phone.go(path)
        small = phone.page.evaluate(
            """() => [...document.querySelectorAll("button, header a, input:not([type=hidden], [type=checkbox])")]
                .filter(it => it.checkVisibility() && it.getBoundingClientRect().top >= 0)
                .filter(it => it.getBoundingClientRect().height < 44).map(it => it.outerHTML)"""
        )
        assert small == []


def test_the_dark_is_dark_on_our_pages_and_on_the_hosts(another):
    night = another(color_scheme="dark")
    for path in ("/", "/account/login"):
        night.go(path)
        red, green, blue = night.page.evaluate(
            "getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).slice(0, 3).map(Number)"
        )
        assert max(red, green, blue) < 60
