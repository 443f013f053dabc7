"""A host's requirement: `login_user` raises, nothing is opened, and the road goes on after the step."""

import flask_login
import pytest
from flask import flash, redirect, request
from flask_restful import Api, Resource
from werkzeug.exceptions import HTTPException

from housekey import Capability, login
from housekey.errors import InvalidCredentials
from housekey.kernel import clock
from housekey.login import Challenge, Kind, Proof
from housekey.web.challenges import ChallengeRequired, parked_attempt
from housekey.web.going import go_on
from housekey.web.here import here
from web.hosts import ANN, BOB, TAUGHT, db, fill, make_host, user_named

PIN = "1234"


class PinAsked:
    """Ann has chosen a PIN, which this host asks for."""

    name = "pin"

    def check(self, house, attempt):
        proved = any(proof.method == "pin" for proof in attempt.proofs)
        return None if proved or attempt.user.name != "Ann" else Challenge("pin", "pin", {"digits": 4})


@pytest.fixture
def schema():
    return fill


@pytest.fixture(params=TAUGHT, ids=lambda module: module.__name__)
def host(request, sqlite_url):
    host = make_host(sqlite_url, request.param, capabilities=[Capability(name="pin", requirement=PinAsked())])
    host.app.add_url_rule("/pin", "pin", pin, methods=["GET", "POST"])
    return host


def pin():
    attempt = parked_attempt()
    if request.method == "GET":
        return f"PIN of {attempt.user.name}?"
    attempt = login.prove(here.house, attempt, "pin", check_pin)
    return go_on(login.advance(here.house, attempt), "/private")


def check_pin(attempt):
    if request.form["pin"] != PIN:
        raise InvalidCredentials()
    return Proof(attempt.user.id, "pin", Kind.POSSESSION, clock.now())


def attempts(host):
    with host.app.app_context(), host.house.read() as connection:
        return connection.execute(host.house.store.tables["attempts"].select()).all()


def test_the_redirect_after_login_user_is_not_reached_and_nobody_is_logged_in(host):
    browser = host.browser()
    answer = browser.post("/login?next=/private", data={"email": ANN})
    assert (answer.status_code, answer.location) == (303, "/pin")
    assert host.signals == []
    assert host.live() == []
    assert browser.get_cookie(host.cookie) is None
    assert browser.get("/private").status_code == 302
    assert browser.get("/identity").json is None


def test_those_of_whom_no_more_is_asked_notice_nothing(host):
    assert host.browser(BOB).get("/private").text == "Bob"


def test_a_login_that_the_host_calls_not_fresh_is_made_so_by_no_later_step(host):
    browser = host.browser()
    browser.post("/login", data={"email": ANN, "stale": "1"})
    assert browser.post("/pin", data={"pin": PIN}).location == "/private"
    assert browser.get("/private").text == "Ann"
    assert browser.get("/fresh").status_code == 302


def test_after_the_step_the_road_goes_on(host):
    browser = host.browser()
    browser.post("/login", data={"email": ANN, "remember": "1"})
    assert browser.get("/pin").text == "PIN of Ann?"
    heard = host.signals
    answer = browser.post("/pin", data={"pin": PIN})
    assert (answer.status_code, answer.location) == (303, "/private")
    assert f"Max-Age={30 * 24 * 3600}" in answer.headers.get("Set-Cookie")
    assert browser.get("/private").text == "Ann"
    assert browser.get("/fresh").text == "fresh"
    assert browser.get("/identity").json == {"name": "Ann", "amr": ["host", "pin", "mfa"], "aal": 2, "fresh": True}
    assert heard == [("user_logged_in", "Ann")]


def test_a_wrong_answer_opens_nothing_and_may_be_mended(host):
    browser = host.browser()
    browser.post("/login", data={"email": ANN})
    assert browser.post("/pin", data={"pin": "9999"}).status_code == 401
    assert host.live() == []
    browser.post("/pin", data={"pin": PIN})
    assert browser.get("/private").text == "Ann"


def test_the_step_alone_opens_nothing(host):
    browser = host.browser()
    assert browser.get("/pin").status_code == 302
    assert browser.post("/pin", data={"pin": PIN}).status_code == 303
    assert host.live() == []


def test_a_step_is_spent_once(host):
    browser, twin = host.browser(), host.browser()
    browser.post("/login", data={"email": ANN})
    name = f"{host.cookie}-attempt"
    twin.set_cookie(name, browser.get_cookie(name).value)
    browser.post("/pin", data={"pin": PIN})
    assert browser.get_cookie(name) is None
    assert twin.post("/pin", data={"pin": PIN}).status_code == 303
    assert len(host.live()) == 1


def test_programs_are_told_what_is_asked(host):
    answer = host.browser().post("/login", data={"email": ANN}, headers={"Accept": "application/json"})
    assert answer.status_code == 202
    assert answer.json == {"challenge": {"type": "pin", "digits": 4}}


def test_a_hosts_error_handlers_leave_it_alone(host):
    host.app.register_error_handler(Exception, lambda error: ("caught", 500))
    host.app.register_error_handler(HTTPException, lambda error: ("caught", 500))
    assert host.browser().post("/login", data={"email": ANN}).location == "/pin"


def test_flask_restful_passes_it_on(host):
    class Login(Resource):
        def post(self):
            host.api.login_user(user_named(request.json["email"]))
            return {"done": True}

    Api(host.app).add_resource(Login, "/rest/login", endpoint="rest_login")
    answer = host.browser().post("/rest/login", json={"email": ANN})
    assert (answer.status_code, answer.json) == (202, {"challenge": {"type": "pin", "digits": 4}})
    assert host.browser().post("/rest/login", json={"email": BOB}).json == {"done": True}


def test_whoever_was_logged_in_before_is_out_while_the_login_waits(host):
    seen = []

    def switch():
        try:
            host.api.login_user(user_named(ANN))
        except ChallengeRequired:
            seen.append(host.api.current_user.is_authenticated)
            raise

    host.app.add_url_rule("/switch", "switch", switch, methods=["POST"])
    browser = host.browser(BOB)
    browser.post("/flask-session", data={"basket": "tea"})
    assert browser.post("/switch").location == "/pin"
    assert seen == [False]
    assert browser.get("/private").status_code == 302
    browser.post("/pin", data={"pin": PIN})
    assert browser.get("/private").text == "Ann"
    assert "basket" not in browser.get("/flask-session").json


def test_confirming_asks_too_and_leaves_the_session_as_it_was(host):
    browser = host.browser()
    browser.post("/login", data={"email": ANN})
    browser.post("/pin", data={"pin": PIN})
    answer = browser.post("/confirm")
    assert (answer.status_code, answer.location) == (303, "/pin")
    assert browser.get("/private").text == "Ann"
    assert browser.post("/pin", data={"pin": PIN}).location == "/private"
    assert len(host.live()) == 1


def test_logging_out_leaves_no_half_finished_login_behind(host):
    browser = host.browser()
    browser.post("/login", data={"email": ANN})
    browser.post("/account/logout", headers={"Sec-Fetch-Site": "same-origin"})
    assert attempts(host) == []
    assert browser.get_cookie(f"{host.cookie}-attempt") is None
    assert browser.post("/pin", data={"pin": PIN}).status_code == 303


def test_a_planted_login_waits_like_any_other(host):
    browser = host.app.test_client()
    with browser.session_transaction() as session:
        session["_user_id"] = str(host.id_of(ANN))
    assert browser.get("/private").status_code == 302
    assert host.live() == []


def test_a_hosts_messages_before_the_challenge_are_kept(host):
    def greet():
        flash("one more step")
        flask_login.login_user(user_named(ANN))
        return redirect("/")

    host.app.add_url_rule("/greet", "greet", greet, methods=["POST"])
    browser = host.browser()
    browser.post("/greet")
    assert browser.get("/flask-session").json == {"_flashes": [["message", "one more step"]]}


def test_work_not_committed_is_refused_before_anything_is_asked(host):
    from housekey.errors import HostTransactionOpen

    def rename():
        user = user_named(ANN)
        user.motto = "hm"
        db.session.flush()
        host.api.login_user(user)

    host.app.add_url_rule("/rename", "rename", rename, methods=["POST"])
    with pytest.raises(HostTransactionOpen):
        host.browser().post("/rename")
    assert attempts(host) == []
