"""The same promises in every host, on every database: who brings the database changes nothing for the people."""

from functools import partial

import pytest

from hosts.apps import alone, with_engine, with_flask_sqlalchemy, with_lite
from rig.apps import PASSWORD, log_in, registered

HOSTS = {
    "alone": alone.make_app,
    "flask-sqlalchemy": with_flask_sqlalchemy.make_app,
    "lite": with_lite.make_app,
    "engine": with_engine.make_app,
    "engine without session": partial(with_engine.make_app, own_session=False),
}
ANN = "ann@example.test"


@pytest.fixture(params=HOSTS)
def make_app(request):
    return HOSTS[request.param]


@pytest.fixture
def schema(make_app):
    return make_app


@pytest.fixture
def app(make_app, database_url):
    return make_app(database_url)


def cookie(client, app):
    return client.get_cookie(app.extensions["housekey"].cookies.session)


def copy_of(client, app):
    """Another browser with the same cookie."""
    thief, stolen = app.test_client(), cookie(client, app)
    thief.set_cookie(stolen.key, stolen.value)
    return thief


def log_out(client):
    return client.post("/account/api/logout", json={})


def test_whoever_registers_is_logged_in(app):
    ann = registered(app, ANN, name="Ann")
    assert ann.get("/private").text == "Hello, Ann!"
    key = ann.get("/account/api/me").json["user"]["id"]
    assert ann.get("/object").text == f"{ANN}, {key}"


def test_strangers_are_sent_to_the_login_page(app):
    answer = app.test_client().get("/private", headers={"Accept": "text/html"})
    assert answer.status_code == 302
    assert "/account/login" in answer.location


def test_the_users_own_objects_can_be_written_beside_ours(app):
    ann = registered(app, ANN)
    assert ann.post("/posts/first").text == "first"
    assert ann.post("/posts/second").text == "first, second"
    assert registered(app, "bob@example.test").post("/posts/other").text == "other"


def test_a_copied_cookie_is_worthless_after_logout(app):
    ann = registered(app, ANN)
    thief = copy_of(ann, app)
    assert thief.get("/private").status_code == 200
    assert log_out(ann).status_code == 204
    assert thief.get("/account/api/me").status_code == 401
    assert ann.get("/account/api/me").status_code == 401


def test_people_log_in_by_address_or_username(app):
    registered(app, ANN, username="annie")
    for identifier in (ANN, "ANN@Example.Test", "Annie"):
        browser = app.test_client()
        assert log_in(browser, identifier).status_code == 200
        assert browser.get("/object").text.startswith(ANN)
    assert log_in(app.test_client(), ANN, "wrong " + PASSWORD).status_code == 401


def test_a_session_ended_from_elsewhere_is_out_at_its_next_request(app):
    phone, laptop = registered(app, ANN), app.test_client()
    log_in(laptop)
    sessions = laptop.get("/account/api/sessions").json["sessions"]
    other = next(session for session in sessions if not session["current"])
    assert laptop.delete(f"/account/api/sessions/{other['id']}", json={}).status_code == 204
    assert phone.get("/account/api/me").status_code == 401
    assert laptop.get("/private").status_code == 200


def test_a_public_page_sets_no_cookie_and_varies_for_nobody(app):
    ann = registered(app, ANN)
    answer = ann.get("/public")
    assert not {"Vary", "Set-Cookie"} & set(answer.headers.keys())


@pytest.mark.parametrize("page", ["/account/login", "/account/register"])
def test_the_pages_are_there(app, page):
    assert app.test_client().get(page).status_code == 200


def test_the_own_pages_are_there(app):
    ann = registered(app, ANN)
    for page in ("/account/", "/account/sessions", "/account/password", "/account/profile"):
        assert ann.get(page).status_code == 200, page


def test_one_address_makes_one_account(app):
    registered(app, ANN)
    again = app.test_client().post("/account/api/register", json={"email": ANN, "password": PASSWORD})
    assert again.status_code == 422
    assert again.json["fields"]["email"][0]["code"] == "email_taken"


def test_parallel_registrations_of_one_address_make_one_account(app, together):
    def register(_number):
        return app.test_client().post("/account/api/register", json={"email": ANN, "password": PASSWORD}).status_code

    assert sorted(together(3, register)) == [201, 422, 422]
