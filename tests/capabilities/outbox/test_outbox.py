"""A row in the transaction of the change; sent once, erased, and never sent for what was rolled back."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
import sqlalchemy as sa

from housekey.capabilities.mail import actions as mail
from housekey.capabilities.mail.events import MailWithheld
from housekey.capabilities.outbox import actions, claims
from housekey.capabilities.outbox.carriers import Carriers
from housekey.capabilities.outbox.delivery import Round, deliver_due
from housekey.capabilities.outbox.events import DeliveryFailed
from housekey.errors import CarrierDown, DeliveryPostponed, DeliveryRefused
from housekey.kernel import clock
from housekey.store import sweeping
from rig.apps import registered, small_app
from rig.mails import ANN, deliver, house_of, letter, outbox, send
from rig.people import heard, id_of

TOKEN = "tok_of_a_reset_0123456789"


@pytest.fixture
def app():
    return small_app(HOUSEKEY_MAIL_BUDGET=1000)


@pytest.fixture
def carried(app):
    """What left the house, by a function of the host's."""
    found = []
    app.accounts.mail_transport(found.append)
    return found


class Stop(Exception):
    pass


def test_a_change_that_is_rolled_back_sends_nothing(database_url):
    app = small_app(database_url)

    def verb(unit):
        mail.send(unit, letter())
        raise Stop

    with pytest.raises(Stop), app.app_context():
        house_of(app).run(verb)
    assert outbox(app) == []
    assert deliver(app).total == 0


def test_what_is_sent_goes_to_a_function_of_the_hosts(app, carried):
    send(app)
    assert deliver(app).delivered == 1
    (sent,) = carried
    assert (sent.recipient, sent.subject, sent.sender) == (ANN, "A test from small", "small <no-reply@localhost>")
    assert "This is a test" in sent.text
    assert "It works" in sent.html
    assert sent.message_id == outbox(app)[0]["reference"]
    assert "This is a test" not in repr(sent)


def test_what_went_out_before_the_database_went_away_is_counted(app):
    def drop_the_table(_mail):
        with house_of(app).store.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE housekey_outbox")

    app.accounts.mail_transport(drop_the_table)
    send(app)
    done = Round()
    with pytest.raises(sa.exc.OperationalError), app.app_context():
        deliver_due(house_of(app), done=done)
    assert done.delivered == 1


def test_what_a_mail_says_is_sealed_while_it_waits_and_erased_once_it_is_sent(app, carried):
    send(app, facts={"at": clock.now(), "token": TOKEN})
    (row,) = outbox(app)
    assert b"This is a test" not in row["body"]
    assert TOKEN.encode() not in row["body"]
    deliver(app)
    assert outbox(app)[0]["body"] is None


def test_a_body_moved_to_another_row_is_not_sent(app, carried):
    send(app)
    send(app, "eve@example.org")
    house = house_of(app)
    table = house.store.tables["outbox"]
    to_ann, to_eve = outbox(app)
    with house.write() as unit:
        unit.execute(sa.update(table).where(table.c.id == to_eve["id"]).values(body=to_ann["body"]))
    assert (deliver(app).delivered, len(carried)) == (1, 1)
    assert [row["state"] for row in outbox(app)] == ["delivered", "failed"]


def test_a_changed_key_without_a_fallback_waits_for_it(app, carried):
    send(app)
    former, app.secret_key = app.secret_key, "another key that is long enough 0123"
    assert deliver(app).postponed == 1
    assert "SECRET_KEY_FALLBACKS" in outbox(app)[0]["last_error"]
    app.config["SECRET_KEY_FALLBACKS"] = [former]
    with clock.stopped() as time:
        time.forward(timedelta(minutes=1))
        assert deliver(app).delivered == 1


@pytest.mark.parametrize(
    ("error", "state", "told"),
    [
        (DeliveryRefused("550 no such user"), "failed", "550 no such user"),
        (DeliveryPostponed("451 later"), "waiting", "451 later"),
        (CarrierDown("no route"), "waiting", "no route"),
        (ValueError("https://api.example/?key=secret"), "waiting", "ValueError"),
    ],
)
def test_what_a_function_of_the_hosts_raises_is_judged(app, caplog, error, state, told):
    def transport(mail):
        raise error

    app.accounts.mail_transport(transport)
    failures = heard(app, DeliveryFailed)
    send(app)
    deliver(app)
    (row,) = outbox(app)
    assert (row["state"], row["last_error"], row["body"] is not None) == (state, told, True)
    assert [event.purpose for event in failures] == (["test"] if state == "failed" else [])
    assert "secret" not in caplog.text


def test_of_two_who_have_seen_a_row_one_claims_it(database_url, together):
    app = small_app(database_url)
    send(app)
    house = house_of(app)
    (seen,) = claims.due(house, ["mail"])
    won = together(8, lambda _: house.run(lambda unit: claims.claim(unit, seen)))
    assert len([row for row in won if row is not None]) == 1


def test_a_lease_that_runs_out_lets_another_send_it_and_the_first_says_nothing_more(app, carried):
    send(app)
    house = house_of(app)
    with clock.stopped() as time:
        first = house.run(lambda unit: claims.claim(unit, claims.due(house, ["mail"])[0]))
        assert deliver(app).total == 0, "it is the first one's"
        time.forward(claims.LEASE + timedelta(seconds=1))
        assert deliver(app).delivered == 1
        house.run(lambda unit: claims.failed(unit, first, "too late to say so"))
    (row,) = outbox(app)
    assert (row["state"], row["last_error"], row["tries"]) == ("delivered", None, 2)


def test_a_letter_whose_links_have_ended_is_not_sent_any_more(app, carried):
    send(app, useful_for=timedelta(hours=1))
    with clock.stopped() as time:
        time.forward(timedelta(hours=2))
        assert deliver(app).failed == 1
    assert carried == []
    assert outbox(app)[0]["last_error"] == "nothing could send it in time"


def test_a_decoy_does_the_work_and_is_never_sent(app, carried):
    send(app, decoy=True)
    (row,) = outbox(app)
    assert (row["state"], row["recipient"], row["body"] is not None) == ("decoy", "", True)
    house = house_of(app)
    with clock.stopped() as time:
        time.forward(timedelta(minutes=59))
        assert deliver(app).total == 0
        assert actions.listed(house) == []
        assert sweeping.sweep(house)["outbox"] == 0
        time.forward(timedelta(minutes=2))
        assert sweeping.sweep(house)["outbox"] == 1
    assert carried == []


def test_what_is_delivered_is_swept_a_week_later_and_what_waits_is_not(app):
    house, carriers = house_of(app), house_of(app).service(Carriers)
    with clock.stopped() as time:
        send(app)
        deliver_due(house)
        carriers.by_kind.clear()
        time.forward(timedelta(days=6, hours=23))
        send(app)
        time.forward(timedelta(hours=2))
        assert sweeping.sweep(house)["outbox"] == 1
    assert [row["state"] for row in outbox(app)] == ["waiting"]


def test_a_users_mails_go_with_the_user(database_url):
    app = small_app(database_url)
    registered(app, ANN)
    with app.app_context():
        house, user_id = house_of(app), id_of(app, ANN)
        send(app, user_id=user_id)
        send(app, purpose="to nobody's account, at this address")
        send(app, "other@example.org", purpose="to somebody else")
        with house.write() as unit:
            unit.session.delete(unit.session.get(house.store.user_model, user_id))
    assert [row["purpose"] for row in outbox(app)] == ["to somebody else"]


class TestBudget:
    """How many mails one address gets."""

    @pytest.fixture
    def app(self, database_url):
        return small_app(database_url, HOUSEKEY_MAIL_BUDGET=2, HOUSEKEY_MAIL_NOTICE_BUDGET=3)

    @pytest.mark.asvs("2.4.1")
    def test_no_more_than_that(self, app, caplog):
        withheld = heard(app, MailWithheld)
        with caplog.at_level(logging.WARNING, "housekey"):
            assert [send(app) is not None for _ in range(3)] == [True, True, False]
        assert len(outbox(app)) == 2
        assert [event.purpose for event in withheld] == ["test"]
        assert ANN not in caplog.text

    def test_case_and_spelling_of_an_address_are_no_way_around(self, app):
        sent = [send(app, to) for to in (ANN, "ANN@example.org", "Ann@Example.ORG")]
        assert [one is not None for one in sent] == [True, True, False]

    def test_other_addresses_and_purposes_have_their_own(self, app):
        for _ in range(2):
            send(app)
        assert send(app, "bob@example.org") is not None
        assert send(app, purpose="reset") is not None

    def test_notices_have_their_own_whatever_else_was_sent(self, app):
        for _ in range(3):
            send(app)
        told = [send(app, notice=True, purpose="codes made") is not None for _ in range(4)]
        assert told == [True, True, True, False]
        assert send(app, notice=True, purpose="address changed"), (
            "who makes many of one kind uses up no other (flaw 28)"
        )

    def test_decoys_count_alike(self, app):
        assert [send(app, decoy=True) is not None for _ in range(3)] == [True, True, False]

    def test_it_moves_with_the_clock(self, app):
        with clock.stopped() as time:
            for _ in range(3):
                send(app)
            time.forward(timedelta(hours=1, seconds=1))
            assert send(app) is not None

    def test_parallel_requests_do_not_race_past_it(self, app, together):
        assert sum(sent is not None for sent in together(8, lambda _: send(app))) == 2
