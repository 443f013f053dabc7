"""The host's own fields, declared once: the same rules at registration and in the profile, in the host's columns."""

from datetime import date

import pytest
import sqlalchemy as sa
from flask import redirect, request
from markupsafe import escape

from housekey import current_user
from housekey.capabilities.profile.events import ProfileChanged
from rig.apps import PASSWORD
from rig.hosts import ANN, BOB, COMPANY, User, columns_of, db, enrolled, host_app
from rig.people import heard

BROWSER = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}


@pytest.fixture
def schema():
    """Nothing: the host's own model makes the tables."""


@pytest.fixture
def app():
    return host_app()


@pytest.fixture
def ann(app):
    return enrolled(app)


def change(client, **fields):
    return client.patch("/account/api/me", json=fields)


def codes(answer, field):
    assert answer.status_code == 422, answer.text
    return [fault["code"] for fault in answer.json["fields"][field]]


def test_declared_fields_land_in_columns_of_the_same_names(app, ann):
    events = heard(app, ProfileChanged)
    sent = {"company": "Initech", "born": "2000-01-31", "size": "large", "plan": "paid", "desk": 7, "motto": "a\nb"}
    answer = change(ann, **sent)
    assert answer.json["user"]["profile"] == {**sent, "letters": True, "badge": None}
    assert columns_of(app) | {"born": date(2000, 1, 31)} == columns_of(app)
    assert columns_of(app)["company"] == "Initech"
    assert set(events[0].fields) == set(sent)


def test_registering_takes_the_same_types(app):
    enrolled(app, BOB, born="1999-12-31", size="small", desk=3, badge="b1")
    kept = columns_of(app, BOB)
    assert (kept["born"], kept["size"], kept["desk"], kept["badge"]) == (date(1999, 12, 31), "small", 3, "b1")


def test_what_the_host_has_not_declared_is_not_taken(app, ann):
    for name in ("admin", "id", "name_", "password_hash"):
        assert codes(change(ann, **{name: True}), name) == ["unknown_field"]
    ann.post("/account/profile", data={"admin": "on", "company": "Initech"}, headers=BROWSER)
    kept = columns_of(app)
    assert (kept["admin"], kept["company"]) == (False, "Initech")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("company", "", "missing"), ("company", None, "wrong_type"), ("company", "x" * 21, "too_long"),
        ("company", "x" * 16, "too_long"), ("born", "31.1.2000", "invalid_format"), ("size", "huge", "not_a_choice"),
        ("plan", None, "wrong_type"), ("desk", "7", "wrong_type"), ("letters", "yes", "wrong_type"),
        ("name", None, "wrong_type"), ("name", "", "missing"), ("name", "x" * 61, "too_long"),
        ("desk", 2**60, "too_large"), ("motto", ["x"], "wrong_type"),
    ],
)  # fmt: skip
def test_the_rules_of_each_field_hold_for_a_change_too(ann, field, value, code):
    assert codes(change(ann, **{field: value}), field) == [code]


def test_a_name_of_blanks_is_no_name_where_one_is_needed(ann):
    assert codes(change(ann, name="  "), "name") == ["missing"]


def test_the_rules_between_fields_hold_for_the_profile_as_it_will_be(app, ann):
    assert change(ann, plan="paid").status_code == 200
    assert codes(change(ann, company="none"), "") == ["invalid_format"]
    assert columns_of(app)["company"] == "Acme"
    assert change(ann, company="none", plan="free").status_code == 200
    assert codes(change(ann, plan="paid"), "") == ["invalid_format"]
    page = ann.post("/account/profile", data={"plan": "paid"}, headers=BROWSER)
    assert page.status_code == 422
    assert "A paid plan needs a company." in page.text


def test_what_only_the_database_refuses_is_told_and_logged_in_one_line(database_url, caplog):
    app = host_app(database_url)
    ann = enrolled(app)
    enrolled(app, BOB, badge="b1")
    enrolled(app, "eva@example.test", badge="x\nFAKE LINE")
    assert codes(change(ann, badge="b1"), "") == ["not_kept"]
    assert codes(change(ann, desk=13), "") == ["not_kept"]
    body = {"email": "eve@example.test", "password": PASSWORD, **COMPANY, "badge": "b1"}
    assert codes(app.test_client().post("/account/api/register", json=body), "") == ["not_kept"]
    assert columns_of(app)["badge"] is None
    assert codes(change(ann, badge="x\nFAKE LINE"), "") == ["not_kept"]
    lines = [record.getMessage() for record in caplog.records if record.name == "housekey"]
    assert len(lines) == 4
    assert not any("\n" in line for line in lines)


@pytest.mark.parametrize("database_url", ["postgresql", "mariadb"], indirect=True)
def test_a_number_that_the_column_cannot_hold_is_told(database_url):
    ann = enrolled(host_app(database_url))
    assert codes(change(ann, desk=40_000), "") == ["not_kept"]
    assert change(ann, desk=30_000).status_code == 200


# The page


def field(page, name):
    """The tags of a field in a page."""
    return [tag for tag in page.replace("<", "\n<").splitlines() if f'name="{name}"' in tag]


def test_the_page_shows_each_field_with_what_is_kept(ann):
    change(ann, born="2000-01-31", size="large", motto="<b>")
    page = ann.get("/account/profile").text
    assert 'value="Acme"' in field(page, "company")[0]
    assert "required" in field(page, "company")[0]
    assert 'type="date"' in field(page, "born")[0]
    assert 'value="2000-01-31"' in field(page, "born")[0]
    assert 'type="number"' in field(page, "desk")[0]
    assert "checked" in field(page, "letters")[1]
    assert '<option value="large" selected>' in page
    assert f'name="motto" rows="5">\n{escape("<b>")}</textarea>' in page, "its column is a Text"
    assert "required" in field(page, "name")[0]


def test_a_box_can_be_emptied_and_ticked_by_the_page_itself(app, ann):
    hidden, box = field(ann.get("/account/profile").text, "letters")
    assert 'type="hidden"' in hidden
    assert 'type="checkbox"' in box
    ann.post("/account/profile", data={"letters": [""]}, headers=BROWSER)
    assert columns_of(app)["letters"] is False
    ann.post("/account/profile", data={"letters": ["", "on"]}, headers=BROWSER)
    assert columns_of(app)["letters"] is True
    ann.post("/account/profile", data={"motto": "x"}, headers=BROWSER)
    assert columns_of(app)["letters"] is True


def test_an_optional_choice_can_be_left_empty(app, ann):
    change(ann, size="large")
    assert '<option value="">' in ann.get("/account/profile").text
    ann.post("/account/profile", data={"size": "", "born": "", "desk": ""}, headers=BROWSER)
    kept = columns_of(app)
    assert (kept["size"], kept["born"], kept["desk"]) == (None, None, None)


def test_sending_the_page_as_it_is_changes_nothing(app, ann):
    change(ann, born="2000-01-31", size="large", time_zone="Europe/Madrid", username="ann")
    before, events = columns_of(app), heard(app, ProfileChanged)
    me = ann.get("/account/api/me").json
    form = {
        "name": "Somebody", "username": "ann", "company": "Acme", "letters": ["", "on"], "born": "2000-01-31",
        "size": "large", "plan": "free", "desk": "", "badge": "", "motto": "", "time_zone": "Europe/Madrid",
    }  # fmt: skip
    assert ann.post("/account/profile", data=form, headers=BROWSER).status_code == 303
    assert (columns_of(app), ann.get("/account/api/me").json, events) == (before, me, [])


# The host's own objects


@pytest.fixture
def watched():
    """A host that looks at `current_user` before and after our view, in one request."""

    def make(url):
        app = host_app(url)
        app.seen = []

        @app.before_request
        def look():
            if request.path == "/account/api/me" and request.method == "PATCH":
                app.seen.append((current_user.name, current_user.company))

        @app.after_request
        def look_again(response):
            if request.path == "/account/api/me" and request.method == "PATCH":
                app.seen.append((current_user.name, current_user.company))
            return response

        return app

    return make


def test_current_user_shows_the_change_in_the_same_request(watched, database_url):
    app = watched(database_url)
    ann = enrolled(app)
    assert change(ann, name="Anna", company="Initech").status_code == 200
    assert app.seen == [("Somebody", "Acme"), ("Anna", "Initech")]
    assert ann.get("/name").text == "Anna"


def test_what_the_host_is_about_to_write_is_left_alone(app):
    @app.before_request
    def half_way():
        if request.method == "PATCH":
            current_user.motto = "half written"

    @app.after_request
    def finish(response):
        if request.method == "PATCH":
            db.session.commit()
        return response

    ann = enrolled(app)
    assert change(ann, name="Anna").status_code == 200
    kept = columns_of(app)
    assert (kept["name"], kept["motto"]) == ("Anna", "half written")


def test_a_hosts_redirect_after_the_page_still_finds_the_new_name(app):
    @app.after_request
    def greet(response):
        if request.path == "/account/profile" and request.method == "POST":
            return redirect(f"/hello/{current_user.name}")
        return response

    answer = enrolled(app).post("/account/profile", data={"name": "Anna"}, headers=BROWSER)
    assert answer.location == "/hello/Anna"


def test_only_ones_own_row_is_changed(app, ann):
    bob = enrolled(app, BOB, name="Bob")
    before = columns_of(app, BOB)
    change(ann, name="Anna", company="Initech", motto="x")
    assert columns_of(app, BOB) == before
    assert bob.get("/name").text == "Bob"
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(User)) == 2
    assert columns_of(app, ANN)["name"] == "Anna"
