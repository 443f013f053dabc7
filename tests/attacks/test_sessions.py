"""What must not happen to sessions."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

import pytest
from flask import Flask, session

from attacks.faces import (
    ANN,
    BOB,
    FROM_OUR_PAGE,
    NEW_PASSWORD,
    cookie_name,
    disable,
    rows,
    session_ids,
    token,
    who,
    with_token,
)
from housekey import Housekey, current_user
from housekey.kernel import clock, tokens
from housekey.testing.mailbox import Mailbox
from rig.apps import QUICK, registered, small_app
from rig.people import id_of

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
NEWER_FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"
ONCE_LOGGED_IN = ["/private", "/account/sessions", "/account/password", "/account/api/sessions", "/account/logout"]


# Flaw 1


@pytest.mark.flaw(1)
@pytest.mark.asvs("7.4.1")
def test_a_copied_cookie_is_worthless_after_logout(data_app, face):
    client = face.registered(data_app)
    copied = token(data_app, client)
    assert who(with_token(data_app, copied)) == "ann"
    assert face.log_out(client).done
    assert token(data_app, client) is None
    assert who(with_token(data_app, copied)) is None


@pytest.mark.flaw(1)
@pytest.mark.asvs("7.4.1")
def test_no_copied_cookie_survives_logging_out_everywhere(app, face):
    here = face.registered(app)
    copied = [token(app, browser) for browser in (here, face.logged_in(app, remember=True))]
    assert face.log_out_everywhere(here).done
    assert [who(with_token(app, each)) for each in copied] == [None, None]


@pytest.mark.flaw(1)
@pytest.mark.asvs("7.4.1", "7.5.2")
def test_a_session_that_was_ended_from_another_browser_is_dead(app, face):
    owner, lost = face.registered(app), face.logged_in(app)
    copied = token(app, lost)
    assert face.end(owner, session_ids(lost)[0]).done
    assert who(lost) is None
    assert who(with_token(app, copied)) is None
    assert who(owner) == "ann"


@pytest.mark.flaw(1)
def test_a_page_that_loads_the_user_knows_of_a_logout_as_soon_as_one_that_does_not(data_app, face):
    @data_app.get("/greeting")
    def greeting() -> str:
        return f"Hello {current_user.email}" if current_user.is_authenticated else "Hello stranger"

    owner, other = face.registered(data_app), face.logged_in(data_app)
    assert other.get("/greeting").text == f"Hello {ANN}"
    face.end_others(owner)
    assert other.get("/greeting").text == "Hello stranger"


# Flaws 2 and 3


@pytest.mark.flaw(2)
@pytest.mark.asvs("7.2.2", "7.2.4")
def test_an_invented_token_planted_before_login_never_becomes_a_session(app, face):
    registered(app)
    planted = tokens.new_token().secret
    victim = with_token(app, planted)
    assert face.log_in(victim).done
    assert token(app, victim) != planted
    assert who(with_token(app, planted)) is None


@pytest.mark.flaw(2)
@pytest.mark.asvs("7.2.4")
def test_an_attackers_live_session_planted_before_login_is_ended_by_it(app, face):
    attacker = face.registered(app, BOB)
    face.registered(app)
    planted = token(app, attacker)
    victim = with_token(app, planted)
    assert face.log_in(victim).done
    assert who(victim) == "ann"
    assert token(app, victim) != planted
    assert who(attacker) is None


@pytest.mark.flaw(2)
@pytest.mark.asvs("7.2.4")
def test_a_token_copied_before_reauthentication_is_dead_after_it(data_app, face):
    client = face.registered(data_app)
    copied = token(data_app, client)
    assert face.reauthenticate(client).done
    assert token(data_app, client) != copied
    assert who(with_token(data_app, copied)) is None
    assert who(client) == "ann"


@pytest.mark.flaw(2)
@pytest.mark.asvs("7.2.4")
def test_a_token_copied_before_a_change_of_password_is_dead_after_it(app, face):
    client = face.registered(app)
    copied = token(app, client)
    assert face.change_password(client).done
    assert who(with_token(app, copied)) is None
    assert who(client) == "ann"


@pytest.fixture
def hosted() -> Flask:
    """An app that keeps things in Flask's own session; not in testing, so that nothing planted is believed."""
    app = small_app(TESTING=False, HOUSEKEY_BASE_URL="http://localhost", HOUSEKEY_PASSWORDS_HASH_PROFILE="light")

    @app.get("/plant/<key>/<value>")
    def plant(key: str, value: str) -> str:
        session[key] = value
        return ""

    @app.get("/keys")
    def keys() -> list[str]:
        return sorted(session)

    return app


@pytest.mark.flaw(3)
@pytest.mark.parametrize(("key", "value"), [("_user_id", "1"), ("user_id", "1"), ("is_admin", "1"), ("_fresh", "1")])
def test_keys_planted_in_flasks_session_log_nobody_in(hosted, face, key, value):
    registered(hosted)
    thief = hosted.test_client()
    thief.get(f"/plant/{key}/{value}")
    assert who(thief) is None


@pytest.mark.flaw(3)
def test_what_one_person_left_in_flasks_session_is_not_the_next_persons(hosted, face):
    client = face.registered(hosted)
    registered(hosted, BOB)
    client.get("/plant/cart/shoes")
    assert face.log_in(client, BOB).done
    assert client.get("/keys").json == []


@pytest.mark.flaw(3)
def test_flasks_session_is_empty_after_logout(hosted, face):
    client = face.registered(hosted)
    client.get("/plant/cart/shoes")
    assert face.log_out(client).done
    assert client.get("/keys").json == []


@pytest.mark.flaw(38)
def test_a_mailed_link_that_somebody_has_opened_opens_nothing_for_the_next_person_at_the_browser(app, face):
    client = face.registered(app)
    client.post("/account/api/password/forgot", json={"email": ANN})
    client.get(Mailbox(app).last_link(to=ANN), follow_redirects=True)
    assert face.log_out(client).done
    client.post("/account/password/reset", data={"password": NEW_PASSWORD}, headers=FROM_OUR_PAGE)
    assert not face.log_in(app.test_client(), password=NEW_PASSWORD).done


@pytest.mark.flaw(3)
def test_the_next_person_at_a_browser_gets_a_token_of_their_own(app, face):
    client = face.registered(app)
    registered(app, BOB)
    first = token(app, client)
    face.log_in(client, BOB)
    assert token(app, client) != first
    assert who(with_token(app, first)) is None


# Flaw 4


@pytest.mark.flaw(4)
@pytest.mark.asvs("7.4.3")
def test_no_other_session_lives_on_after_the_password_was_changed(data_app, face):
    client, other = face.registered(data_app), face.logged_in(data_app, remember=True)
    assert face.change_password(client).done
    assert who(other) is None
    assert who(client) == "ann"


@pytest.mark.flaw(4)
@pytest.mark.asvs("7.4.3")
def test_no_session_lives_on_after_the_host_has_set_a_password(app, face):
    client = face.registered(app)
    with app.app_context():
        accounts = app.accounts
        accounts.session.get(accounts.User, id_of(app)).set_password(NEW_PASSWORD)
        accounts.session.commit()
    assert who(client) is None


@pytest.mark.flaw(4)
@pytest.mark.asvs("7.4.2")
def test_no_session_lives_on_after_the_account_was_disabled(data_app, face):
    client, remembered = face.registered(data_app), face.logged_in(data_app, remember=True)
    disable(data_app)
    assert who(client) is None
    assert who(remembered) is None
    assert not face.log_in(client).done


@pytest.mark.flaw(4)
@pytest.mark.asvs("7.4.2")
def test_neither_session_nor_role_of_a_deleted_user_is_inherited_by_the_next_one_with_that_number(data_app, face):
    """SQLite gives a deleted user's number to the next one."""
    client = face.registered(data_app)
    with data_app.app_context():
        accounts = data_app.accounts
        accounts.session.delete(accounts.session.get(accounts.User, id_of(data_app)))
        accounts.session.commit()
    face.registered(data_app, BOB)
    assert who(client) is None
    assert not face.log_in(data_app.test_client()).done


# Flaws 5 and 6


@pytest.mark.flaw(5)
@pytest.mark.asvs("7.3.2")
def test_a_remembered_session_ends_in_the_end_however_much_it_is_used(app, face):
    with clock.stopped() as time:
        face.registered(app)
        client = face.logged_in(app, remember=True)
        for _ in range(4):
            time.forward(timedelta(days=7))
            assert who(client) == "ann"
        time.forward(timedelta(days=3))
        assert who(client) is None


@pytest.mark.flaw(5)
@pytest.mark.asvs("7.3.1")
def test_a_remembered_session_ends_when_nobody_comes_back(app, face):
    with clock.stopped() as time:
        face.registered(app)
        client = face.logged_in(app, remember=True)
        time.forward(timedelta(days=15))
        assert who(client) is None


@pytest.mark.flaw(5)
@pytest.mark.asvs("7.2.3")
def test_the_remembered_cookie_is_another_one_at_each_login_and_dead_after_logout(app, face):
    face.registered(app)
    seen = set()
    for _ in range(3):
        client = face.logged_in(app, remember=True)
        copied = token(app, client)
        seen.add(copied)
        face.log_out(client)
        assert who(with_token(app, copied)) is None
    assert len(seen) == 3


@pytest.mark.flaw(5, 45)
@pytest.mark.parametrize(
    "malformed",
    ["1|é", "1|e9b0", "", " ", "é" * 43, "a" * 43, "a" * 42 + "=", "a" * 5000, "%00", '"', "\\", "../../etc", "𝒜" * 43],
)
def test_no_malformed_cookie_crashes_the_server_or_logs_anyone_in(app, face, malformed):
    registered(app)
    cookies = app.extensions["housekey"].cookies
    for name in (cookies.session, cookies.device, cookies.attempt, cookies.csrf, "session", "remember_token"):
        client = app.test_client(use_cookies=False)
        client.environ_base["HTTP_COOKIE"] = f"{name}={malformed}".encode().decode("latin-1")
        assert who(client) is None
        assert face.log_in(client).done


def with_agent(app: Flask, agent: str):
    client = app.test_client()
    client.environ_base["HTTP_USER_AGENT"] = agent
    return client


@pytest.mark.asvs("8.2.4")
@pytest.mark.flaw(6)
@pytest.mark.parametrize("remember", [False, True])
def test_strong_protection_ends_a_session_that_turns_up_in_another_browser(face, remember):
    app = small_app(HOUSEKEY_SESSIONS_PROTECTION="strong")
    registered(app)
    owner = with_agent(app, FIREFOX)
    face.log_in(owner, remember=remember)
    thief = with_agent(app, CHROME)
    thief.set_cookie(cookie_name(app), token(app, owner))
    assert who(thief) is None
    assert who(owner) is None, "the stolen session must be ended, not only refused"


@pytest.mark.flaw(6)
@pytest.mark.parametrize("remember", [False, True])
def test_strong_protection_does_not_log_people_out_who_update_or_travel(face, remember):
    app = small_app(HOUSEKEY_SESSIONS_PROTECTION="strong")
    registered(app)
    owner = with_agent(app, FIREFOX)
    face.log_in(owner, remember=remember)
    owner.environ_base |= {"HTTP_USER_AGENT": NEWER_FIREFOX, "REMOTE_ADDR": "203.0.113.8"}
    assert who(owner) == "ann"


@pytest.mark.flaw(6)
def test_basic_protection_asks_a_session_in_another_browser_for_the_password(face):
    app = small_app()
    registered(app)
    owner = with_agent(app, FIREFOX)
    face.log_in(owner)
    thief = with_agent(app, CHROME)
    thief.set_cookie(cookie_name(app), token(app, owner))
    assert not face.end_others(thief).done
    assert face.end_others(owner).done


# Flaw 7


@pytest.mark.flaw(7)
@pytest.mark.asvs("14.2.2", "14.2.5", "14.3.2")
@pytest.mark.parametrize("path", ONCE_LOGGED_IN)
def test_no_logged_in_page_is_cached(app, path):
    answer = registered(app).get(path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]


@pytest.mark.flaw(7)
@pytest.mark.asvs("14.3.2")
def test_a_view_cannot_make_a_page_for_one_person_public(app):
    @app.get("/mine")
    def mine():
        answer = app.make_response(f"Hello {current_user.email}")
        answer.headers["Cache-Control"] = "public, max-age=3600"
        return answer

    answer = registered(app).get("/mine")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]


@pytest.mark.flaw(7)
def test_no_answer_with_a_cookie_is_stored(app, face):
    registered(app)
    client = app.test_client()
    for answer in (client.get("/account/login"), face.log_in(client).response, face.log_out(client).response):
        assert answer.headers.getlist("Set-Cookie")
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.flaw(7)
def test_a_page_that_asks_nothing_is_the_same_for_everybody(app):
    app.add_url_rule("/public", view_func=lambda: "news", endpoint="public")
    answer = registered(app).get("/public")
    assert "Vary" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert "Cache-Control" not in answer.headers


# Flaw 8


@pytest.mark.flaw(8)
@pytest.mark.asvs("7.2.1")
def test_requests_that_never_log_in_fill_no_table_of_sessions(app, face):
    registered(app)
    before = rows(app, "sessions", "devices", "attempts")
    for number in range(20):
        stranger = app.test_client()
        stranger.get("/private")
        stranger.get("/account/login")
        stranger.get("/account/register")
        face.log_in(stranger, f"user{number}", "wrong")
        face.register(stranger, "no address", "short")
        who(with_token(app, tokens.new_token().secret))
        assert token(app, stranger) is None
    assert rows(app, "sessions", "devices", "attempts") == before


@pytest.mark.flaw(8)
def test_counting_guesses_fills_no_table_beyond_what_networks_may_try(face):
    app = small_app(HOUSEKEY_THROTTLING_NETWORK_TRIES=5)
    for number in range(20):
        face.log_in(app.test_client(), f"user{number}", "wrong")
    assert rows(app, "counters") <= 5
    assert rows(app, "windows") <= 1 + 5, "one of the network, and one of each name for its wall of refusals"


# Flaw 9


@pytest.mark.flaw(9)
@pytest.mark.parametrize(
    "key", [None, "", "dev", "secret", "changeme", b"dev", "a" * 64, "12" * 20, "0f3e8a1b2c4d5e6f"]
)
def test_nothing_is_served_with_a_missing_short_or_well_known_key(key, caplog):
    app = Flask("keyed")
    app.config.update(QUICK | {"TESTING": False, "SQLALCHEMY_DATABASE_URI": "sqlite://", "SECRET_KEY": key})
    Housekey(app)
    for page in ("/account/login", "/account/login", "/account/api/openapi.json"):
        assert app.test_client().get(page).status_code == 500
    assert "ConfigurationError: SECRET_KEY" in caplog.text


@pytest.mark.flaw(9)
def test_two_installs_never_share_a_key():
    """There is none by default: an app without SECRET_KEY has none, and forms can't be signed with nothing."""
    app = Flask("keyless")
    app.config.update(QUICK | {"SQLALCHEMY_DATABASE_URI": "sqlite://"})
    Housekey(app)
    assert not app.extensions["housekey"].house.secret_keys()


# Flaw 10


@pytest.mark.flaw(10)
@pytest.mark.asvs("7.2.1", "14.2.1")
def test_no_token_is_shown_in_a_page_a_log_or_an_address(app, face, caplog):
    caplog.set_level(logging.DEBUG)
    client = face.registered(app)
    face.logged_in(app)
    cookies = [cookie.value for cookie in client._cookies.values()]
    secret = [*cookies, *(tokens.digest(value).hex() for value in cookies)]
    pages = [rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and not rule.arguments]
    shown = [client.get(page, headers={"Accept": "text/html"}) for page in pages]
    told = [answer.text + answer.headers.get("Location", "") for answer in shown] + [caplog.text]
    assert any("ann" in text for text in told)
    assert not [value for value in secret for text in told if value in text]


@pytest.mark.flaw(10)
@pytest.mark.asvs("7.2.1")
def test_the_id_of_a_session_that_pages_show_opens_nothing(app, face):
    client = face.registered(app)
    for shown in session_ids(client):
        assert who(with_token(app, shown)) is None
        assert not re.search(re.escape(shown), token(app, client) or "")


@pytest.mark.flaw(10)
@pytest.mark.asvs("14.2.1")
@pytest.mark.parametrize("place", ["?{name}={token}", "?token={token}", "?session={token}", ";{name}={token}"])
def test_no_token_is_taken_from_the_address(app, place):
    value = token(app, registered(app))
    path = "/private" + place.format(name=cookie_name(app), token=value)
    assert app.test_client().get(path, headers=FROM_OUR_PAGE).status_code != 200
