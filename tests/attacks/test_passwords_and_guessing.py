"""What must not happen to passwords, and what guessing must not tell or achieve."""

from __future__ import annotations

import secrets
import unicodedata
from urllib.parse import unquote

import pytest
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.security import generate_password_hash

from attacks.faces import ANN, BOB, FACES, NEW_PASSWORD, session_ids, who
from housekey.capabilities.passwords.stored import store_hash, stored_hash
from housekey.kernel import clock
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.people import administrator, house_of, id_of

HASHES = ("$argon2", "scrypt:", "pbkdf2")


# Flaw 12


@pytest.mark.flaw(12)
@pytest.mark.asvs("6.2.9")
def test_a_megabyte_password_costs_no_hash(app, face, monkeypatch):
    client = registered(app)
    monkeypatch.setattr("argon2.low_level.hash_secret", None)  # whoever calls it fails
    monkeypatch.setattr("argon2.low_level.verify_secret", None)
    huge = "x" * 1_000_000
    answers = [
        face.log_in(app.test_client(), password=huge),
        face.register(app.test_client(), BOB, huge),
        face.change_password(client, huge),
        face.change_password(client, PASSWORD, huge),
        face.reauthenticate(client, huge),
    ]
    assert {answer.status for answer in answers} == {413}


@pytest.mark.flaw(12)
@pytest.mark.asvs("6.2.9")
@pytest.mark.parametrize("length", [129, 5_000, 30_000])
def test_a_password_beyond_the_longest_is_refused_and_never_cut(app, face, length):
    answer = face.register(app.test_client(), password="correct horse " * length)
    assert not answer.done
    assert not face.log_in(app.test_client(), password="correct horse " * length).done


@pytest.mark.flaw(12)
@pytest.mark.asvs("6.2.8")
@pytest.mark.parametrize("beginning", ["correct horse battery staple " * 4, "🔑 Schlüssel " * 9])
def test_every_character_of_a_long_password_counts(app, face, beginning):
    """bcrypt alone would read the first 72 bytes."""
    assert len(beginning.encode()) > 72
    face.registered(app, password=beginning + "one")
    assert face.log_in(app.test_client(), password=beginning + "one").done
    for other in (beginning + "two", beginning, beginning.strip(), beginning[:72]):
        assert not face.log_in(app.test_client(), password=other).done


# Flaws 13, 14, 17, 18


@pytest.mark.flaw(13)
@pytest.mark.asvs("6.3.1")
def test_thirty_wrong_passwords_in_a_row_do_not_go_without_effect(app, face):
    registered(app)
    stranger = app.test_client()
    for number in range(30):
        assert face.log_in(stranger, password=f"wrong {number}").status == 401
    assert not face.log_in(stranger).done
    assert who(stranger) is None


@pytest.mark.flaw(13)
@pytest.mark.asvs("6.3.1")
def test_the_current_password_cannot_be_guessed_in_a_stolen_session(app, face):
    thief = registered(app)
    for number in range(6):
        face.change_password(thief, f"wrong {number}")
    assert not face.change_password(thief).done
    assert not face.reauthenticate(thief).done


@pytest.mark.flaw(14)
def test_guesses_in_ever_new_browsers_are_counted_together(app, face):
    registered(app)
    for number in range(5):
        face.log_in(app.test_client(), password=f"wrong {number}")
    assert not face.log_in(app.test_client()).done


@pytest.mark.flaw(14)
def test_a_stranger_who_knows_the_address_locks_the_owner_out_of_no_browser_of_theirs(app, face):
    owner = face.registered(app)
    face.log_out(owner)
    for _ in range(50):
        face.log_in(app.test_client(), password="wrong")
    assert face.log_in(owner).done


@pytest.mark.flaw(17)
@pytest.mark.parametrize("broken", ["garbage", "999.999.999.999", "::g", "", " ", "127.0.0.1; DROP", "é", "a" * 10_000])
def test_an_unreadable_address_lifts_no_limit(face, broken):
    app = small_app(HOUSEKEY_THROTTLING_NETWORK_TRIES=3)
    app.wsgi_app = ProxyFix(app.wsgi_app)
    statuses = []
    for number in range(5):
        client = app.test_client()
        client.environ_base["HTTP_X_FORWARDED_FOR"] = broken
        statuses.append(face.log_in(client, f"user{number}", "wrong").status)
    assert statuses == [401, 401, 401, 429, 429]


@pytest.mark.flaw(18)
@pytest.mark.asvs("6.3.1", "6.3.4")
def test_guesses_on_one_face_count_on_the_other(app):
    registered(app)
    page, json = FACES
    stranger = app.test_client()
    for number in range(5):
        (page if number % 2 else json).log_in(stranger, password="wrong")
    assert not page.log_in(stranger).done
    assert not json.log_in(stranger).done


@pytest.mark.flaw(18)
def test_registering_is_limited_on_both_faces_together():
    app = small_app(HOUSEKEY_THROTTLING_NETWORK_REQUESTS=2)
    page, json = FACES
    assert page.register(app.test_client(), "1@example.test").done
    assert json.register(app.test_client(), "2@example.test").done
    assert {each.register(app.test_client(), "3@example.test").status for each in FACES} == {429}


# Flaw 19


@pytest.mark.flaw(19)
@pytest.mark.asvs("15.3.1")
def test_no_hash_is_within_reach_of_the_user_object(app):
    registered(app)
    with app.app_context():
        accounts = app.accounts
        user = accounts.session.get(accounts.User, id_of(app))
        reached = f"{user!r} {user} {vars(user)} {[getattr(user, name, '') for name in dir(user)]}"
        columns = " ".join(accounts.User.__table__.columns.keys())
    assert not [mark for mark in HASHES if mark in reached]
    assert "pass" not in columns
    assert "hash" not in columns


@pytest.mark.flaw(19)
@pytest.mark.asvs("15.3.1", "14.2.6")
def test_no_answer_shows_a_hash_not_even_to_an_administrator(app):
    registered(app)
    admin = administrator(app)
    stored = str(stored_hash(house_of(app), id_of(app)))
    paths = ["me", "sessions", "admin/users", f"admin/users/{id_of(app)}", "admin/users?query=ann", "openapi.json"]
    shown = [admin.get(f"/account/{prefix}{path}").text for path in paths for prefix in ("", "api/")]
    assert any(ANN in text for text in shown)
    assert not [text for text in shown if stored in text or "$argon2" in text]


@pytest.mark.flaw(19)
def test_an_administrators_search_does_not_find_people_by_their_hash(app):
    registered(app)
    admin = administrator(app)
    stored = str(stored_hash(house_of(app), id_of(app)))
    for part in (stored, "$argon2id", "argon2", stored[-10:]):
        assert admin.get("/account/api/admin/users", query_string={"query": part}).json["total"] == 0


# Flaw 20


@pytest.mark.flaw(20)
@pytest.mark.parametrize("username", [BOB, BOB.upper(), "bob@example", "＠bob", "bob＠example.test"])
def test_a_username_never_equals_or_resembles_an_address(app, face, username):
    registered(app, BOB)
    answer = face.register(app.test_client(), "thief@example.test", username=username)
    assert answer.status == 422
    assert face.log_in(app.test_client(), BOB).done


@pytest.mark.flaw(20)
def test_a_username_that_a_host_has_let_through_takes_nobodys_place(data_app, face):
    registered(data_app, BOB)
    with data_app.app_context():
        accounts = data_app.accounts
        thief = accounts.User(email="thief@example.test", username=BOB)
        thief.set_password(NEW_PASSWORD)
        accounts.session.add(thief)
        accounts.session.commit()
    assert not face.log_in(data_app.test_client(), BOB, NEW_PASSWORD).done
    assert who(face.logged_in(data_app, BOB)) == "bob"


# Flaw 58


@pytest.mark.flaw(58, 11)
@pytest.mark.asvs("6.3.8")
def test_locks_and_limits_answer_the_same_for_an_account_that_exists_and_for_one_that_does_not(face):
    """Even to one who tries the right password in the end."""

    def answers(identifier: str) -> list[tuple[int, str | None]]:
        app = small_app(HOUSEKEY_THROTTLING_NETWORK_TRIES=9)
        registered(app)
        stranger, told = app.test_client(), []
        for number in range(11):
            answer = face.log_in(stranger, identifier, "wrong" if number < 6 else PASSWORD)
            told.append((answer.status, answer.response.headers.get("Retry-After")))
        return told

    with clock.stopped():
        assert answers(ANN) == answers("nobody@example.test") == [(401, None)] * 9 + [(429, "601")] * 2


@pytest.mark.flaw(58)
def test_a_lock_in_a_live_session_says_what_a_wrong_password_says(app, face):
    client = registered(app)
    wrong = face.reauthenticate(client, "wrong")
    for _ in range(5):
        face.reauthenticate(client, "wrong")
    locked = face.reauthenticate(client)
    assert (locked.status, said(locked)) == (wrong.status, said(wrong))
    assert session_ids(client), "the session itself goes on"


def said(answer) -> str:
    """The problem document, or the sentence beside the form."""
    return answer.text if answer.response.is_json else answer.text.partition('role="alert"')[2][:400]


# Passwords are compared exactly


ODD = [
    "\0 nul in front, behind \0",
    "   leading and trailing   ",
    "née Grüße, élan vital",
    "ne\u0301e Gru\u0308ße, e\u0301lan vital",
    "🔑🚪🏠🪟🧹🪣🧺🛏🛋🚿🛁🪞🧸🕰🪑🪴",
    "%00 and %41 are no octets",
]


@pytest.mark.flaw(12, 45)
@pytest.mark.asvs("6.2.8")
@pytest.mark.parametrize("odd", ODD, ids=ascii)
def test_a_password_is_taken_exactly_as_it_was_typed(app, face, odd):
    face.registered(app, password=odd)
    assert face.log_in(app.test_client(), password=odd).done
    others = {odd.strip(" \0"), odd[:-1], odd + "\0", unicodedata.normalize("NFC", odd), odd.upper(), unquote(odd)}
    for other in others - {odd}:
        assert not face.log_in(app.test_client(), password=other).done


def test_the_passwords_of_two_people_never_open_each_others_accounts(app, face):
    face.registered(app)
    face.registered(app, BOB, password=NEW_PASSWORD)
    assert not face.log_in(app.test_client(), ANN, NEW_PASSWORD).done
    assert not face.log_in(app.test_client(), BOB, PASSWORD).done


def test_nobody_logs_in_to_an_account_without_a_password(app, face):
    with app.app_context():
        accounts = app.accounts
        accounts.session.add(accounts.User(email=ANN))
        accounts.session.commit()
    for guess in (PASSWORD, "None", "null", " ", secrets.token_hex(), "!", "x"):
        assert not face.log_in(app.test_client(), password=guess).done


def test_an_old_hash_that_is_damaged_opens_nothing(app, face):
    registered(app)
    for damaged in ("", "x", "!", "None", "$argon2id$", generate_password_hash(PASSWORD, "pbkdf2:sha256:1000")[:-2]):
        house_of(app).run(lambda unit, new=damaged: store_hash(unit, unit.schema, id_of(app), new))
        assert log_in(app.test_client()).status_code == 401
        assert log_in(app.test_client(), password=damaged or "x").status_code == 401
