"""Recovery codes: made with the first factor, shown once, each used once, ended by a new set."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from attacks.faces import rows
from housekey.capabilities.recovery_codes import codes
from housekey.kernel import clock
from housekey.testing.mailbox import Mailbox
from rig.apps import log_in, registered, small_app
from rig.people import house_of
from rig.phones import answer, begun, confirm, logged_in_with

STEP = timedelta(seconds=30)
ANN = "ann@example.test"
CODE = re.compile(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}")
METHOD = "recovery_code"


@pytest.fixture
def app():
    return small_app()


@pytest.fixture
def data_app(database_url):
    return small_app(database_url)


@pytest.fixture
def time():
    with clock.stopped() as stopped:
        yield stopped


def enrolled(app):
    """A phone, and the codes that came with it."""
    client = registered(app)
    phone = begun(client)
    made = confirm(client, phone, phone.code(-1))
    return phone, made.json["recovery_codes"]


def half_in(app):
    client = app.test_client()
    assert log_in(client).status_code == 202
    return client


def left(client):
    listed = client.get("/account/api/factors").json["factors"]
    return next(one["left"] for one in listed if one["method"] == METHOD)


def test_they_come_with_the_first_factor_and_not_with_the_second(app, time):
    phone, made = enrolled(app)
    assert len(set(made)) == 10
    assert all(CODE.fullmatch(code) for code in made)
    client = logged_in_with(app, phone)
    second = begun(client)
    assert confirm(client, second, second.code()).json["recovery_codes"] is None
    assert left(client) == 10


@pytest.mark.asvs("6.4.4")
def test_one_logs_in_once_instead_of_the_phone(data_app, time):
    _phone, made = enrolled(data_app)
    client = half_in(data_app)
    assert client.get("/account/api/login/challenge").json["challenge"]["details"]["methods"] == ["otp", METHOD]
    opened = answer(client, made[3], METHOD)
    assert opened.status_code == 200
    assert opened.json["session"]["amr"] == ["pwd", METHOD, "mfa"]
    assert left(client) == 9
    again = half_in(data_app)
    assert answer(again, made[3], METHOD).status_code == 401
    assert answer(again, made[4], METHOD).status_code == 200


@pytest.mark.flaw(32)
@pytest.mark.asvs("6.5.1", "15.4.2")
def test_of_two_who_show_one_code_in_the_same_moment_one_gets_in(data_app, time, together):
    _phone, made = enrolled(data_app)
    both = [half_in(data_app) for _ in range(2)]
    statuses = [each.status_code for each in together(2, lambda n: answer(both[n], made[0], METHOD))]
    assert sorted(statuses) == [200, 401]


@pytest.mark.flaw(39)
@pytest.mark.asvs("6.5.2")
def test_the_database_holds_only_hashes_under_a_salt(app, time):
    _phone, made = enrolled(app)
    house = house_of(app)
    with house.read() as connection:
        told = [
            connection.execute(sa.select(house.store.tables[t])).all() for t in ("recovery_codes", "recovery_code_sets")
        ]
    kept = [row.digest for row in told[0]]
    assert len(kept) == 10
    recipe = codes.Recipe(*told[1][0][1:5])
    assert {recipe.digest(codes.normal(code)) for code in made} == set(kept)
    assert not any(code.replace("-", "").encode() in digest for code in made for digest in kept)


def test_a_new_set_ends_the_old_one_and_is_mailed(app, time):
    phone, made = enrolled(app)
    client = logged_in_with(app, phone)
    time.forward(STEP)
    answered = client.post("/account/api/recovery-codes")
    assert answered.status_code == 201
    new = answered.json["codes"]
    assert set(new).isdisjoint(made)
    assert "are new" in Mailbox(app).last(to=ANN).subject
    assert answer(half_in(app), made[0], METHOD).status_code == 401
    assert answer(half_in(app), new[0], METHOD).status_code == 200


@pytest.mark.flaw(25)
def test_two_new_sets_in_the_same_moment_leave_one(data_app, time, together):
    phone, _made = enrolled(data_app)
    client = logged_in_with(data_app, phone)
    cookie = client.get_cookie(data_app.extensions["housekey"].cookies.session).value

    def renew(_number):
        browser = data_app.test_client()
        browser.set_cookie(data_app.extensions["housekey"].cookies.session, cookie)
        return browser.post("/account/api/recovery-codes")

    answers = together(2, renew)
    assert {each.status_code for each in answers} == {201}
    assert rows(data_app, "recovery_codes") == 10
    opened = [answer(half_in(data_app), each.json["codes"][0], METHOD).status_code for each in answers]
    assert sorted(opened) == [200, 401]


def test_their_use_is_mailed_and_few_are_asked_to_be_renewed(app, time):
    _phone, made = enrolled(app)
    for code in made[:7]:
        time.forward(STEP)
        client = half_in(app)
        assert answer(client, code, METHOD).status_code == 200
    told = [mail for mail in Mailbox(app).to(ANN) if "recovery code" in mail.subject][-1]
    assert "Codes left: 3." in told.text
    assert "Make new ones" in told.text
    overview = client.get("/account/", headers={"Accept": "text/html"}).text
    assert "Codes left: 3." in overview


def test_when_all_are_used_they_are_offered_no_more(app, time):
    _phone, made = enrolled(app)
    for code in made:
        assert answer(half_in(app), code, METHOD).status_code == 200
    assert half_in(app).get("/account/api/login/challenge").json["challenge"]["details"]["methods"] == ["otp"]


def test_they_go_with_the_last_factor(app, time):
    phone, _made = enrolled(app)
    client = logged_in_with(app, phone)
    assert client.delete(f"/account/api/totp/{phone.id}").status_code == 204
    assert rows(app, "recovery_codes", "recovery_code_sets") == 0
    refused = client.post("/account/api/recovery-codes")
    assert (refused.status_code, refused.json["code"]) == (403, "forbidden")


def test_the_page_shows_them_once_to_be_printed_and_kept(app, time):
    client = registered(app)
    phone = begun(client)
    form = {"code": phone.code(-1), "name": ""}
    page = client.post(f"/account/totp/{phone.id}", data=form, headers={"Sec-Fetch-Site": "same-origin"})
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    shown = set(CODE.findall(html.unescape(page.text)))
    assert len(shown) == 10
    assert not CODE.search(client.get("/account/factors").text)
    assert answer(half_in(app), shown.pop(), METHOD).status_code == 200


def test_no_code_is_in_the_log(app, time, caplog):
    caplog.set_level("DEBUG")
    _phone, made = enrolled(app)
    answer(half_in(app), made[0], METHOD)
    assert made[0] not in caplog.text


@given(st.sampled_from(codes.ALPHABET), st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=15, max_size=15))
def test_what_is_forgiven_of_what_people_type(first, rest):
    code = first + rest
    for typed in (
        codes.shown(code),
        code.lower(),
        f" {codes.shown(code).lower()} ",
        code.replace("0", "O").replace("1", "l"),
    ):
        assert codes.normal(typed) == code


@given(st.text(max_size=90))
def test_whatever_is_typed_is_read(typed):
    assert len(codes.normal(typed)) <= 3 * codes.LONGEST_TYPED


@pytest.mark.asvs("6.5.3", "6.5.4")
def test_codes_hold_80_bits():
    assert len(codes.ALPHABET) ** codes.LENGTH == 2**80
    assert len(set(codes.ALPHABET)) == 32


def test_whoever_makes_new_ones_again_and_again_is_told_to_wait_as_the_description_says(time):
    app = small_app(HOUSEKEY_THROTTLING_NETWORK_REQUESTS=2)
    phone, _codes = enrolled(app)
    client = logged_in_with(app, phone)
    answers = [client.post("/account/api/recovery-codes") for _ in range(3)]
    assert [each.status_code for each in answers] == [201, 201, 429]
    described = client.get("/account/api/openapi.json").json["paths"]["/recovery-codes"]["post"]["responses"]
    assert {"201", "403", "429", "503"} <= set(described)
