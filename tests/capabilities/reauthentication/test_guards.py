"""Views that ask for a recent proof or for two factors: who gets in, and what the others are told."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Blueprint
from flask.views import MethodView

from housekey import (
    ConfigurationError,
    aal_required,
    current_identity,
    fresh_login_required,
    guard_blueprint,
    require_aal,
)
from housekey.kernel import clock
from rig.apps import PASSWORD, registered, small_app
from rig.phones import answer, logged_in_with, with_phone

JSON, HTML = {"Accept": "application/json"}, {"Accept": "text/html"}
API = "/account/api"
LATELY = timedelta(minutes=5)


def views(app: Any) -> None:
    """One of each kind, all behind the same two guards."""

    @app.get("/fresh")
    @fresh_login_required(max_age=LATELY)
    def fresh() -> str:
        return "in"

    @app.get("/two")
    @require_aal(2)
    def two() -> str:
        return "in"

    @app.get("/two-lately")
    @require_aal(2, max_age=300)
    def two_lately() -> str:
        return "in"

    @app.get("/async")
    @require_aal(2)
    async def later() -> str:
        return "in"

    @app.get("/level")
    def level() -> str:
        return str(current_identity.aal)

    class Vault(MethodView):
        decorators = [require_aal(2)]

        def get(self) -> str:
            return "in"

    app.add_url_rule("/method", view_func=Vault.as_view("vault"))
    safe = Blueprint("safe", __name__)
    safe.before_request(guard_blueprint(require_aal(2)))
    safe.get("/blueprint")(lambda: "in")
    app.register_blueprint(safe)


TWO = ["/two", "/async", "/method", "/blueprint"]


@pytest.fixture
def app():
    made = small_app(HOUSEKEY_THROTTLING_LOCK_AFTER=1000)
    views(made)
    return made


@pytest.fixture
def time():
    with clock.stopped() as stopped:
        yield stopped


@pytest.fixture
def ann(app, time):
    """Logged in by both steps a moment ago."""
    phone = with_phone(registered(app))
    client = logged_in_with(app, phone)
    client.phone = phone
    return client


def problem(client: Any, path: str) -> Any:
    found = client.get(path, headers=JSON)
    return found.status_code, {name: value for name, value in found.json.items() if name not in ("type", "title")}


@pytest.mark.parametrize("path", TWO)
def test_whoever_has_proved_two_factors_gets_in(ann, path):
    assert ann.get(path).text == "in"


@pytest.mark.parametrize("path", TWO)
def test_whoever_has_no_second_factor_is_led_to_set_one_up_and_not_round_in_circles(app, path):
    bob = registered(app)
    answer = bob.get(path, headers=HTML)
    assert (answer.status_code, answer.location) == (302, "/account/factors")
    page = bob.get("/account/factors").text
    assert "Set one up, then come back." in page
    assert "authenticator app" in page


def test_programs_are_told_that_a_second_factor_is_missing(app):
    told = {"status": 403, "code": "second_factor_missing", "acr_values": "aal2", "aal": 2}
    assert problem(registered(app), "/two") == (403, told)


def test_programs_are_told_the_level_and_what_would_do_in_the_words_of_rfc_9470(ann, time):
    time.forward(timedelta(minutes=61))
    told = {"status": 401, "code": "reauthentication_required", "acr_values": "aal2", "aal": 2}
    assert problem(ann, "/two") == (401, told | {"methods": ["password", "otp", "recovery_code"]})
    assert problem(ann, "/two-lately")[1]["max_age"] == 300


def test_programs_are_told_how_recent_a_proof_must_be(ann, time):
    time.forward(LATELY)
    told = {"status": 401, "code": "reauthentication_required", "max_age": 300, "methods": ["password"]}
    assert problem(ann, "/fresh") == (401, told)
    time.forward(timedelta(minutes=15))
    assert problem(ann, f"{API}/export")[1]["max_age"] == 900, "ours say it too, by HOUSEKEY_SESSIONS_FRESH_FOR"


@pytest.mark.asvs("7.5.3")
def test_a_level_that_has_ended_by_rest_stays_ended_until_both_steps_are_proved(ann, time):
    """The first request after the rest makes the session look used: that must not bring the level back."""
    time.forward(timedelta(minutes=61))
    for _again in range(3):
        assert ann.get("/two", headers=HTML).status_code == 302
        time.forward(timedelta(minutes=2))
    assert ann.post(f"{API}/reauthenticate", json={"password": PASSWORD}).status_code == 202, (
        "the code is asked for, too"
    )
    assert ann.get("/two", headers=HTML).status_code == 302
    assert answer(ann, ann.phone.code()).status_code == 200
    assert ann.get("/two").text == "in"


def test_a_level_that_has_ended_comes_back_by_both_steps_however_long_a_proof_stays_fresh(time):
    app = small_app(HOUSEKEY_SESSIONS_FRESH_FOR="4h")
    views(app)
    phone = with_phone(registered(app))
    ann = logged_in_with(app, phone)
    time.forward(timedelta(minutes=61))
    assert ann.get("/two", headers=HTML).status_code == 302
    assert ann.post(f"{API}/reauthenticate", json={"password": PASSWORD}).status_code == 202


def test_a_level_ends_a_day_after_its_proofs_however_busy_the_session_is(ann, time):
    for _hour in range(25):
        assert ann.get("/two").text == "in"
        time.forward(timedelta(minutes=58))
    assert ann.get("/two", headers=HTML).status_code == 302


def test_a_session_that_began_with_one_factor_rises_by_a_step_up(app, time):
    old = registered(app)
    phone = with_phone(old)
    assert problem(old, "/two")[1]["code"] == "reauthentication_required"
    assert old.post(f"{API}/reauthenticate", json={"password": PASSWORD}).status_code == 202
    assert answer(old, phone.code()).status_code == 200
    assert old.get("/two").text == "in"


@pytest.mark.flaw(34)
def test_another_users_password_or_code_does_not_step_up(app, ann, time):
    bobs = with_phone(registered(app, "bob@example.test"))
    time.forward(timedelta(minutes=61))
    assert ann.post(f"{API}/reauthenticate", json={"password": "bob's own passphrase"}).status_code == 401
    assert ann.post(f"{API}/reauthenticate", json={"password": PASSWORD}).status_code == 202
    assert answer(ann, bobs.code()).status_code == 401
    assert ann.get("/two", headers=HTML).status_code == 302


def test_the_first_name_of_the_guard_still_works():
    assert aal_required is require_aal


@pytest.mark.parametrize("max_age", [0, -1, timedelta(0)], ids=str)
def test_an_age_that_nobody_can_keep_stops_the_start(max_age):
    for guard in (lambda: fresh_login_required(max_age=max_age), lambda: require_aal(2, max_age=max_age)):
        with pytest.raises(ConfigurationError, match="at least 1"):
            guard()


@pytest.mark.parametrize("level", [0, 3, "2"])
def test_a_level_that_nobody_can_reach_stops_the_start(level):
    with pytest.raises(ConfigurationError, match="levels 1 and 2"):
        require_aal(level)


def test_an_identity_tells_its_level(ann, time):
    assert ann.get("/level").text == "2"
    time.forward(timedelta(hours=2))
    assert ann.get("/level").text == "1"
