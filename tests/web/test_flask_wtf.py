"""A host's CSRFProtect of Flask-WTF keeps working, set up before Housekey or after; our routes are guarded by us."""

import re

import pytest
from flask import Flask, render_template_string
from flask_wtf import CSRFProtect

from housekey import Housekey
from housekey.testing import PASSWORD, SETTINGS

OURS = {"Sec-Fetch-Site": "same-origin"}
ANN = {"email": "ann@example.test", "password": PASSWORD}


@pytest.fixture(params=["before", "after"])
def app(request):
    app = Flask("host")
    app.config.update(SETTINGS, SQLALCHEMY_DATABASE_URI="sqlite://", HOUSEKEY_REGISTRATION_VERIFICATION="off")
    for step in sorted(
        [CSRFProtect, Housekey], key=lambda step: step is not CSRFProtect, reverse=request.param == "after"
    ):
        step(app)
    app.add_url_rule("/form", "form", lambda: render_template_string("{{ csrf_token() }}"))
    app.add_url_rule("/change", "change", lambda: "changed", methods=["POST"])
    return app


def test_our_routes_need_no_token_of_flask_wtf_from_the_very_first_request(app):
    browser = app.test_client()
    assert browser.post("/account/api/register", json=ANN).status_code == 201
    assert browser.post("/account/logout", headers=OURS).status_code == 303
    sent = {"identifier": ANN["email"], "password": PASSWORD}
    assert browser.post("/account/login", data=sent, headers=OURS).status_code == 303
    assert browser.delete("/account/api/sessions").status_code == 204


def test_our_routes_are_guarded_by_ours(app):
    browser = app.test_client()
    sent = {"identifier": ANN["email"], "password": PASSWORD}
    assert browser.post("/account/login", data=sent, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert browser.post("/account/login", data=sent).status_code == 403


def test_our_own_forms_send_a_token_that_we_know(app):
    browser = app.test_client()
    page = browser.get("/account/login").text
    name, token = re.search(r'name="(_?csrf\w*)" value="([^"]+)"', page).groups()
    sent = {"identifier": "nobody@example.test", "password": PASSWORD, name: token}
    assert browser.post("/account/login", data=sent).status_code == 401


def test_the_hosts_views_are_guarded_by_flask_wtf_as_ever(app):
    browser = app.test_client()
    assert browser.post("/change", headers=OURS).status_code == 400
    token = browser.get("/form").text
    assert browser.post("/change", data={"csrf_token": token}).text == "changed"
