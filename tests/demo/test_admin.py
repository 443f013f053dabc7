"""The page of people is open to the role `admin` alone."""

from __future__ import annotations

from housekey.demo.first_admin import make_admin
from housekey.testing import PASSWORD

PEOPLE = "/admin/users"


def test_an_administrator_sees_everybody_and_what_they_wrote(app, housekey_user, ann, posted):
    page = app.test_client(user=housekey_user(roles=["admin"])).get(PEOPLE)
    assert page.status_code == 200
    assert ann.email in page.text
    assert "1 post" in page.text


def test_nobody_else_does(app, ann_at_home, housekey_user):
    assert ann_at_home.get(PEOPLE).status_code == 403
    assert (
        app.test_client(user=housekey_user(roles=["editor"], permissions=["users:manage"])).get(PEOPLE).status_code
        == 403
    )
    assert app.test_client().get(PEOPLE).headers["Location"].startswith("/account/login")


def test_the_menu_offers_the_page_only_to_them(app, ann_at_home, housekey_user):
    assert PEOPLE not in ann_at_home.get("/").text
    assert PEOPLE in app.test_client(user=housekey_user(roles=["admin"])).get("/").text


def test_the_first_administrator_is_named_at_the_command_line(app, ann, ann_at_home):
    assert make_admin(app, ann.email.upper())
    assert ann_at_home.get(PEOPLE).status_code == 200
    assert ann_at_home.get("/account/admin/users").status_code == 200


def test_an_address_named_before_it_is_registered_becomes_an_administrator_then(app):
    assert not make_admin(app, "Ada@example.test")
    for email, status in (("ada2@example.test", 403), ("ada@example.test", 200)):
        browser = app.test_client()
        answer = browser.post("/account/api/register", json={"email": email, "password": PASSWORD})
        assert answer.status_code == 201
        assert browser.get(PEOPLE).status_code == status
