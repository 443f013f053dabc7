"""What a host's own templates find."""

from __future__ import annotations

import re

import pytest
from flask import Flask, render_template_string
from flask_wtf import CSRFProtect

from housekey import Housekey, csrf_protected
from rig.apps import QUICK, registered, small_app

FOREIGN = {"Sec-Fetch-Site": "cross-site"}
OLD_BROWSER = {"Origin": "null"}


def test_a_template_greets_whoever_is_logged_in_and_nobody_else():
    app = small_app()

    @app.get("/hello")
    def hello():
        return render_template_string("{% if current_identity %}{{ current_identity.name }}{% else %}nobody{% endif %}")

    assert app.test_client().get("/hello").text == "nobody"
    assert registered(app, name="Ann").get("/hello").text == "Ann"


def test_a_form_of_the_hosts_own_carries_a_token_that_its_guard_takes():
    app = small_app()

    @app.route("/note", methods=["GET", "POST"])
    @csrf_protected
    def note():
        return render_template_string("{{ csrf_token() }}")

    browser = app.test_client()
    token = browser.get("/note").text
    assert browser.post("/note", data={"csrf_token": token}, headers=OLD_BROWSER).status_code == 200
    assert browser.post("/note", data={"csrf_token": token[::-1]}, headers=OLD_BROWSER).status_code == 403
    assert browser.post("/note", data={"csrf_token": token}, headers=FOREIGN).status_code == 403


@pytest.mark.parametrize("first", ["Flask-WTF", "Housekey"])
def test_the_token_of_flask_wtf_stays_flask_wtfs(first):
    app = Flask(__name__)
    app.secret_key = "of-a-test, and more than 32 characters"
    app.config.update(QUICK | {"SQLALCHEMY_DATABASE_URI": "sqlite://"})
    for extend in (CSRFProtect, Housekey) if first == "Flask-WTF" else (Housekey, CSRFProtect):
        extend(app)

    @app.route("/note", methods=["GET", "POST"])
    def note():
        return render_template_string("{{ csrf_token() }}")

    browser = app.test_client()
    token = browser.get("/note").text
    assert re.fullmatch(r"[\w.-]+\.[\w.-]+\.[\w.-]+", token)
    assert browser.post("/note", data={"csrf_token": token}).status_code == 200
