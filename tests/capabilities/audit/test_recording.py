"""Everything that happens is written down: who, on whose account, what, when, from where; and no secret."""

from __future__ import annotations

from contextlib import suppress

import pytest
import sqlalchemy as sa

from housekey.capabilities import CAPABILITIES
from housekey.capabilities.admin.actions import set_disabled
from housekey.commands import cli
from housekey.events import Event
from housekey.kernel.circumstances import Circumstances, under
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.audit import entries, events
from rig.people import administrator, house_of, id_of

EVERY_EVENT = sorted({event for c in CAPABILITIES for event in c.events}, key=lambda event: event.__name__)
OWASP = {
    "authn_login_success", "authn_login_successafterfail", "authn_login_fail", "authn_login_fail_max",
    "authn_login_lock", "authn_password_change", "authn_password_change_fail", "authn_impossible_travel",
    "authn_token_created", "authn_token_revoked", "authn_token_reuse", "authn_token_delete", "authz_fail",
    "authz_change", "authz_admin", "privilege_permissions_changed", "excess_rate_limit_exceeded",
    "excess_sessions_exceeded", "input_validation_fail", "session_created", "session_renewed", "session_expired",
    "session_logout", "session_use_after_expire", "sequence_fail", "user_created", "user_updated", "user_archived",
    "user_deleted", "sensitive_create", "sensitive_read", "sensitive_update", "sensitive_delete", "malicious_csrf",
    "malicious_direct_reference", "crypt_decrypt_fail",
}  # fmt: skip
"""The words of OWASP's Logging Vocabulary that concern accounts."""


@pytest.fixture
def app():
    return small_app()


def all_events(kind: type[Event] = Event):
    for child in kind.__subclasses__():
        if child.__module__.startswith("housekey."):
            yield child
        yield from all_events(child)


@pytest.mark.asvs("16.2.1", "16.3.1")
@pytest.mark.parametrize("event", EVERY_EVENT, ids=lambda event: event.__name__)
def test_every_event_says_how_it_is_told(event):
    assert event.told is not None, "give it a sentence, and OWASP's word or None"
    assert event.told.owasp is None or event.told.owasp in OWASP
    assert str(event.told.text)


def test_every_event_of_ours_belongs_to_a_capability():
    on_the_road = {"LoggedIn", "LoginRefused", "ChallengeRaised", "SteppedUp", "SessionEnded"}
    assert {event.__name__ for event in all_events()} <= {event.__name__ for event in EVERY_EVENT} | on_the_road


@pytest.mark.asvs("16.2.1", "16.3.1")
def test_a_registration_tells_who_when_and_from_where(app):
    client = app.test_client()
    client.environ_base |= {"REMOTE_ADDR": "203.0.113.9", "HTTP_USER_AGENT": "Firefox/130 (X11; Linux)"}
    client.post("/account/api/register", json={"email": "ann@example.test", "password": PASSWORD})
    key = str(id_of(app))
    found = {entry["event"]: entry for entry in entries(app)}
    assert {"UserRegistered", "LoggedIn"} <= found.keys()
    for entry in found.values():
        assert (entry["subject"], entry["actor"], entry["actor_kind"]) == (key, key, "user")
        assert entry["address"] == entry["personal"]["address"] == "203.0.113.9"
        assert entry["personal"]["user_agent"].startswith("Firefox/130")
    assert found["LoggedIn"]["session"] == client.get("/account/api/sessions").json["sessions"][0]["id"]
    assert found["LoggedIn"]["owasp"] == "authn_login_success"
    assert found["LoggedIn"]["details"] == {"methods": ["pwd"], "new_device": True, "first": True}


@pytest.mark.asvs("16.3.1")
def test_a_refused_login_is_written_down_although_its_transaction_was_rolled_back(app):
    registered(app)
    assert log_in(app.test_client(), password="not the right one").status_code == 401
    (entry,) = entries(app, event="LoginRefused")
    assert entry["subject"] == str(id_of(app))
    assert (entry["actor_kind"], entry["actor"]) == ("anonymous", None)
    assert (entry["outcome"], entry["reason"], entry["owasp"]) == ("failure", "invalid_credentials", "authn_login_fail")


@pytest.mark.asvs("16.2.5")
def test_a_password_typed_as_a_name_is_kept_only_as_its_hmac(app):
    for _ in range(2):
        log_in(app.test_client(), identifier="hunter2 hunter2 hunter2", password="x" * 20)
    log_in(app.test_client(), identifier="another name", password="x" * 20)
    first, second, third = entries(app, event="LoginRefused")
    assert "hunter2" not in str(first)
    assert first["details"]["identifier_hmac"] == second["details"]["identifier_hmac"]
    assert first["details"]["identifier_hmac"] != third["details"]["identifier_hmac"]
    assert first["subject"] is None


@pytest.mark.asvs("16.2.1")
def test_what_an_administrator_does_is_written_down_with_the_administrator(app):
    registered(app)
    root = administrator(app)
    root.patch(f"/account/api/admin/users/{id_of(app)}", json={"disabled": True})
    (entry,) = entries(app, event="UserDisabled")
    assert entry["subject"] == str(id_of(app))
    assert entry["actor"] == str(id_of(app, "root@example.test"))
    (ended,) = entries(app, event="SessionEnded", reason="disabled")
    assert ended["actor"] == entry["actor"]


def test_a_command_is_written_down_with_the_operators_account(app):
    registered(app)
    result = app.test_cli_runner().invoke(cli, ["users", "disable", "ann@example.test"])
    assert result.exit_code == 0, result.output
    (entry,) = entries(app, event="UserDisabled")
    assert entry["actor_kind"] == "operator"
    assert entry["personal"]["operator"]


def test_a_task_of_the_host_may_say_who_acts(app):
    registered(app)
    house = house_of(app)
    with under(Circumstances(kind="operator", operator="nightly job")):
        house.run(lambda unit: set_disabled(unit, id_of(app), True))
    house.run(lambda unit: set_disabled(unit, id_of(app), False))
    assert entries(app, event="UserDisabled")[0]["personal"] == {"operator": "nightly job"}
    assert entries(app, event="UserEnabled")[0]["actor_kind"] == "app"


def test_what_is_rolled_back_leaves_no_entry_and_the_next_one_is_sound(app):
    client = registered(app)
    house, before = house_of(app), events(app)
    for _ in range(2):
        with suppress(ZeroDivisionError), house.write() as unit:
            set_disabled(unit, id_of(app), True)
            raise ZeroDivisionError
    assert events(app) == before
    client.post("/account/api/logout", json={})
    assert events(app) == [*before, "SessionEnded"]


def test_a_page_that_publishes_nothing_writes_nothing(app):
    client = registered(app)
    before = events(app)
    client.get("/private")
    client.get("/account/sessions")
    assert events(app) == before


def test_an_entry_costs_two_statements(app, statements):
    client = registered(app)
    statements.clear()
    client.post("/account/api/logout", json={})
    ours = [statement for statement in statements if "housekey_audit" in statement]
    assert [statement.split()[0] for statement in ours] == ["UPDATE", "INSERT"]
    log_in(client)
    ours = [statement for statement in statements if "housekey_audit" in statement]
    assert [statement.split()[0] for statement in ours] == ["UPDATE", "INSERT"] * 2


@pytest.fixture
def statements(app):
    found: list[str] = []
    listener = lambda *about: found.append(about[2])  # noqa: E731
    sa.event.listen(house_of(app).store.engine, "before_cursor_execute", listener)
    return found


@pytest.mark.asvs("16.2.1", "16.3.3")
def test_a_flood_that_is_turned_away_does_not_fill_the_log():
    app = small_app(HOUSEKEY_THROTTLING_NETWORK_TRIES=2)
    statuses = [log_in(app.test_client(), identifier="nobody").status_code for _ in range(12)]
    assert statuses.count(429) == 10
    assert events(app).count("NetworkLimited") == 1
