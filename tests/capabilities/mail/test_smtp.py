"""A real mail server, and all that can go wrong with it."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from housekey.kernel import clock
from rig.apps import small_app
from rig.mails import ANN, deliver, outbox, send

ONE, NONE = 1, 0


@pytest.fixture
def server(smtp_server):
    return smtp_server()


@pytest.fixture
def app(server):
    return small_app(**server.settings)


def state(app):
    (row,) = outbox(app)
    return row["state"]


def error(app):
    (row,) = outbox(app)
    return row["last_error"]


def test_a_mail_arrives_as_it_was_written(app, server):
    send(app)
    assert deliver(app).delivered == 1
    (got,) = server.received
    assert (got.sender, got.to) == ("hello@example.org", [ANN])
    assert str(got.mail["From"]) == "Example <hello@example.org>"
    assert got.mail["Auto-Submitted"] == "auto-generated"
    assert got.mail["List-Unsubscribe"] is None
    assert got.mail["Date"].datetime <= clock.now()
    assert "https://example.org/account/" in got.mail.get_body(("plain",)).get_content()
    assert "https://example.org/account/" in got.mail.get_body(("html",)).get_content()


def test_what_was_delivered_is_erased(app):
    send(app)
    assert outbox(app)[0]["body"]
    deliver(app)
    (row,) = outbox(app)
    assert (row["state"], row["body"]) == ("delivered", None)
    assert deliver(app).total == 0


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_permanent_refusal_is_not_tried_again_and_shows(app, server, command):
    server.says[command] = "550 5.7.1 not here"
    send(app)
    assert deliver(app).failed == 1
    assert (state(app), error(app)) == ("failed", "550 5.7.1 not here")
    server.says.clear()
    with clock.stopped() as time:
        time.forward(timedelta(days=1))
        assert deliver(app).total == 0
    assert server.received == []


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_passing_refusal_is_tried_again_later(app, server, command):
    server.says[command] = "451 4.3.0 come back later"
    send(app)
    assert deliver(app).postponed == 1
    assert (state(app), error(app)) == ("waiting", "451 4.3.0 come back later")
    assert deliver(app).total == 0, "not at once"
    server.says.clear()
    with clock.stopped() as time:
        time.forward(timedelta(minutes=1))
        assert deliver(app).delivered == 1
    assert (state(app), error(app)) == ("delivered", None)


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_dropped_connection_is_tried_again(app, server, command):
    server.drops.add(command)
    send(app)
    assert deliver(app).postponed == 1
    assert state(app) == "waiting"
    server.drops.clear()
    with clock.stopped() as time:
        time.forward(timedelta(minutes=1))
        assert deliver(app).delivered == 1
    assert len(server.received) == 1


def test_one_refused_mail_does_not_stop_the_others(app, server):
    server.says["RCPT"] = "550 5.1.1 nobody here"
    send(app)
    deliver(app)
    server.says.clear()
    send(app, "bob@example.org")
    send(app, "carol@example.org")
    assert deliver(app).delivered == 2


@pytest.mark.asvs("13.2.6", "16.5.2")
def test_a_server_that_is_down_is_asked_once_a_round_and_not_for_every_mail(app, server):
    server.stop()
    for number in range(20):
        send(app, f"user{number}@example.org")
    assert deliver(app).postponed == 1
    assert sum(row["tries"] for row in outbox(app)) == 1
    server.start_again()
    with clock.stopped() as time:
        time.forward(timedelta(minutes=1))
        assert deliver(app).delivered == 20
    assert len(server.received) == 20


@pytest.mark.asvs("13.2.6", "16.5.2")
def test_a_server_that_is_silent_is_given_up_in_time(app, server):
    server.waits["DATA"] = 4
    send(app)
    assert deliver(app).postponed == 1
    assert error(app) == "the mail server was silent for too long"


def test_the_same_message_id_at_every_try(app, server):
    server.drops.add("DATA")
    send(app)
    deliver(app)
    (before,) = outbox(app)
    server.drops.clear()
    with clock.stopped() as time:
        time.forward(timedelta(minutes=1))
        deliver(app)
    assert server.received[0].mail["Message-ID"] == before["reference"]


def test_pauses_grow_until_it_is_given_up(app, server):
    server.stop()
    send(app)
    pauses = []
    with clock.stopped() as time:
        while state(app) == "waiting":
            time.at(max(clock.now(), outbox(app)[0]["next_try_at"]))
            deliver(app)
            pauses.append(outbox(app)[0]["next_try_at"] - clock.now())
    assert state(app) == "failed"
    assert error(app).startswith("given up: no connection to the mail server (")
    assert all(later > sooner for sooner, later in pairwise(pauses[:6]))
    assert 40 < len(pauses) < 80


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_connection_that_fails_says_which_server_was_asked_and_how(server, security):
    app = small_app(**server.settings | {"HOUSEKEY_MAIL_SECURITY": security})
    send(app)
    assert deliver(app).postponed == 1
    host, port = server.settings["HOUSEKEY_MAIL_HOST"], server.settings["HOUSEKEY_MAIL_PORT"]
    assert error(app).startswith(f"no connection to the mail server ({host}, port {port}, “{security}”): ")


@pytest.mark.asvs("12.3.2")
class TestProtected:
    """STARTTLS and a login. Certificates are checked."""

    @pytest.fixture
    def server(self, smtp_server, certificate):
        return smtp_server(login=("ann", "a word"), certificate=certificate)

    @pytest.fixture
    def trusting(self, certificate, monkeypatch):
        """The certificate's maker is known on this machine."""
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))

    def test_it_sends(self, app, server, trusting):
        send(app)
        assert deliver(app).delivered == 1
        assert len(server.received) == 1

    @pytest.mark.asvs("16.3.4")
    def test_a_certificate_of_nobody_is_refused(self, app, server, caplog):
        send(app)
        assert deliver(app).postponed == 1
        assert "certificate" in caplog.text
        assert "certificate" in error(app)
        assert server.received == []

    def test_a_refused_login_is_tried_again_and_its_password_not_told(self, app, server, trusting, caplog):
        app.config["HOUSEKEY_MAIL_PASSWORD"] = "another word"
        house = app.accounts._houses[0]
        house.settings = app.accounts._load_settings(app)
        send(app)
        assert deliver(app).postponed == 1
        assert error(app).startswith("the mail server refused the login (535)")
        assert "another word" not in caplog.text

    @pytest.mark.asvs("16.5.3")
    def test_a_server_without_starttls_gets_nothing(self, smtp_server):
        plain = smtp_server()
        app = small_app(**plain.settings | {"HOUSEKEY_MAIL_SECURITY": "starttls"})
        send(app)
        assert deliver(app).postponed == 1
        assert plain.received == []


def test_what_a_server_quotes_of_a_mail_is_not_kept(app, server, caplog):
    server.says["DATA"] = (
        "550 spam: https://example.org/account/reset#tok_0123456789abcdefghij and 0123456789abcdefghij"
    )
    send(app)
    deliver(app)
    assert error(app) == "550 spam: … and …"
    assert "0123456789" not in caplog.text


def test_an_address_beyond_ascii_needs_a_server_that_takes_it(app, server):
    send(app, "jörg@bücher.example")
    assert deliver(app).delivered == 1
    assert server.received[0].to == ["jörg@xn--bcher-kva.example"]


def test_a_server_that_closes_for_now_ends_the_round(app, server):
    server.says["MAIL"] = "421 4.3.2 shutting down"
    send(app)
    send(app, "bob@example.org")
    assert deliver(app).delivered == NONE
    assert {row["state"] for row in outbox(app)} == {"waiting"}
    assert sorted(row["tries"] for row in outbox(app)) == [0, 1], "the second was not tried"
