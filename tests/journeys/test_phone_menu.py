"""The account menu on a phone, in a host's layout: a line that scrolls, and begins at the page that is shown."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from rig.browser import PHONE

SEEN_OF_CURRENT = """nav => {
    const here = nav.querySelector("[aria-current]").getBoundingClientRect()
    const line = nav.querySelector("[aria-current]").closest("ul").getBoundingClientRect()
    return Math.min(here.right, line.right) - Math.max(here.left, line.left) >= here.width - 1
}"""

FADE = """nav => {
    const line = nav.querySelector("ul"), last = line.lastElementChild.firstElementChild
    line.scrollLeft = (document.dir === "rtl" ? -1 : 1) * 10000
    const [all, own] = [line, last].map(box => box.getBoundingClientRect())
    const free = document.dir === "rtl" ? own.left - all.left : all.right - own.right
    return [getComputedStyle(line).maskImage.match(/-?\\d+deg/)?.[0], free > 46]
}"""


def shows_where_one_is(page: Page) -> bool:
    return page.get_by_role("navigation", name="Account pages").evaluate(SEEN_OF_CURRENT)


@pytest.mark.parametrize("path", ["sessions", "history", "admin/invitations"])
def test_it_begins_at_the_page_that_is_shown_without_javascript(ada, another, path):
    phone = another(**PHONE, java_script_enabled=False)
    phone.page.context.add_cookies(ada.page.context.cookies())
    phone.go(f"/account/{path}")
    assert shows_where_one_is(phone.page)


def test_browsers_that_know_no_style_for_it_do_so_by_script(ada, another):
    phone = another(**PHONE)
    phone.page.context.add_cookies(ada.page.context.cookies())
    phone.page.route("**/housekey.css*", without_initial_target)
    phone.go("/account/sessions")
    assert shows_where_one_is(phone.page)


def without_initial_target(route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace("scroll-initial-target", "unknown-to-this-browser"))


@pytest.mark.parametrize(("direction", "way"), [("ltr", "90deg"), ("rtl", "-90deg")])
def test_it_fades_where_it_goes_on_and_its_end_can_be_read(ada, another, direction, way):
    """Cut off between two words it looked complete, and five of eight pages were hidden."""
    phone = another(**PHONE)
    phone.page.context.add_cookies(ada.page.context.cookies())
    phone.go("/account/")
    phone.page.evaluate("dir => document.dir = dir", direction)
    line = phone.page.get_by_role("navigation", name="Account pages")
    assert line.evaluate(FADE) == [way, True], "as wide as what fades"
