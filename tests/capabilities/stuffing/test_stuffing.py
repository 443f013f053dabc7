"""While passwords are tried on the whole site, a password alone opens no browser that the account doesn't know."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from attacks.faces import disable
from attacks.test_equal_answers import counted
from housekey.capabilities.stuffing.wall import LOOK_EVERY
from housekey.kernel import clock
from housekey.testing import make_user
from housekey.testing.mailbox import Mailbox
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.mailed import OURS, code_in, operator
from rig.people import house_of
from rig.threads import together

ANN, BOB = "ann@example.test", "bob@example.test"
LIMIT = 6
TEN_MINUTES = timedelta(minutes=10)


def walled(url="sqlite://", **settings):
    return small_app(
        url,
        **{"HOUSEKEY_STUFFING_REFUSALS_PER_MINUTE": LIMIT, "HOUSEKEY_THROTTLING_NETWORK_TRIES": 10_000} | settings,
    )


@pytest.fixture
def app():
    return walled()


@pytest.fixture
def every_app(database_url):
    return walled(database_url, HOUSEKEY_MAIL_BUDGET=1000, HOUSEKEY_SESSIONS_LIMIT=1)


def try_passwords(app, times=LIMIT):
    for number in range(times):
        assert log_in(app.test_client(), f"nobody{number}@example.test", "wrong").status_code == 401


def confirm(client, code):
    return client.post("/account/api/login/code", json={"code": code})


def is_in(client):
    return client.get("/private").status_code == 200


def waiting(app, identifier=ANN):
    """A browser that the account doesn't know, with the right password, while the rule holds."""
    browser = app.test_client()
    answer = log_in(browser, identifier)
    assert (answer.status_code, answer.json["challenge"]["type"]) == (202, "mailed_code")
    return browser


def told(app, event):
    lines = operator(app, "audit", "list", "--event", event, "--json").output
    return len(json.loads(lines)["entries"]) if lines.startswith("{") else lines.count(f'"{event}"')


def test_in_calm_times_a_password_is_enough(app):
    registered(app)
    try_passwords(app, LIMIT - 1)
    assert log_in(app.test_client()).status_code == 200


def test_in_an_attack_a_new_browser_is_asked_for_a_mailed_code(every_app):
    registered(every_app)
    try_passwords(every_app)
    browser = waiting(every_app)
    assert not is_in(browser)
    assert confirm(browser, "AAAA-AAAA").json["fields"]["code"][0]["code"] == "wrong_code"
    done = confirm(browser, code_in(every_app, ANN))
    assert (done.status_code, done.json["user"]["email"]) == (200, ANN)
    assert done.json["session"]["amr"] == ["pwd", "email"]
    assert done.json["session"]["aal"] == 1, "a mailbox is no second factor"
    assert is_in(browser)
    browser.post("/account/api/logout")
    assert log_in(browser).status_code == 200, "it is known from now on"


def test_a_browser_that_the_account_knows_isnt_asked(app):
    owner = registered(app)
    owner.post("/account/api/logout")
    try_passwords(app)
    assert log_in(owner).status_code == 200
    registered(app, BOB)
    owner.post("/account/api/logout")
    assert log_in(owner, BOB).status_code == 202, "knowing it for another account doesn't count"


def test_whoever_registers_meanwhile_isnt_asked(app):
    try_passwords(app)
    assert is_in(registered(app))


def test_neither_is_whoever_proves_again_in_a_live_session(app):
    owner = registered(app)
    try_passwords(app)
    assert owner.post("/account/api/reauthenticate", json={"password": PASSWORD}).status_code == 200


@pytest.mark.flaw(30, 59)
def test_a_code_works_in_its_own_login_alone(app):
    registered(app)
    try_passwords(app)
    owner = waiting(app)
    code = code_in(app, ANN)
    thief = waiting(app)
    assert code_in(app, ANN) != code
    assert confirm(thief, code).status_code == 422
    assert confirm(app.test_client(), code).status_code == 401
    assert not is_in(thief)
    assert confirm(owner, code).status_code == 200


@pytest.mark.flaw(13)
def test_five_wrong_codes_are_all_that_a_guesser_gets_in_however_many_logins(app):
    registered(app)
    try_passwords(app)
    guesser = waiting(app)
    code = code_in(app, ANN)
    other = waiting(app)
    fresh = code_in(app, ANN)
    for _ in range(5):
        wrong = confirm(guesser, "AAAA-AAAA")
    assert confirm(guesser, code).data == wrong.data
    assert confirm(other, fresh).data == wrong.data, "the account is locked to unknown browsers"


@pytest.mark.flaw(57)
def test_a_right_password_that_waits_takes_no_count_back(app):
    registered(app)
    try_passwords(app)
    for _ in range(5):
        waiting(app)
    assert log_in(app.test_client()).status_code == 401, "locked, though each password was right"


def test_a_code_lives_for_ten_minutes(app):
    registered(app)
    with clock.stopped() as time:
        try_passwords(app)
        browser = waiting(app)
        code = code_in(app, ANN)
        time.forward(TEN_MINUTES)
        assert confirm(browser, code).status_code in (401, 422)
        assert not is_in(browser)


@pytest.mark.flaw(56)
def test_an_account_that_is_disabled_meanwhile_stays_shut(app):
    registered(app)
    try_passwords(app)
    browser = waiting(app)
    disable(app)
    assert confirm(browser, code_in(app, ANN)).status_code == 401
    assert not is_in(browser)


def test_it_ends_by_itself_and_is_told_once(app):
    registered(app)
    with clock.stopped() as time:
        try_passwords(app, LIMIT * 2)
        waiting(app)
        assert told(app, "StuffingBegan") == 1
        time.forward(TEN_MINUTES + LOOK_EVERY)
        assert log_in(app.test_client()).status_code == 200
        assert told(app, "StuffingEnded") == 1
        try_passwords(app, LIMIT - 1)
        assert log_in(app.test_client()).status_code == 200


def test_a_rate_around_the_limit_doesnt_switch_it_on_and_off(app):
    registered(app)
    with clock.stopped() as time:
        try_passwords(app)
        for _ in range(15):
            time.forward(timedelta(minutes=1))
            try_passwords(app, LIMIT // 2)
        waiting(app)
        assert (told(app, "StuffingBegan"), told(app, "StuffingEnded")) == (1, 0)


def test_a_sweep_tells_of_the_end_before_it_takes_the_row_away(app):
    with clock.stopped() as time:
        try_passwords(app)
        time.forward(TEN_MINUTES + timedelta(days=1))
        assert operator(app, "sweep").exit_code == 0
        assert told(app, "StuffingEnded") == 1


def test_a_process_that_has_refused_nobody_knows_it_too(every_app, database_url):
    registered(every_app)
    other = walled(database_url)
    with clock.stopped() as time:
        assert log_in(other.test_client()).status_code == 200
        try_passwords(every_app)
        time.forward(LOOK_EVERY)
        assert log_in(other.test_client()).status_code == 202


def test_parallel_refusals_raise_it_once(every_app):
    def guess(n):
        return [log_in(every_app.test_client(), f"n{n}-{i}@example.test", "wrong").status_code for i in range(4)]

    answers = [status for statuses in together(8, guess) for status in statuses]
    assert set(answers) <= {401, 503}, "where the machine is slow, the pool of hashes is full; that is no refusal"
    assert told(every_app, "StuffingBegan") == 1
    assert told(every_app, "LoginRefused") == answers.count(401)


def one_code_in_three_browsers(app):
    first = waiting(app)
    held = first.get_cookie(app.extensions["housekey"].cookies.attempt)
    browsers = [app.test_client() for _ in range(3)]
    for browser in browsers:
        browser.set_cookie(held.key, held.value)
    code = code_in(app, ANN)
    answers = together(3, lambda n: confirm(browsers[n], code).status_code)
    return answers.count(200), sum(map(is_in, browsers))


@pytest.mark.flaw(25)
def test_of_parallel_bearers_of_one_code_exactly_one_gets_in(every_app):
    registered(every_app)
    try_passwords(every_app)
    for _round in range(50):
        assert one_code_in_three_browsers(every_app) == (1, 1)


@pytest.mark.parametrize("off", [None, 0])
def test_where_it_is_off_nothing_is_asked(off):
    app = walled(HOUSEKEY_STUFFING_REFUSALS_PER_MINUTE=off)
    registered(app)
    try_passwords(app, 100)
    assert log_in(app.test_client()).status_code == 200


@pytest.mark.flaw(58)
def test_an_account_without_an_address_lets_in_known_browsers_alone_and_tells_nothing():
    app = walled(HOUSEKEY_REGISTRATION_USERNAME="required")
    make_user(app, email=None, username="annika", password=PASSWORD)
    known = app.test_client()
    assert log_in(known, "annika").status_code == 200
    known.post("/account/api/logout")
    try_passwords(app)
    right, wrong = log_in(app.test_client(), "annika"), log_in(app.test_client(), "annika", "wrong")
    assert (right.status_code, right.data) == (401, wrong.data)
    assert log_in(known, "annika").status_code == 200


def test_by_the_pages(app):
    registered(app)
    try_passwords(app)
    browser = app.test_client()
    form = {"identifier": ANN, "password": PASSWORD, "next": "/private", "remember": "on"}
    sent = browser.post("/account/login", data=form, headers=OURS)
    assert sent.location == "/account/login/code"
    page = browser.get(sent.location)
    assert ANN not in page.text, "who guesses by a username learns no address"
    again = browser.post(sent.location, data={"code": "AAAA AAAA"}, headers=OURS)
    assert (again.status_code, "isn&#39;t right" in again.text) == (422, True)
    assert browser.post(sent.location, data={"code": "x"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    done = browser.post(sent.location, data={"code": code_in(app, ANN)}, headers=OURS)
    assert (done.status_code, done.location) == (303, "/private")
    assert "Expires" in done.headers["Set-Cookie"]
    assert app.test_client().get("/account/login/code").status_code in (302, 303, 401)


def test_the_mail_tells_that_somebody_knows_the_password(app):
    registered(app)
    try_passwords(app)
    waiting(app)
    assert "somebody knows your password" in Mailbox(app).last(to=ANN).text


def test_a_mailbox_that_is_shown_for_another_reason_is_asked_for_once():
    app = walled(HOUSEKEY_VERIFICATION_REQUIRED=True)
    make_user(app, email=BOB, password=PASSWORD, verified=False)
    try_passwords(app)
    browser = app.test_client()
    assert log_in(browser, BOB).json["challenge"]["type"] == "email_verification"
    browser.post("/account/api/login/email/send")
    assert browser.post("/account/api/login/email", json={"code": code_in(app, BOB)}).status_code == 200


def test_a_login_by_mail_goes_on_as_always():
    app = walled(HOUSEKEY_MAILED_LOGIN_OPEN=True)
    registered(app)
    try_passwords(app)
    browser = app.test_client()
    browser.post("/account/api/login/mail", json={"email": ANN})
    done = browser.post("/account/api/login/mail/confirm", json={"code": code_in(app, ANN)})
    assert done.status_code == 200


def test_doctor_and_explain_login_tell_of_it(app):
    registered(app)
    assert "and not reached now" in operator(app, "doctor").output
    try_passwords(app)
    assert "asked for a mailed code just now" in operator(app, "doctor").output
    explained = operator(app, "explain-login", ANN).output
    assert "It asks for a further step, mailed_code" in explained


def test_a_login_that_succeeds_pays_nothing_in_a_known_browser_and_elsewhere_a_read_in_ten_seconds(monkeypatch):
    def statements(app, client):
        with counted(monkeypatch, house_of(app).store.engine) as work:
            assert log_in(client).status_code == 200
        return work.statements

    costs = {}
    for limit in (None, LIMIT):
        app = walled(HOUSEKEY_STUFFING_REFUSALS_PER_MINUTE=limit)
        known = registered(app)
        known.post("/account/api/logout")
        with clock.stopped():
            costs[limit] = [statements(app, client) for client in (known, app.test_client(), app.test_client())]
    in_known, in_first, in_second = costs[None]
    assert costs[LIMIT] == [in_known, in_first + 1, in_second]
