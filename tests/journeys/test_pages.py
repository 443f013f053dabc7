"""Every page of Notebook and of its accounts: nothing for axe-core to mend, in light and dark, and pictures of it."""

from __future__ import annotations

import pytest

from journeys.notebook import ADMIN, PASSWORD, someone
from rig.browser import look

FOR_ANYBODY = {
    "front": "/",
    "missing": "/posts/4711",
    "login": "/account/login",
    "register": "/account/register",
    "forgot-password": "/account/password/forgot",
    "reset-by-code": "/account/password/reset",
    "forgot-username": "/account/username/forgot",
}
FOR_BEA = {
    "dashboard": "/dashboard",
    "write": "/posts/new",
    "overview": "/account/",
    "profile": "/account/profile",
    "password": "/account/password",
    "sessions": "/account/sessions",
    "history": "/account/history",
    "reauthenticate": "/account/reauthenticate",
    "logout": "/account/logout",
    "forbidden": "/admin/users",
}
FOR_ADMINS = {"people": "/admin/users", "admin-users": "/account/admin/users", "activity": "/account/admin/activity"}
pytestmark = pytest.mark.shots


@pytest.mark.parametrize("name", FOR_ANYBODY)
def test_pages_for_anybody(stranger, name):
    stranger.go(FOR_ANYBODY[name])
    look(stranger.page, name)


@pytest.mark.parametrize("name", FOR_BEA)
def test_pages_for_people_with_an_account(bea, name):
    bea.go(FOR_BEA[name])
    look(bea.page, name)


@pytest.mark.parametrize("name", FOR_ADMINS)
def test_pages_for_administrators(ada, name):
    ada.go(FOR_ADMINS[name])
    look(ada.page, name)


def test_the_pages_of_a_post(bea):
    path = bea.write("A walk before breakfast", "The river was low this morning.\n\nI counted eleven herons.")
    look(bea.page, "post-published")
    for name, page in {"post": path, "edit": f"{path}/edit", "delete": f"{path}/delete"}.items():
        bea.go(page)
        look(bea.page, name)
    bea.go("/dashboard")
    look(bea.page, "dashboard-with-posts")


def test_two_sessions(bea, another):
    elsewhere = another(user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1")
    elsewhere.log_in(bea.email)
    elsewhere.is_at("/dashboard")
    bea.go("/account/sessions")
    look(bea.page, "sessions-two")


def test_activity_of_some_days(ada, notebook, another):
    stranger = another()
    for password in ("not the right one",) * 3:
        stranger.log_in(ADMIN, password)
        stranger.reads("don't match")
    notebook.has_a_past()
    ada.go("/account/admin/activity")
    ada.page.get_by_text("Filter", exact=True).click()
    look(ada.page, "activity-of-some-days")


def test_one_user_as_administrators_see_them(ada, another):
    somebody = another()
    somebody.already_has_an_account(email := someone("frida"), "Frida")
    ada.go("/admin/users")
    ada.page.get_by_role("listitem").filter(has_text=email).get_by_role("link").click()
    ada.page.get_by_text("Disable this account").click()
    look(ada.page, "admin-user")


def test_forms_that_were_refused(stranger, bea, another):
    somebody = another()
    somebody.register("frida", password="short")
    look(somebody.page, "register-faults")
    somebody.log_in(ADMIN, "not the right password")
    look(somebody.page, "login-faults")
    bea.go("/posts/new")
    bea.press("Publish")
    look(bea.page, "write-faults")
    bea.go("/account/password")
    bea.fill(Current_password=PASSWORD, New_password=bea.email)
    bea.press("Change password")
    look(bea.page, "password-faults")
