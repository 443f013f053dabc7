"""`HOUSEKEY_LOGIN_BRIDGE_UNTIL`: whoever was logged in by Flask-Login still is on the day of the change, once.

The old cookies are made by a real app with Flask-Login, under the same key.
"""

from __future__ import annotations

import json
import secrets
import time
from datetime import UTC, datetime, timedelta

import flask_login
import pytest
import sqlalchemy as sa
from flask import Flask, request, session

from housekey import current_identity
from housekey.capability import Capability
from housekey.commands import cli
from housekey.errors import ConfigurationError
from housekey.kernel import clock
from housekey.login.attempt import Challenge
from housekey.store import users
from housekey.store.adoption import adopt_users
from housekey.store.sweeping import sweep
from housekey.web import planted
from rig.apps import log_in, registered, small_app
from rig.people import house_of

KEY = secrets.token_hex(32)
LATER = timedelta(days=30)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"


def until(days=30):
    return str((datetime.now(UTC) + timedelta(days=days)).date())


def before(key=KEY):
    """The app as it was."""
    app = Flask("small")
    app.secret_key = key

    class User(flask_login.UserMixin):
        def __init__(self, number):
            self.id = number

    manager = flask_login.LoginManager(app)
    manager.user_loader(User)

    @app.get("/login/<number>")
    def login(number):
        session["basket"] = "pears"
        session.permanent = "permanent" in request.args
        flask_login.login_user(User(number), remember="remember" in request.args)
        return "in"

    return app


def old_cookies(number=1, *, key=KEY, agent=FIREFOX, **wishes):
    """What a browser holds that has logged in there."""
    client = before(key).test_client()
    client.get(f"/login/{number}", query_string=wishes, headers={"User-Agent": agent})
    found = {name: client.get_cookie(name) for name in ("session", "remember_token")}
    return {name: cookie.value for name, cookie in found.items() if cookie is not None}


def make_app(**settings):
    app = small_app(HOUSEKEY_LOGIN_BRIDGE_UNTIL=until(), capabilities=settings.pop("capabilities", ()), **settings)
    app.secret_key = KEY
    app.add_url_rule("/basket", "basket", lambda: session.get("basket", "empty"))
    app.add_url_rule("/who", "who", lambda: current_identity.name if current_identity else "nobody")
    people(app, "ann@example.test", "bob@example.test")
    return app


def people(app, *emails):
    """Who was there before Housekey came."""
    with app.app_context():
        store = app.accounts.house.store
        with store.engine.begin() as connection:
            connection.execute(sa.insert(store.schema.mapper.local_table), [{"email": email} for email in emails])
        adopt_users(store)


@pytest.fixture
def app():
    return make_app()


@pytest.fixture(autouse=True)
def _as_in_production(monkeypatch):
    """Tests believe what they plant into Flask's session; nothing of that here."""
    monkeypatch.setattr(planted, "believed", False)


def browser(app, cookies, agent=FIREFOX):
    client = app.test_client()
    client.environ_base["HTTP_USER_AGENT"] = agent
    for name, value in cookies.items():
        client.set_cookie(name, value)
    return client


def who(app, cookies, **about):
    return browser(app, cookies, **about).get("/who").text


@pytest.mark.parametrize("wishes", [{}, {"remember": 1}, {"permanent": 1}])
def test_whoever_was_logged_in_still_is(app, wishes):
    client = browser(app, old_cookies(**wishes))
    assert client.get("/private").text == "ann"
    assert client.get_cookie("remember_token") is None
    assert client.get("/private").text == "ann"
    assert "_user_id" not in str(client.get("/basket").headers)
    with client.session_transaction() as left:
        assert not {"_user_id", "_id", "_fresh"} & set(left)


def test_the_remember_cookie_alone_is_enough(app):
    token = old_cookies(remember=1)["remember_token"]
    assert who(app, {"remember_token": token}) == "ann"


def test_what_was_in_flasks_session_stays(app):
    client = browser(app, old_cookies())
    client.get("/who")
    assert client.get("/basket").text == "pears"


@pytest.mark.parametrize(("wishes", "lasts"), [({}, False), ({"remember": 1}, True), ({"permanent": 1}, True)])
def test_the_session_outlives_the_browser_if_the_old_one_did(app, wishes, lasts):
    client = browser(app, old_cookies(**wishes))
    client.get("/who")
    new = client.get_cookie(app.extensions["housekey"].cookies.session)
    assert (new.max_age is not None) == lasts


def test_the_session_is_not_fresh_and_says_how_it_came(app):
    client = browser(app, old_cookies())
    answer = client.get("/account/api/me").json
    assert (answer["amr"], answer["aal"]) == (["bridge"], 1)
    (mine,) = client.get("/account/api/sessions").json["sessions"]
    assert mine["auth_time"].startswith("1970")


@pytest.mark.flaw(1)
@pytest.mark.flaw(5)
@pytest.mark.parametrize("wishes", [{}, {"remember": 1}, {"permanent": 1}])
def test_a_copy_of_an_old_cookie_is_worthless_once_it_was_used(app, wishes):
    cookies = old_cookies(**wishes)
    client = browser(app, cookies)
    assert client.get("/who").text == "ann"
    assert who(app, cookies) == "nobody"
    client.post("/account/api/logout")
    assert who(app, cookies) == "nobody"
    for name, value in cookies.items():
        assert who(app, {name: value}) == "nobody"


@pytest.mark.flaw(5)
def test_an_older_copy_of_the_same_login_is_spent_with_it(app):
    old = before()
    old.add_url_rule("/more", "more", lambda: session.update(more=secrets.token_hex(4)) or "more")
    client = old.test_client()
    client.get("/login/1", headers={"User-Agent": FIREFOX})
    first = client.get_cookie("session").value
    client.get("/more")
    second = client.get_cookie("session").value
    assert first != second
    assert who(app, {"session": second}) == "ann"
    assert who(app, {"session": first}) == "nobody"


@pytest.mark.flaw(5)
def test_a_spent_cookie_that_a_page_signs_again_stays_spent(app):
    app.add_url_rule("/note", "note", lambda: session.update(note=secrets.token_hex(4)) or "noted")
    cookies = old_cookies(permanent=1)
    assert who(app, cookies) == "ann"
    thief = browser(app, cookies)
    thief.get("/note")
    assert thief.get_cookie("session").value != cookies["session"]
    assert thief.get("/who").text == "nobody"


def test_a_persons_phone_isnt_logged_out_by_the_laptop(app):
    laptop, phone = old_cookies(remember=1), old_cookies(remember=1, agent=PHONE)
    assert laptop["remember_token"] == phone["remember_token"]
    del laptop["session"], phone["session"]
    assert who(app, laptop) == "ann"
    assert who(app, phone, agent=PHONE) == "ann"
    assert who(app, phone, agent=PHONE) == who(app, laptop) == "nobody"


@pytest.mark.flaw(5)
def test_a_remember_cookie_works_for_some_kinds_of_browsers_and_not_for_any_name(app):
    token = old_cookies(remember=1)["remember_token"]
    names = [f"Thief{letter}/1.0" for letter in "abcdefgh"]
    found = [who(app, {"remember_token": token}, agent=name) for name in names]
    assert found == ["ann"] + ["nobody"] * 7


@pytest.mark.flaw(5)
@pytest.mark.parametrize("value", ["1|é", "1|\udce9", "1|", "|", "", "1", "é|" + "0" * 128, "1|" + "0" * 128, "\0|\0"])
def test_a_malformed_remember_cookie_is_nobody_and_goes(app, value):
    raw = f"remember_token={value}".encode("utf-8", "surrogateescape").decode("latin-1")
    answer = app.test_client(use_cookies=False).get("/who", environ_overrides={"HTTP_COOKIE": raw})
    assert (answer.status_code, answer.text) == (200, "nobody")
    assert any(line.startswith("remember_token=;") for line in answer.headers.getlist("Set-Cookie"))


@pytest.mark.asvs("9.1.1", "9.1.3")
def test_a_cookie_of_another_key_or_that_was_changed_is_nobodys(app):
    cookies = old_cookies(remember=1, key=secrets.token_hex(32))
    for name, value in cookies.items():
        assert who(app, {name: value}) == "nobody"
    sound = old_cookies(remember=1)
    assert who(app, {"remember_token": "2" + sound["remember_token"][1:]}) == "nobody"
    payload, rest = sound["session"].split(".", 1)
    assert who(app, {"session": f"{payload[:-2]}AA.{rest}"}) == "nobody"


def test_a_former_key_still_counts(app):
    former = secrets.token_hex(32)
    app.config["SECRET_KEY_FALLBACKS"] = [former]
    for name, value in old_cookies(remember=1, key=former).items():
        agent = FIREFOX if name == "session" else PHONE
        assert who(app, {name: value}, agent=agent) == "ann"


@pytest.mark.asvs("9.2.1")
def test_a_flask_session_that_is_too_old_is_nobodys(app, monkeypatch):
    with monkeypatch.context() as past:
        past.setattr("itsdangerous.timed.TimestampSigner.get_timestamp", lambda self: int(time.time()) - 32 * 86400)
        cookies = old_cookies()
    assert who(app, cookies) == "nobody"


def test_after_the_last_day_old_cookies_count_for_nothing_and_go(app, monkeypatch):
    cookies = old_cookies(remember=1)
    later = datetime.now(UTC) + timedelta(days=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    client = browser(app, cookies)
    assert client.get("/who").text == "nobody"
    assert client.get_cookie("remember_token") is None
    with client.session_transaction() as left:
        assert "_user_id" not in left


def test_without_the_setting_nothing_is_believed_and_nothing_is_looked_at(app, monkeypatch):
    off = small_app()
    off.secret_key = KEY
    people(off, "ann@example.test")
    off.add_url_rule("/who", "who", lambda: current_identity.name if current_identity else "nobody")
    monkeypatch.setattr("housekey.web.old_cookies.found_here", pytest.fail)
    monkeypatch.setattr("housekey.web.old_cookies.are_here", pytest.fail)
    assert who(off, old_cookies(remember=1)) == "nobody"


def test_a_disabled_user_gets_nothing(app):
    with app.app_context(), app.accounts.house.write() as unit:
        users.set_disabled(unit.session, unit.schema, 1, True)
    assert who(app, old_cookies(remember=1)) == "nobody"


@pytest.mark.flaw(4)
def test_whoever_changed_the_password_since_has_ended_the_old_cookies(app):
    with app.app_context(), app.accounts.house.write() as unit:
        users.raise_security_version(unit.session, unit.schema, 1)
    assert who(app, old_cookies(remember=1)) == "nobody"


@pytest.mark.flaw(4)
def test_logging_out_everywhere_ends_old_cookies_that_were_not_used_yet(app):
    client, copy = browser(app, old_cookies()), old_cookies(agent=PHONE)
    assert client.get("/who").text == "ann"
    with app.test_request_context():
        from housekey import login

        with app.accounts.house.write() as unit:
            login.end_all(unit, 1, "logout_everywhere")
    assert who(app, copy, agent=PHONE) == "nobody"


@pytest.mark.flaw(3)
def test_an_old_cookie_is_not_that_of_the_next_user_with_the_same_number(app):
    registered(app, "eve@example.test")
    assert who(app, old_cookies(3, remember=1)) == "nobody"


def test_a_user_who_is_gone_is_nobody(app):
    assert who(app, old_cookies(99, remember=1)) == "nobody"
    assert who(app, old_cookies("no number", remember=1)) == "nobody"


@pytest.mark.flaw(3)
def test_nothing_of_the_old_user_is_left_to_the_next_one(app):
    registered(app, "eve@example.test")
    client = browser(app, old_cookies(remember=1))
    assert log_in(client, "eve@example.test").status_code == 200
    assert client.get("/basket").text == "empty"
    assert client.get("/who").text == "eve"
    client.post("/account/api/logout")
    assert client.get("/who").text == "nobody"
    assert who(app, old_cookies(remember=1)) == "nobody"


@pytest.mark.flaw(3)
def test_what_a_view_has_written_into_the_session_is_nobodys_login(app):
    def plant():
        session["_user_id"] = "1"
        return current_identity.name if current_identity else "nobody"

    app.add_url_rule("/plant", "plant", plant)
    client = app.test_client()
    assert client.get("/plant").text == "nobody"
    assert client.get("/plant").text == "nobody"
    assert client.get("/who").text == "nobody"


def test_a_request_with_an_authorization_header_is_never_carried_over(app):
    client = browser(app, old_cookies(remember=1))
    assert client.get("/who", headers={"Authorization": "Bearer x"}).text == "nobody"
    assert client.get("/who").text == "ann"


def test_a_page_that_doesnt_ask_who_is_there_leaves_the_cookies_alone(app):
    app.add_url_rule("/public", "public", lambda: "for all")
    client = browser(app, old_cookies(remember=1))
    answer = client.get("/public")
    assert "Set-Cookie" not in answer.headers
    assert "Vary" not in answer.headers
    assert client.get("/who").text == "ann"


class Terms:
    """Everybody must accept the terms first."""

    name = "terms"

    def check(self, house, attempt):
        return None if "terms" in attempt.done else Challenge("terms", "terms")


def test_whoever_must_do_more_first_is_sent_there_and_not_logged_in():
    app = make_app(capabilities=[Capability(name="terms", requirement=Terms())])
    app.add_url_rule("/terms", "terms", lambda: "accept them")
    client = browser(app, old_cookies(remember=1))
    answer = client.get("/private")
    assert (answer.status_code, answer.location) == (303, "/terms")
    assert client.get("/who").text == "nobody"
    assert client.get_cookie("remember_token") is None


def test_of_parallel_requests_with_the_same_old_cookies_one_opens_a_session(database_url, together):
    """Two cookies each: no request spends the one while another spends the other."""
    app = make_app(SQLALCHEMY_DATABASE_URI=database_url, HOUSEKEY_CREATE_TABLES=True)
    names = [f"u{number}" for number in range(8)]
    people(app, *(f"{name}@example.test" for name in names))
    for number, name in enumerate(names, start=3):
        cookies = old_cookies(number, remember=1)
        found = together(6, lambda _, cookies=cookies: who(app, cookies))
        assert sorted(found) == ["nobody"] * 5 + [name]


def test_what_was_spent_is_swept_after_the_last_day_and_not_before(app, monkeypatch):
    who(app, old_cookies(remember=1))
    with app.app_context():
        assert sweep(app.accounts.house)["spent_cookies"] == 0
        later = datetime.now(UTC) + timedelta(days=31)
        monkeypatch.setattr(clock, "now", lambda: later)
        assert sweep(app.accounts.house)["spent_cookies"] == 2


def test_nobody_is_mailed_of_a_new_device_for_having_been_logged_in_before(app, monkeypatch):
    later = datetime.now(UTC) + timedelta(days=7)
    house = app.extensions["housekey"].house
    with app.app_context(), house.write() as unit:
        unit.execute(sa.update(unit.tables["identifiers"]).values(verified_at=clock.now()))
    monkeypatch.setattr(clock, "now", lambda: later)
    assert who(app, old_cookies()) == "ann"
    assert who(app, old_cookies(agent=PHONE), agent=PHONE) == "ann"
    with app.app_context(), house.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(house.store.tables["outbox"])) == 0


def test_a_hosts_user_loader_says_whose_an_id_is(app):
    with app.app_context():
        user = app.accounts.User

    @app.accounts.login_manager.user_loader
    def load(text):
        wanted = sa.select(user).where(user.email == text) if "@" in text else sa.select(user).where(user.id == text)
        return app.accounts.session.scalar(wanted)

    assert who(app, old_cookies("bob@example.test")) == "bob"


def test_strong_protection_lets_only_the_old_browser_go_on(app):
    app.config["SESSION_PROTECTION"] = "strong"
    assert who(app, old_cookies(), agent=PHONE) == "nobody"
    assert who(app, old_cookies()) == "ann"


@pytest.mark.parametrize("value", ["soon", "31.12.2026", "2026-13-01", 20261231, datetime(2026, 12, 31)])
def test_what_is_no_date_stops_the_start(value):
    with pytest.raises(ConfigurationError, match="HOUSEKEY_LOGIN_BRIDGE_UNTIL"):
        small_app(HOUSEKEY_LOGIN_BRIDGE_UNTIL=value)


@pytest.mark.parametrize(("days", "level"), [(-1, "warn"), (0, "ok"), (90, "ok"), (91, "warn"), (None, None)])
def test_doctor_tells_of_a_last_day_that_is_past_or_far_off(days, level):
    from housekey.commands import cli

    app = small_app(**({} if days is None else {"HOUSEKEY_LOGIN_BRIDGE_UNTIL": until(days)}))
    report = json.loads(app.test_cli_runner().invoke(cli, ["doctor", "--json"]).stdout)
    findings = report["findings"] if isinstance(report, dict) else report
    told = [finding["level"] for finding in findings if finding["subject"] == "HOUSEKEY_LOGIN_BRIDGE_UNTIL"]
    assert told == ([] if level is None else [level])


@pytest.mark.flaw(1)
def test_after_a_backup_was_put_back_no_old_cookie_opens_anything(app):
    """Those that were spent since the backup would be unspent: whoever has a copy of one was in, after any logout."""
    used, copied = browser(app, old_cookies(remember=1)), old_cookies(remember=1)
    spent = house_of(app).store.tables["spent_cookies"]
    assert used.get("/who").text == "ann"
    used.post("/account/api/logout", json={})
    assert who(app, copied) == "nobody"
    with house_of(app).write() as unit:
        unit.execute(sa.delete(spent))  # as the backup has it
    answer = app.test_cli_runner().invoke(cli, ["db", "restored", "--yes"])
    assert answer.exit_code == 0, answer.output
    assert who(app, copied) == "nobody"
    assert log_in(registered(app, "eve@example.test"), "eve@example.test").status_code == 200
