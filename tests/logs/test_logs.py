"""The log of a site: one line for each thing, whatever is in it; nothing about what never came to be."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from housekey.kernel import clock
from housekey.kernel.secret import Secret
from housekey.login.events import LoggedIn, SessionEnded
from housekey.logs import HideLinkTokens, JsonFormatter
from rig.apps import log_in, registered, small_app
from rig.people import house_of


@pytest.fixture
def told(caplog):
    """What the logger of events has said so far."""
    caplog.set_level(logging.INFO, "housekey.events")
    return lambda: [record for record in caplog.records if record.name == "housekey.events"]


def logged_in(**fields):
    given = {"user_id": 1, "session_id": "s", "methods": ("password",), "address": "127.0.0.1", "user_agent": "x"}
    return LoggedIn(**given | {"new_device": False, "first": False, "at": clock.now()} | fields)


def names(records):
    return [record.event for record in records]


@pytest.mark.asvs("16.2.1", "16.3.1")
def test_each_event_is_one_line(told):
    app = small_app()
    registered(app)
    log_in(app.test_client(), password="a wrong one")
    assert names(told()) == ["UserRegistered", "LoggedIn", "LoginRefused"]
    refused = told()[-1]
    assert (refused.outcome, refused.reason, refused.subject) == ("failure", "invalid_credentials", "1")
    assert refused.getMessage().startswith("LoginRefused outcome=failure reason=invalid_credentials actor_kind=")


def test_nothing_is_told_of_what_was_rolled_back(database_url, told):
    app = small_app(database_url)

    def verb(unit):
        unit.publish(logged_in())
        raise KeyError

    with pytest.raises(KeyError), app.app_context():
        house_of(app).run(verb)
    assert told() == []


def test_an_ending_is_told_once_its_transaction_is_over_not_its_savepoint(database_url, told):
    app, before = small_app(database_url), []
    with app.app_context(), house_of(app).write() as unit:
        unit.publish(SessionEnded(user_id=1, session_ids=("s",), why="logout", at=clock.now()))
        before += told()
    assert before == []
    assert names(told()) == ["SessionEnded"]


def test_a_savepoint_that_is_rolled_back_keeps_what_was_told_before_it(database_url, told):
    app = small_app(database_url)
    with app.app_context(), house_of(app).write() as unit:
        unit.publish(logged_in())
        unit.session.begin_nested().rollback()
    assert names(told()) == ["LoggedIn"]


def test_a_session_that_lives_on_tells_each_thing_once(told):
    """As the host's own do."""
    app = small_app()
    with app.app_context():
        house, session = house_of(app), app.accounts.session()
        for _number in range(2):
            house.events.publish(logged_in(), session)
            session.commit()
        house.events.publish(logged_in(), session)
        session.rollback()
        session.commit()
    assert names(told()) == ["LoggedIn", "LoggedIn"]


def test_nobody_who_does_not_ask_pays_for_lines(caplog):
    registered(small_app())
    assert [record for record in caplog.records if record.name == "housekey.events"] == []


@pytest.mark.flaw(60)
@pytest.mark.asvs("16.4.1")
@pytest.mark.parametrize("evil", ["1.2.3.4\nLoggedIn outcome=success", "1.2.3.4 subject=7", 'x" y="', "\u2028\x1b[31m"])
def test_what_a_stranger_chose_begins_no_line_and_no_field(told, evil):
    app = small_app()
    with app.app_context():
        house_of(app).announce(logged_in(address=evil))
    (record,) = told()
    for line in (record.getMessage(), JsonFormatter().format(record)):
        assert len(line.splitlines()) == 1
        assert line.isprintable()
    assert record.getMessage().count(" subject=") == (2 if "subject" in evil else 1)
    assert f"address={json.dumps(evil)}" in record.getMessage()
    assert json.loads(JsonFormatter().format(record))["address"] == evil


def test_user_agents_and_names_are_left_to_the_audit_log(told):
    app = small_app()
    with app.app_context():
        house_of(app).announce(logged_in(user_agent="Mozilla/5.0 of Ann"))
    assert "Ann" not in told()[0].getMessage()


def record(message="hello %s", *args, **extra):
    return logging.getLogger("a.b").makeRecord("a.b", logging.WARNING, "file", 1, message, args, None, extra=extra)


@pytest.mark.asvs("16.2.2", "16.2.4")
def test_a_line_of_json_holds_time_level_logger_message_and_what_was_added():
    made = record("hello %s", "you", colour="red", password=Secret("hidden"), odd=object, time="not this")
    line = json.loads(JsonFormatter().format(made))
    assert (line["level"], line["logger"], line["message"], line["colour"]) == ("WARNING", "a.b", "hello you", "red")
    assert line["password"] == "Secret(…)"
    assert line["time"].endswith("Z")
    assert line.keys() == {"time", "level", "logger", "message", "colour", "password", "odd"}


def test_an_error_stays_in_its_line():
    made = record("failed")
    try:
        raise ValueError("a\nb")
    except ValueError:
        made.exc_info, made.stack_info = sys.exc_info(), "Stack:\n  here"
    text = JsonFormatter().format(made)
    assert "\n" not in text
    assert json.loads(text)["exception"].endswith("ValueError: a\nb")
    assert json.loads(text)["stack"].startswith("Stack")


@pytest.mark.parametrize(
    ("args", "shown"),
    [
        (("GET /reset?token=abc-_123&x=1 HTTP/1.1", 302), "GET /reset?token=…&x=1 HTTP/1.1 302"),
        (("GET /login?next=%2Fundo%3Ftoken%3Dabc", 1.5), "GET /login?next=%2Fundo%3Ftoken%3D… 1.5"),
    ],
)
def test_tokens_are_taken_out_of_addresses_and_all_else_stays(args, shown):
    made = record("%s %s", *args)
    assert HideLinkTokens().filter(made)
    assert made.getMessage() == shown


def test_gunicorns_own_kind_of_arguments_is_kept():
    class Atoms(dict):
        def __init__(self, given):
            super().__init__({name: value.replace('"', '\\"') for name, value in given.items()})

        def __missing__(self, name):
            return "-"

    made = record("%(r)s %(nothing)s", Atoms({"r": 'GET /?token=abc "', "q": "token=abc"}))
    HideLinkTokens().filter(made)
    assert made.getMessage() == 'GET /?token=… \\" -'


def test_a_line_that_is_whole_already_is_looked_at_too():
    made = record("GET /reset?token=abc HTTP/1.1")
    HideLinkTokens().filter(made)
    assert made.getMessage() == "GET /reset?token=… HTTP/1.1"
