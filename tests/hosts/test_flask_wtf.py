"""A host with Flask-WTF's `CSRFProtect`, set up before or after Housekey: both guards hold, each for its own."""

import re

import pytest
from flask import render_template_string
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect, FlaskForm
from wtforms import StringField

from hosts.apps.common import add_pages, new_app
from housekey import Housekey, UserMixin, current_user, login_required
from rig.apps import PASSWORD, log_in, registered

ANN = "ann@example.test"
FOREIGN = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
OLD_BROWSER = {"Origin": "null"}


class NoteForm(FlaskForm):
    text = StringField()


@pytest.fixture(params=["before", "after"])
def app(request, sqlite_url):
    app, db = new_app("wtf", sqlite_url), SQLAlchemy()
    db.init_app(app)

    class User(UserMixin, db.Model):
        id = db.Column(db.Integer, primary_key=True)

    protect = CSRFProtect()
    if request.param == "before":
        protect.init_app(app)
    Housekey(app, db)
    if request.param == "after":
        protect.init_app(app)

    @app.route("/note", methods=["GET", "POST"])
    @login_required
    def note():
        form = NoteForm()
        if form.validate_on_submit():
            return f"{current_user.email}: {form.text.data}"
        return render_template_string("<form method=post>{{ form.hidden_tag() }}{{ form.text }}</form>", form=form)

    add_pages(app)
    with app.app_context():
        db.create_all()
    return app


def token_in(page):
    """Flask-WTF's in the host's forms, `_csrf` in ours."""
    return re.search(r'name="(?:csrf_token|_csrf)"[^>]*value="([^"]+)"', page.text)[1]


def test_people_register_and_log_in_by_the_pages(app):
    browser = app.test_client()
    form = {"email": ANN, "password": PASSWORD, "_csrf": token_in(browser.get("/account/register"))}
    assert browser.post("/account/register", data=form, headers=OLD_BROWSER).status_code == 303
    other = app.test_client()
    form = {"identifier": ANN, "password": PASSWORD, "_csrf": token_in(other.get("/account/login"))}
    assert other.post("/account/login", data=form, headers=OLD_BROWSER).status_code == 303
    assert other.get("/private").status_code == 200


def test_json_clients_need_no_token_of_flask_wtf(app):
    registered(app, ANN)
    browser = app.test_client()
    assert log_in(browser, ANN).status_code == 200
    assert browser.post("/account/api/logout", json={}).status_code == 204


def test_our_pages_refuse_another_site_as_ever(app):
    registered(app, ANN)
    form = {"identifier": ANN, "password": PASSWORD}
    assert app.test_client().post("/account/login", data=form, headers=FOREIGN).status_code == 403
    ann = registered(app, "ann2@example.test")
    assert ann.post("/account/api/logout", json={}, headers=FOREIGN).status_code == 403


def test_the_hosts_own_form_works_with_its_token(app):
    ann = registered(app, ANN)
    form = {"text": "hello", "csrf_token": token_in(ann.get("/note"))}
    assert ann.post("/note", data=form).text == f"{ANN}: hello"


def test_the_hosts_own_form_is_refused_without_it(app):
    assert registered(app, ANN).post("/note", data={"text": "hello"}).status_code == 400


def test_a_token_from_before_a_login_is_worth_nothing_after_it(app):
    """Flaw 41."""
    registered(app, ANN)
    browser = app.test_client()
    browser.get("/account/login")
    log_in(browser, ANN)
    before = token_in(browser.get("/note"))
    browser.post("/account/api/logout", json={})
    log_in(browser, ANN)
    assert browser.post("/note", data={"text": "hello", "csrf_token": before}).status_code == 400
