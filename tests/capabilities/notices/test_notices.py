"""Whatever happens to an account is mailed to its owner, without a word that a stranger has chosen."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from housekey.capabilities.notices.notice import Notice, tell
from housekey.commands import cli
from housekey.kernel import clock
from housekey.login.events import SteppedUp
from housekey.testing.mailbox import Mailbox
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.mails import house_of

ANN = "ann@example.test"
NEW = "a brand new horse battery"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
NEWER_FIREFOX = FIREFOX.replace("140.0", "141.0")
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"


@pytest.fixture
def app():
    return small_app()


def change(client, current=PASSWORD, new=NEW):
    return client.post("/account/api/password/change", json={"current": current, "new": new})


def subjects(app):
    return [mail.subject for mail in reversed(Mailbox(app).messages)]


def run_sql(app, statement):
    house = house_of(app)
    with app.app_context():
        house.run(lambda unit: unit.execute(statement(unit.tables)))


def test_registering_mails_nothing(app):
    registered(app)
    assert subjects(app) == []


@pytest.mark.asvs("6.3.7")
def test_a_changed_password_is_told_with_when_where_and_from_which_device(app):
    owner = registered(app)
    owner.environ_base["HTTP_USER_AGENT"] = FIREFOX
    owner.environ_base["REMOTE_ADDR"] = "203.0.113.7"
    assert change(owner).status_code in (200, 204)
    mail = Mailbox(app).last(to=ANN)
    assert mail.subject == "Your password for small was changed"
    for text in (mail.text, mail.html):
        assert "Firefox on Linux" in text
        assert "203.0.113.7" in text
        assert "UTC" in text
        assert "/account/undo?token=" in text


def test_what_is_rolled_back_is_not_told(app):
    owner = registered(app)
    assert change(owner, current="not the password at all").status_code == 422
    assert subjects(app) == []


@pytest.mark.asvs("6.3.5")
def test_a_login_from_a_new_device_is_told_and_from_a_known_one_not(app):
    registered(app)
    browser = app.test_client()
    browser.environ_base["HTTP_USER_AGENT"] = IPHONE
    assert log_in(browser).status_code == 200
    assert subjects(app) == ["New login to your account at small"]
    assert "Safari on iOS" in Mailbox(app).last(to=ANN).text
    assert log_in(browser).status_code == 200
    assert len(Mailbox(app)) == 1


def test_an_updated_browser_is_still_known_and_a_stolen_cookie_in_another_one_is_not(app):
    registered(app)
    browser = app.test_client()
    browser.environ_base["HTTP_USER_AGENT"] = FIREFOX
    log_in(browser)
    browser.environ_base["HTTP_USER_AGENT"] = NEWER_FIREFOX
    log_in(browser)
    assert len(Mailbox(app)) == 1
    browser.environ_base["HTTP_USER_AGENT"] = "curl/8.0"
    log_in(browser)
    assert len(Mailbox(app)) == 2


def test_the_first_login_of_an_old_account_is_told(app):
    """An account that the host has made long ago, and that somebody else is first to log in to."""
    operator(app, "users", "create", ANN, "--password-stdin", input=PASSWORD)
    with clock.stopped() as time:
        time.forward(timedelta(days=30))
        assert log_in(app.test_client()).status_code == 200
        assert subjects(app) == ["New login to your account at small"]


def operator(app, *words, **more):
    answer = app.test_cli_runner().invoke(cli, words, **more)
    assert answer.exit_code == 0, answer.output
    return answer


def test_new_devices_need_not_be_told():
    app = small_app(HOUSEKEY_NOTICES_NEW_DEVICE=False)
    registered(app)
    log_in(app.test_client())
    assert subjects(app) == []


@pytest.mark.asvs("6.3.5")
def test_a_wall_of_refused_logins_is_told_once_a_day_and_bears_no_link(app):
    registered(app)
    with clock.stopped() as time:
        for _ in range(3):
            for _ in range(6):
                log_in(app.test_client(), password="not the right one")
            time.forward(timedelta(hours=5))
        assert subjects(app) == ["Failed logins to your account at small"]
        assert "undo" not in Mailbox(app).last(to=ANN).text
        time.forward(timedelta(hours=20))
        for _ in range(6):
            log_in(app.test_client(), password="not the right one")
        assert len(Mailbox(app)) == 2


def test_a_wall_before_a_name_that_nobody_bears_mails_nobody(app):
    for _ in range(7):
        log_in(app.test_client(), "nobody@example.test", "not the right one")
    assert len(Mailbox(app)) == 0


def test_every_verified_address_is_told_and_no_unverified_one_beside_it(app):
    owner = registered(app)
    with app.app_context(), house_of(app).read() as connection:
        user_id = connection.scalar(sa.select(house_of(app).store.tables["identifiers"].c.user_id))
    now = clock.now()
    for key, verified in (("second@example.test", now), ("third@example.test", None)):
        row = {"key": key, "kind": "email", "user_id": user_id, "verified_at": verified, "created_at": now}
        run_sql(app, lambda tables, row=row: sa.insert(tables["identifiers"]).values(row))
    change(owner)
    assert {mail.to for mail in Mailbox(app).messages} == {"second@example.test"}, "Ann's own is unverified"
    run_sql(app, lambda tables: sa.update(tables["identifiers"]).where(
        tables["identifiers"].c.key == ANN).values(verified_at=now))  # fmt: skip
    change(owner, NEW, PASSWORD)
    assert {mail.to for mail in Mailbox(app).messages[:2]} == {ANN, "second@example.test"}


@pytest.mark.flaw(42, 60)
@pytest.mark.parametrize(
    ("agent", "address"),
    [
        ("<b>Firefox/1</b> Windows", "<script>alert(1)</script>"),
        ("Call +1 555 0100 Firefox/1 Windows", "call-this-number.evil.test"),
        ("Firefox/1 Windows\tBcc: eve@evil.test", "203.0.113.7, https://evil.test"),
    ],
)
def test_a_notice_holds_nothing_that_a_stranger_has_typed(app, agent, address):
    registered(app, name="Click https://evil.test/prize")
    browser = app.test_client()
    browser.environ_base |= {"HTTP_USER_AGENT": agent, "REMOTE_ADDR": address}
    assert log_in(browser).status_code == 200
    mail = Mailbox(app).last(to=ANN)
    for text in (mail.subject, mail.text, mail.html):
        for bad in ("evil", "555", "script>", "<b>", "Bcc", "Click"):
            assert bad not in text
    assert "Firefox on Windows" in mail.text


def test_an_address_that_can_not_be_mailed_keeps_nobody_out(app):
    registered(app)
    table = house_of(app).store.schema.mapper.local_table
    run_sql(app, lambda tables: sa.update(table).values(email="root"))
    assert log_in(app.test_client()).status_code == 200
    assert len(Mailbox(app)) == 0


def test_without_a_base_url_an_operator_can_still_set_a_password(caplog):
    app = small_app(TESTING=False, SQLALCHEMY_DATABASE_URI="sqlite://", HOUSEKEY_MAIL_HOST="mail.example.org",
                    HOUSEKEY_PASSWORDS_HASH_PROFILE="light")  # fmt: skip
    operator(app, "users", "create", "ann@example.org", "--password-stdin", input=PASSWORD)
    operator(app, "users", "set-password", "ann@example.org", "--password-stdin", input=NEW)
    assert "HOUSEKEY_BASE_URL" in caplog.text


def test_what_comes_later_adds_a_notice_in_a_line(app):
    with app.app_context():
        tell(house_of(app), Notice(event=SteppedUp, name="stepped_up", template="housekey/notices/mails/new_device"))
    owner = registered(app)
    owner.post("/account/api/reauthenticate", json={"password": PASSWORD})
    assert len(Mailbox(app)) == 1
