"""“This wasn't me”: the link of a notice shuts the account, and opens nothing."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from housekey.capabilities.notices import actions
from housekey.capabilities.notices.events import AccountFrozen, AccountUnfrozen
from housekey.commands import cli
from housekey.kernel import clock
from housekey.login.events import LoggedIn
from housekey.store import sweeping
from housekey.testing.mailbox import Mailbox
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.mails import house_of
from rig.people import heard
from rig.threads import together

ANN = "ann@example.test"
THIEF = "the thief has chosen this"
AGAIN = "and the thief has changed it"
NEW = "a brand new horse battery"
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def app():
    return small_app()


@pytest.fixture
def every_app(database_url):
    return small_app(database_url)


def change(client, current, new):
    answer = client.post("/account/api/password/change", json={"current": current, "new": new})
    assert answer.status_code in (200, 204), answer.text


def token_in(app, to=ANN):
    return parse_qs(urlsplit(Mailbox(app).last_link(to=to)).query)["token"][0]


def freeze(app, token):
    return app.test_client().post("/account/api/undo/freeze", json={"token": token})


def restore(app, token, password=PASSWORD, new=NEW):
    body = {"token": token, "password": password, "new": new}
    return app.test_client().post("/account/api/undo/restore", json=body)


def operator(app, *words, **more):
    answer = app.test_cli_runner().invoke(cli, words, **more)
    assert answer.exit_code == 0, answer.output
    return answer


def taken_over(app):
    """Ann's account, whose password a thief who knew it has changed; the thief's browser and the link of the notice."""
    registered(app)
    thief = app.test_client()
    assert log_in(thief).status_code == 200
    change(thief, PASSWORD, THIEF)
    return thief, token_in(app)


@pytest.mark.flaw(4)
def test_one_click_shuts_the_thief_out(every_app):
    thief, token = taken_over(every_app)
    assert freeze(every_app, token).status_code == 204
    assert thief.get("/private").status_code == 302
    assert log_in(thief, password=THIEF).status_code == 401


@pytest.mark.flaw(11)
def test_a_frozen_account_answers_like_any_refusal(app):
    _thief, token = taken_over(app)
    wrong = log_in(app.test_client(), password="not the right one")
    freeze(app, token)
    right = log_in(app.test_client(), password=THIEF)
    assert (right.status_code, right.json["code"]) == (wrong.status_code, wrong.json["code"])
    assert right.json["title"] == wrong.json["title"]


def test_no_password_is_reset_while_it_is_frozen(app):
    _thief, token = taken_over(app)
    stranger = app.test_client()
    stranger.post("/account/api/password/forgot", json={"email": ANN})
    reset = token_in(app)
    freeze(app, token)
    count = len(Mailbox(app))
    body = {"token": reset, "password": NEW}
    assert stranger.post("/account/api/password/reset", json=body).status_code == 410
    with clock.stopped() as time:
        time.forward(timedelta(hours=1))
        assert stranger.post("/account/api/password/forgot", json={"email": ANN}).status_code == 202
    assert len(Mailbox(app)) == count


@pytest.mark.flaw(23)
def test_looking_at_the_link_changes_nothing(app):
    thief, token = taken_over(app)
    for _ in range(3):
        page = app.test_client().get(f"/account/undo?token={token}", follow_redirects=True)
        assert page.status_code == 200
        assert token not in page.text
    assert thief.get("/private").status_code == 200


@pytest.mark.flaw(28)
def test_the_link_works_though_password_and_address_were_changed_since(app):
    thief, token = taken_over(app)
    change(thief, THIEF, AGAIN)
    users = house_of(app).store.schema.mapper.local_table
    identifiers = house_of(app).store.tables["identifiers"]
    for statement in (
        sa.update(users).values(email="eve@evil.test"),
        sa.update(identifiers).values(key="eve@evil.test"),
    ):
        with app.app_context():
            house_of(app).run(lambda unit, statement=statement: unit.execute(statement))
    assert freeze(app, token).status_code == 204
    assert thief.get("/private").status_code == 302
    assert restore(app, token).status_code == 204
    assert log_in(app.test_client(), "eve@evil.test", NEW).status_code == 200


@pytest.mark.flaw(28)
@pytest.mark.parametrize("guess", [THIEF, AGAIN, "not the right one"])
def test_an_old_mailbox_alone_takes_no_account_over(app, guess):
    """Nor does it together with what the thief has chosen."""
    thief, token = taken_over(app)
    change(thief, THIEF, AGAIN)
    assert restore(app, token, guess).status_code == 403, "not frozen"
    freeze(app, token)
    refused = restore(app, token, guess)
    assert (refused.status_code, list(refused.json["fields"])) == (422, ["password"])
    assert log_in(app.test_client(), password=NEW).status_code == 401


def test_who_knows_the_former_password_gets_the_account_back_with_a_new_one(every_app):
    thief, token = taken_over(every_app)
    change(thief, THIEF, AGAIN)
    freeze(every_app, token)
    assert restore(every_app, token).status_code == 204
    assert log_in(every_app.test_client(), password=NEW).status_code == 200
    for known in (PASSWORD, THIEF, AGAIN):
        assert log_in(every_app.test_client(), password=known).status_code == 401
    assert any("open again, with a new password" in mail.text for mail in Mailbox(every_app).messages)


def test_the_thief_knows_the_former_password_too_so_it_is_not_taken_again(app):
    _thief, token = taken_over(app)
    freeze(app, token)
    refused = restore(app, token, PASSWORD, PASSWORD)
    assert (refused.status_code, refused.json["fields"]["new"][0]["code"]) == (422, "unchanged")


def test_after_a_login_that_changed_nothing_the_present_password_is_the_proof(app):
    registered(app)
    thief = app.test_client()
    log_in(thief)
    token = token_in(app)
    freeze(app, token)
    assert thief.get("/private").status_code == 302
    assert restore(app, token).status_code == 204
    assert log_in(thief).status_code == 401


def test_where_there_was_no_password_nothing_but_an_administrator_opens_it(app):
    operator(app, "users", "create", ANN, "--no-password")
    thief = app.test_client()
    thief.post("/account/api/password/forgot", json={"email": ANN})
    thief.post("/account/api/password/reset", json={"token": token_in(app), "password": THIEF})
    token = token_in(app)
    freeze(app, token)
    assert restore(app, token, THIEF).status_code == 422


def test_a_password_that_an_operator_replaced_proves_nothing(app):
    _thief, token = taken_over(app)
    operator(app, "users", "set-password", ANN, "--password-stdin", input=NEW)
    freeze(app, token)
    assert [restore(app, token, password, AGAIN).status_code for password in (PASSWORD, THIEF)] == [422, 422]


@pytest.mark.flaw(13)
@pytest.mark.asvs("6.3.1")
def test_guesses_at_the_former_password_are_counted(app):
    _thief, token = taken_over(app)
    freeze(app, token)
    for _ in range(5):
        assert restore(app, token, "not the right one").status_code == 422
    assert restore(app, token, PASSWORD).status_code == 422, "the right one too, for a while"
    with clock.stopped() as time:
        time.forward(timedelta(minutes=16))
        assert restore(app, token, PASSWORD).status_code == 204


def test_strangers_who_guess_at_the_login_page_keep_nobody_from_getting_it_back(app):
    _thief, token = taken_over(app)
    freeze(app, token)
    for _ in range(8):
        log_in(app.test_client(), password="not the right one")
    assert restore(app, token).status_code == 204


def test_the_link_works_for_seven_days(app):
    with clock.stopped() as time:
        _thief, token = taken_over(app)
        time.forward(timedelta(days=6, hours=23))
        assert freeze(app, token).status_code == 204
        time.forward(timedelta(hours=2))
        assert freeze(app, token).status_code == 410
        assert restore(app, token).status_code == 410


def test_former_passwords_are_erased_after_that(app):
    with clock.stopped() as time:
        taken_over(app)
        time.forward(timedelta(days=7, minutes=1))
        with app.app_context():
            assert sweeping.sweep(house_of(app))["former_passwords"] == 1


def test_a_link_has_done_its_work_once_the_freeze_is_lifted(app):
    _thief, token = taken_over(app)
    freeze(app, token)
    restore(app, token)
    assert freeze(app, token).status_code == 410
    assert log_in(app.test_client(), password=NEW).status_code == 200


def test_a_click_under_way_while_the_freeze_is_lifted_shuts_nothing_again(app, monkeypatch):
    _thief, token = taken_over(app)
    assert freeze(app, token).status_code == 204
    look = actions.opened

    def and_then_an_operator(house, shown):
        found = look(house, shown)
        operator(app, "users", "unfreeze", ANN)
        return found

    monkeypatch.setattr(actions, "opened", and_then_an_operator)
    assert freeze(app, token).status_code == 410
    assert log_in(app.test_client(), password=THIEF).status_code == 200


def test_a_shorter_lifetime_ends_older_links_too(sqlite_url):
    """Former passwords are swept by then: the thief's own would be taken for the one from before."""
    app, key = small_app(sqlite_url), secrets.token_hex(32)
    app.secret_key = key
    with clock.stopped() as time:
        _thief, token = taken_over(app)
        shorter = small_app(sqlite_url, HOUSEKEY_NOTICES_UNDO_LIFETIME=timedelta(hours=2))
        shorter.secret_key = key
        time.forward(timedelta(hours=1))
        assert freeze(shorter, token).status_code == 204
        time.forward(timedelta(hours=2))
        assert restore(shorter, token, THIEF).status_code == 410
        assert restore(shorter, token).status_code == 410


def test_a_password_that_an_operator_sets_in_the_last_moment_has_the_last_word(app, monkeypatch):
    _thief, token = taken_over(app)
    assert freeze(app, token).status_code == 204
    hashed = actions.passwords.hashed

    def and_an_operator(*asked):
        monkeypatch.undo()
        operator(app, "users", "set-password", ANN, "--password-stdin", input="the operator has chosen this")
        return hashed(*asked)

    monkeypatch.setattr(actions.passwords, "hashed", and_an_operator)
    assert restore(app, token).status_code == 410
    operator(app, "users", "unfreeze", ANN)
    assert log_in(app.test_client(), password="the operator has chosen this").status_code == 200


@pytest.mark.flaw(25)
def test_of_parallel_clicks_one_freezes_and_is_told_once(every_app):
    _thief, token = taken_over(every_app)
    happened = []
    every_app.accounts.on(AccountFrozen)(lambda event, _session: happened.append(event))
    assert together(4, lambda _n: freeze(every_app, token).status_code) == [204] * 4
    assert len(happened) == 1
    assert sum("is frozen" in mail.subject for mail in Mailbox(every_app).messages) == 1


@pytest.mark.flaw(25)
def test_of_parallel_restores_one_wins(every_app):
    _thief, token = taken_over(every_app)
    freeze(every_app, token)
    happened, words = [], [f"{word} horse battery staple" for word in ("first", "second", "third")]
    every_app.accounts.on(AccountUnfrozen)(lambda event, _session: happened.append(event.by))
    answers = together(3, lambda n: restore(every_app, token, new=words[n]).status_code)
    assert answers.count(204) == 1, answers
    assert happened == ["owner"]
    assert log_in(every_app.test_client(), password=words[answers.index(204)]).status_code == 200


@pytest.mark.flaw(56)
def test_no_login_that_is_under_way_slips_past_a_freeze(every_app):
    _thief, token = taken_over(every_app)
    browsers = [every_app.test_client() for _ in range(4)]

    def one(n):
        return freeze(every_app, token).status_code if n == 0 else log_in(browsers[n], password=THIEF).status_code

    together(4, one)
    assert [browser.get("/private").status_code for browser in browsers] == [302] * 4


@pytest.mark.parametrize("token", ["x", "x" * 43, "A" * 22])
def test_what_is_no_link_does_nothing(app, token):
    assert freeze(app, token).status_code == 410
    assert restore(app, token).status_code == 410


def test_the_pages_do_the_same(app):
    thief, token = taken_over(app)
    reader = app.test_client()
    first = reader.get(f"/account/undo?token={token}")
    assert (first.status_code, first.location) == (303, "/account/undo")
    frozen = reader.post("/account/undo", headers=OURS)
    assert (frozen.status_code, frozen.location) == (303, "/account/undo/restore")
    assert thief.get("/private").status_code == 302
    wrong = reader.post("/account/undo/restore", data={"password": "wrong one", "new": NEW}, headers=OURS)
    assert (wrong.status_code, "the password before" in wrong.text) == (422, True)
    done = reader.post("/account/undo/restore", data={"password": PASSWORD, "new": NEW}, headers=OURS)
    assert (done.status_code, done.location) == (303, "/account/login")
    assert log_in(reader, password=NEW).status_code == 200


@pytest.mark.flaw(39)
def test_another_site_freezes_nothing(app):
    thief, token = taken_over(app)
    reader = app.test_client()
    reader.get(f"/account/undo?token={token}")
    assert reader.post("/account/undo", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert thief.get("/private").status_code == 200


# Those who run the site


def frozen(app):
    _thief, token = taken_over(app)
    assert freeze(app, token).status_code == 204
    return token


def administrator(app):
    ada = registered(app, "ada@example.test")
    operator(app, "users", "create", "root@example.test", "--role", "admin", "--password-stdin", input=PASSWORD)
    log_in(ada, "root@example.test")
    return ada


def key_of_ann(app):
    return json.loads(operator(app, "users", "show", ANN, "--json").output)["id"]


def former_hashes(app):
    with house_of(app).read() as connection:
        return set(connection.scalars(sa.select(house_of(app).store.tables["former_passwords"].c.hash)))


@pytest.mark.asvs("7.4.5")
def test_an_administrator_sees_the_freeze_and_lifts_it_for_the_record(app):
    token, ada, happened = frozen(app), administrator(app), []
    app.accounts.on(AccountUnfrozen)(lambda event, _session: happened.append((event.by, event.actor is not None)))
    path = f"admin/users/{key_of_ann(app)}"
    assert ada.get(f"/account/api/{path}").json["frozen_at"] is not None
    assert "Lift the freeze" in ada.get(f"/account/{path}").text
    assert ada.patch(f"/account/api/{path}", json={"frozen": False}).json["frozen_at"] is None
    assert happened == [("administrator", True)]
    assert log_in(app.test_client(), password=THIEF).status_code == 200, "the password is as it was left"
    assert freeze(app, token).status_code == 410
    assert former_hashes(app) == {None}, "nothing proves anything any more"


def test_the_thiefs_browser_is_a_new_device_again_whoever_lifts_the_freeze(app):
    """Otherwise the owner would hear nothing of the thief's next login."""
    thief, token = taken_over(app)
    assert freeze(app, token).status_code == 204
    operator(app, "users", "unfreeze", ANN)
    logins = heard(app, LoggedIn)
    assert log_in(thief, password=THIEF).status_code == 200
    assert [event.new_device for event in logins] == [True]


def test_an_administrator_freezes_nobody(app):
    registered(app)
    ada = administrator(app)
    refused = ada.patch(f"/account/api/admin/users/{key_of_ann(app)}", json={"frozen": True})
    assert (refused.status_code, refused.json["fields"]["frozen"][0]["code"]) == (422, "owner_only")


@pytest.mark.flaw(48)
def test_whoever_may_not_manage_users_lifts_no_freeze(app):
    frozen(app)
    eve = registered(app, "eve@example.test")
    assert eve.patch(f"/account/api/admin/users/{key_of_ann(app)}", json={"frozen": False}).status_code == 403
    assert log_in(app.test_client(), password=THIEF).status_code == 401


def test_an_operator_sees_the_freeze_and_lifts_it(app):
    frozen(app)
    assert json.loads(operator(app, "users", "show", ANN, "--json").output)["frozen_at"] is not None
    explained = app.test_cli_runner().invoke(cli, ["explain-login", ANN])
    assert "frozen" in explained.output
    assert explained.exit_code == 1
    operator(app, "users", "unfreeze", ANN)
    assert log_in(app.test_client(), password=THIEF).status_code == 200
    assert "isn't frozen" in operator(app, "users", "unfreeze", ANN).output


@pytest.mark.flaw(50)
def test_a_hosts_own_request_loader_opens_no_frozen_account(app):
    _thief, token = taken_over(app)

    @app.accounts.login_manager.request_loader
    def by_header(request):
        user = house_of(app).store.user_model
        session = house_of(app).store.database.host_session()
        return session.scalar(sa.select(user).where(user.email == ANN)) if "X-Ann" in request.headers else None

    assert app.test_client().get("/private", headers={"X-Ann": "1"}).status_code == 200
    freeze(app, token)
    assert app.test_client().get("/private", headers={"X-Ann": "1"}).status_code == 302


def test_each_page_of_the_link_leads_to_the_one_that_fits(app):
    ann = registered(app)
    change(ann, PASSWORD, NEW)
    browser = app.test_client()
    first = browser.get("/account/undo", query_string={"token": token_in(app)})
    assert first.status_code == 303, "the token moves out of the address"
    assert browser.get("/account/undo/restore").location == "/account/undo", "nothing is frozen"
    assert browser.post("/account/undo", headers=OURS).location == "/account/undo/restore"
    assert browser.get("/account/undo").location == "/account/undo/restore", "it is frozen already"
