"""Who may do what: one's own posts, and the pages of administrators."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from journeys.notebook import someone

ADMIN_PAGES = ["/admin/users", "/account/admin/users"]


@pytest.fixture
def carl(another):
    """Logged in; not bea, and no administrator."""
    visitor = another()
    visitor.email = someone("carl")
    visitor.already_has_an_account(visitor.email, "Carl")
    return visitor


def test_everybody_reads_a_post_and_only_its_owner_changes_it(bea, carl, stranger):
    path = bea.write("Bea's own")
    carl.go(path)
    carl.sees("Bea's own")
    expect(carl.page.get_by_role("link", name="Edit")).to_have_count(0)
    for url in (f"{path}/edit", f"{path}/delete"):
        assert [carl.status_of(url), carl.status_of(url, "POST")] == [403, 403]
        carl.go(url)
        carl.sees("This isn't open to you")
    bea.go(path)
    bea.sees("Bea's own")


def test_a_visitor_is_asked_to_log_in_before_a_post_of_anybodys(bea, another):
    path = bea.write("Bea's own")
    visitor = another()
    visitor.go(f"{path}/edit")
    visitor.sees("Log in")
    assert visitor.status_of(f"{path}/delete", "POST") in (302, 303, 403)


@pytest.mark.parametrize("path", ADMIN_PAGES)
def test_the_pages_of_administrators_are_open_to_them_alone(path, ada, carl, another):
    ada.go(path)
    expect(ada.page.get_by_text(carl.email)).to_be_visible()
    carl.go("/dashboard")
    expect(carl.page.get_by_role("link", name="People")).to_have_count(0)
    assert carl.status_of(path) == 403
    carl.go(path)
    carl.sees("This isn't open to you")
    visitor = another()
    visitor.go(path)
    visitor.sees("Log in")


def test_an_administrator_finds_somebody_and_shuts_them_out_at_once(ada, carl):
    carl.go("/dashboard")
    ada.go("/account/admin/users")
    ada.page.get_by_role("searchbox").fill(carl.email)
    ada.press("Search")
    ada.follow("Carl")
    ada.sees("Carl")
    ada.page.get_by_text("Disable this account").click()
    ada.press("Yes, disable")
    ada.reads("Disabled")
    carl.go("/dashboard")
    carl.sees("Log in")
    carl.log_in(carl.email)
    expect(carl.page.get_by_role("alert")).to_contain_text("don't match")


def test_a_role_given_counts_at_the_next_click_and_so_does_one_taken(ada, carl):
    ada.go("/admin/users")
    ada.page.get_by_role("listitem").filter(has_text=carl.email).get_by_role("link").click()
    for path, sees in (("checked", "People"), ("unchecked", "This isn't open to you")):
        ada.page.get_by_label("admin", exact=True).set_checked(path == "checked")
        ada.press("Save roles")
        ada.reads("saved")
        carl.go("/admin/users")
        carl.sees(sees)
