"""What must not happen with passkeys (flaws 30, 31, 33, 34, 36, 57 and 59), and odd input that is never accepted."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attacks.faces import BOB, rows, token, who, with_token
from housekey.capabilities.passkeys import challenges
from housekey.capabilities.passkeys.challenges import Scope
from housekey.kernel import clock
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.authenticators import API, Authenticator, add, added, answer_with, b64, log_in_with, login_options, unb64
from rig.people import house_of
from rig.threads import together

SENT = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}


class Json:
    def send(self, client, path, key_says, **more):
        return client.post(API + path, json={"credential": key_says, **more}).status_code in (200, 201)


class Page:
    def send(self, client, path, key_says, **more):
        path = "passkeys/new" if path == "passkeys" else path
        form = {"credential": json.dumps(key_says), **more}
        return client.post("/account/" + path, data=form, headers=SENT).status_code in (200, 303)


@pytest.fixture(params=[Json(), Page()], ids=["json", "page"])
def twin(request):
    return request.param


@pytest.fixture
def key(app) -> Authenticator:
    """Ann's."""
    key = Authenticator()
    added(registered(app), key)
    return key


def is_in(client):
    return who(client) is not None


@pytest.mark.flaw(36)
@pytest.mark.parametrize(
    "change",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost.evil.example"},
        {"origin": "http://localhost:80@evil.example"},
        {"crossOrigin": True},
        {"crossOrigin": "false"},
        {"topOrigin": "https://evil.example"},
        {"topOrigin": "http://localhost"},
        {"type": "webauthn.create"},
        {"challenge": b64(bytes(56))},
        {"challenge": ""},
        {"challenge": None},
    ],
    ids=str,
)
@pytest.mark.asvs("9.2.3")
def test_what_was_signed_for_another_page_opens_nothing(app, key, twin, change):
    key.client_data = change
    client = app.test_client()
    assert not twin.send(client, "login/passkey", key.get(login_options(client)))
    assert not is_in(client)


@pytest.mark.asvs("6.7.2")
@pytest.mark.flaw(36)
def test_a_challenge_works_once(app, key, twin):
    client = app.test_client()
    said = key.get(login_options(client))
    assert twin.send(client, "login/passkey", said)
    client.post(API + "logout")
    assert not twin.send(client, "login/passkey", said)
    assert not twin.send(
        client,
        "login/passkey",
        key.get({"challenge": json.loads(unb64(said["response"]["clientDataJSON"]))["challenge"]}),
    )
    assert not is_in(client)


@pytest.mark.asvs("6.7.2", "11.5.1")
def test_a_challenge_bears_128_random_bits_of_its_own(app):
    house, scope = house_of(app), Scope("login", ("one browser",))
    nonces = {challenges.nonce(challenges.issue(house, scope)) for _ in range(1000)}
    assert len(nonces) == 1000
    assert {len(nonce) for nonce in nonces} == {16}
    varied = [len({nonce[place] for nonce in nonces}) for place in range(16)]
    assert min(varied) > 200, "each byte is drawn"


@pytest.mark.flaw(36)
def test_a_challenge_of_another_browser_opens_nothing(app, key, twin):
    mine, thiefs = app.test_client(), app.test_client()
    login_options(thiefs)
    assert not twin.send(thiefs, "login/passkey", key.get(login_options(mine)))


@pytest.mark.asvs("9.2.1")
@pytest.mark.flaw(36)
def test_a_challenge_ends(app, key):
    client = app.test_client()
    with clock.stopped() as time:
        said = key.get(login_options(client))
        time.forward(timedelta(minutes=10, seconds=1))
        assert client.post(API + "login/passkey", json={"credential": said}).status_code == 401


@pytest.mark.asvs("9.2.2")
@pytest.mark.flaw(36)
def test_a_challenge_to_log_in_is_none_to_confirm_or_to_go_on(app, key):
    client = app.test_client()
    first = key.get(login_options(client))
    log_in(client)
    body = {"method": "passkey", "credential": first}
    assert client.post(API + "login/challenge", json=body).status_code == 401
    assert answer_with(client, key).status_code == 200
    said = key.get(login_options(client))
    assert client.post(API + "reauthenticate/passkey", json={"credential": said}).status_code == 401


@pytest.mark.flaw(36)
def test_a_second_steps_challenge_belongs_to_its_login(app, key):
    one, other = app.test_client(), app.test_client()
    log_in(one), log_in(other)
    said = key.get(one.post(API + "login/challenge/options").json)
    body = {"method": "passkey", "credential": said}
    assert other.post(API + "login/challenge", json=body).status_code == 401
    assert one.post(API + "login/challenge", json=body).status_code == 200


@pytest.mark.flaw(34)
def test_another_users_passkey_answers_no_second_step(app, key):
    thiefs = Authenticator()
    added(registered(app, BOB), thiefs)
    client = app.test_client()
    log_in(client)
    thiefs.handle = key.handle
    options = client.post(API + "login/challenge/options").json
    body = {"method": "passkey", "credential": thiefs.get(options)}
    assert client.post(API + "login/challenge", json=body).status_code == 401
    assert not is_in(client)


@pytest.mark.flaw(34)
def test_another_users_passkey_confirms_nothing(app, key):
    thiefs = Authenticator()
    added(registered(app, BOB), thiefs)
    client = app.test_client()
    log_in_with(client, key)
    said = thiefs.get(client.post(API + "reauthenticate/passkey/options").json)
    assert client.post(API + "reauthenticate/passkey", json={"credential": said}).status_code == 401


@pytest.mark.flaw(34)
@pytest.mark.parametrize("handle", ["", b64(b"x" * 64)], ids=["none", "another's"])
def test_a_passkey_says_whose_it_is(app, key, handle):
    key.handle = handle
    assert log_in_with(app.test_client(), key).status_code == 401


@pytest.mark.asvs("6.3.3")
@pytest.mark.flaw(30)
def test_nothing_that_grants_anything_exists_before_the_passkey(app, key):
    before = rows(app, "sessions", "devices")
    client = app.test_client()
    log_in(client)
    client.post(API + "login/challenge/options")
    assert rows(app, "sessions", "devices") == before
    assert not is_in(client)


@pytest.mark.flaw(33)
def test_going_back_passes_no_step(app, key):
    client = app.test_client()
    log_in(client)
    client.delete(API + "login/challenge")
    assert client.post(API + "login/challenge/options").json["code"] == "login_expired"


@pytest.mark.flaw(57)
def test_a_known_password_buys_no_more_tries_at_the_passkey(app, key):
    wrong = Authenticator()
    wrong.id, wrong.rp_id, wrong.handle = key.id, key.rp_id, key.handle
    client = app.test_client()
    for _try in range(5):
        assert answer_with(client, wrong).status_code == 401 if _try else log_in(client).status_code == 202
    assert answer_with(client, wrong).status_code == 401
    again = app.test_client()
    assert log_in(again).status_code == 202
    assert answer_with(again, key).status_code == 401, "locked, and says so to nobody"


@pytest.mark.flaw(59)
def test_the_token_of_a_waiting_login_is_no_session_afterwards(app, key):
    client = app.test_client()
    log_in(client)
    name = app.extensions["housekey"].cookies.attempt
    planted = client.get_cookie(name).value
    assert answer_with(client, key).status_code == 200
    thief = with_token(app, planted)
    assert who(thief) is None
    thief.set_cookie(name, planted)
    assert thief.post(API + "login/challenge/options").status_code == 401
    assert token(app, client) != planted


@pytest.mark.asvs("11.2.5")
def test_a_deleted_passkey_an_unknown_one_and_a_wrong_signature_answer_alike(app, key):
    wrong = Authenticator()
    wrong.id, wrong.rp_id, wrong.handle = key.id, key.rp_id, key.handle
    unknown = Authenticator(rp_id="localhost", handle=key.handle)
    answers = [log_in_with(app.test_client(), one) for one in (wrong, unknown)]
    assert {(one.status_code, one.text) for one in answers} == {(401, answers[0].text)}


def test_unknown_passkeys_are_counted_for_their_network():
    app = small_app(HOUSEKEY_THROTTLING_NETWORK_TRIES=3)
    key = Authenticator(rp_id="localhost", handle="x")
    answers = [log_in_with(app.test_client(), key).status_code for _try in range(4)]
    assert answers == [401, 401, 401, 429]


@pytest.mark.asvs("15.4.2")
def test_of_parallel_bearers_of_one_signature_exactly_one_gets_in(data_app):
    key = Authenticator(synced=True)  # no counter that would refuse the second
    added(registered(data_app), key)
    client = data_app.test_client()
    said = key.get(login_options(client))
    cookie = client.get_cookie(data_app.extensions["housekey"].cookies.asker)

    def try_it(_number):
        browser = data_app.test_client()
        browser.set_cookie(cookie.key, cookie.value)
        return browser.post(API + "login/passkey", json={"credential": said}).status_code

    assert sorted(together(4, try_it)) == [200, 401, 401, 401]


@pytest.mark.asvs("15.4.2")
def test_of_two_passkeys_that_are_removed_at_once_one_stays_as_the_last_way_in(data_app):
    from sqlalchemy import delete

    from rig.people import house_of

    first, second = Authenticator(), Authenticator()
    client = registered(data_app)
    ids = [added(client, first)["id"]]
    client = data_app.test_client()
    log_in_with(client, first)
    ids.append(added(client, second)["id"])
    with house_of(data_app).write() as unit:
        unit.execute(delete(unit.tables["passwords"]))
    browsers = [data_app.test_client(), data_app.test_client()]
    for browser in browsers:
        log_in_with(browser, first)
    together(2, lambda number: browsers[number].delete(f"{API}passkeys/{ids[number]}").status_code)
    assert rows(data_app, "passkeys") == 1


# Fuzz: whatever is changed in what the browser gave, nothing is accepted, and nothing fails on our side.

QUIETLY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def places(value, path=()):
    """Where texts stand in a credential."""
    if isinstance(value, dict):
        return [place for name, part in value.items() for place in places(part, (*path, name))]
    return [path] if isinstance(value, str) else []


JUDGED = [("id",), ("rawId",), ("type",)]
OF_LOGIN = [*JUDGED, *(("response", n) for n in ("clientDataJSON", "authenticatorData", "signature", "userHandle"))]
OF_ADDING = [*JUDGED, ("response", "clientDataJSON"), ("response", "attestationObject")]
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=20), st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2), st.binary(max_size=80).map(b64),
)  # fmt: skip


def changed(draw, credential, where):
    """The same with one part changed: a byte of it, its length, or all of it."""
    *way, name = draw(st.sampled_from(where))
    copy = json.loads(json.dumps(credential))
    part = copy
    for step in way:
        part = part[step]
    before = part[name]
    how = draw(st.sampled_from(["flip", "cut", "grow", "odd", "gone"]))
    raw = bytearray(unb64(before)) if name != "type" else bytearray(before.encode())
    if how == "flip":
        raw[draw(st.integers(0, 999)) % len(raw)] ^= draw(st.integers(1, 255))  # a signature's length is never the same
    elif how == "cut":
        raw = raw[: draw(st.integers(0, 999)) % len(raw)]
    elif how == "grow":
        raw += draw(st.binary(min_size=1, max_size=9))
    part[name] = b64(bytes(raw)) if name != "type" else raw.decode("latin-1")
    if how == "odd":
        part[name] = draw(ODD)
    if how == "gone":
        del part[name]
    return copy if part.get(name, None) != before else None


@pytest.fixture
def fuzzed():
    app = small_app(HOUSEKEY_THROTTLING_NETWORK_TRIES=100_000, HOUSEKEY_THROTTLING_LOCK_AFTER=100_000)
    key = Authenticator()
    added(registered(app), key)
    return app, key


@QUIETLY
@given(data=st.data())
def test_a_login_with_one_part_changed_is_never_accepted(fuzzed, data):
    app, key = fuzzed
    client = app.test_client()
    said = changed(data.draw, key.get(login_options(client)), OF_LOGIN)
    if said is not None:
        answer = client.post(API + "login/passkey", json={"credential": said})
        assert answer.status_code in (401, 422), answer.text
        assert not is_in(client)


@QUIETLY
@given(data=st.data())
def test_a_registration_with_one_part_changed_is_never_a_failure_and_never_another_key(fuzzed, data):
    """It is not signed, so a key may be another one; what is bound to challenge, origin and site may not."""
    app, _key = fuzzed
    client, new = app.test_client(), Authenticator()
    log_in_with(client, _key)
    options = client.post(API + "passkeys/options").json
    made = new.create(options)
    said = changed(data.draw, made, [("id",), ("rawId",), ("type",), ("response", "clientDataJSON")])
    if said is not None:
        answer = client.post(API + "passkeys", json={"credential": said})
        assert answer.status_code == 422 or says_as_much(said, made), answer.text


def says_as_much(said, made):
    """Nothing is signed: a blank more, or another name for a part that may be missing, changes nothing that counts."""
    try:
        now, before = (json.loads(unb64(one["response"]["clientDataJSON"])) for one in (said, made))
    except (KeyError, TypeError, ValueError):
        return False
    alike = all(said.get(name) == made[name] for name in ("id", "rawId", "type"))
    binding = all(now.get(name) == before[name] for name in ("type", "challenge", "origin"))
    return alike and binding and not now.get("crossOrigin")


@QUIETLY
@given(data=st.data())
def test_a_broken_statement_of_a_new_key_is_never_a_failure(fuzzed, data):
    app, key = fuzzed
    client, new = app.test_client(), Authenticator()
    log_in_with(client, key)
    options = client.post(API + "passkeys/options").json
    said = changed(data.draw, new.create(options), [("response", "attestationObject")])
    if said is not None:
        answer = client.post(API + "passkeys", json={"credential": said})
        assert answer.status_code in (201, 409, 422), answer.text
        if answer.status_code == 201:  # another key than the authenticator's: it opens nothing with what was signed
            client.delete(f"{API}passkeys/{answer.json['factor']['id']}")


@QUIETLY
@given(odd=ODD)
def test_odd_credentials_are_refused_on_both_faces(fuzzed, odd):
    app, _key = fuzzed
    client = app.test_client()
    login_options(client)
    assert client.post(API + "login/passkey", json={"credential": odd}).status_code in (401, 422)
    form = {"credential": json.dumps(odd)}
    assert client.post("/account/login/passkey", data=form, headers=SENT).status_code in (401, 422)


def test_a_passkey_that_waits_for_nothing_is_added_to_nothing(app):
    assert add.__doc__
    assert app.test_client().post(API + "passkeys", json={"credential": {}}).status_code == 401
    client = registered(app)
    assert client.post(API + "passkeys", json={"credential": {}}).status_code == 422
    assert log_in(app.test_client(), password=PASSWORD).status_code == 200
