"""A person gets everything that is known of them, no secret among it, and nobody else gets it."""

from __future__ import annotations

import json
import stat
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from housekey.capabilities.leaving.events import DataExported
from housekey.errors import ConfigurationError
from housekey.kernel import clock
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.everything import HUSH, MARK, fill, left_of
from rig.hosts import COMPANY, enrolled, host_app
from rig.leaving import WEEK, facts, sweep_after
from rig.mailed import operator
from rig.mails import house_of
from rig.people import administrator, grant, heard, id_of, role

ANN = "ann@example.test"
BOB = "bob@example.test"
EXPORT = "/account/api/export"
STALE = timedelta(minutes=16)


@pytest.fixture
def app():
    return small_app(HOUSEKEY_REGISTRATION_USERNAME="optional")


@pytest.fixture
def ann(app):
    return registered(app, username="annika", name="Ann Example")


def test_the_export_holds_names_sessions_and_history(ann):
    found = ann.get(EXPORT).json
    assert found["user"] | {"id": "?", "profile": {}} == {
        "id": "?",
        "name": "Ann Example",
        "email": ANN,
        "username": "annika",
        "profile": {},
    }
    assert [session["address"] for session in found["records"]["sessions"]] == ["127.0.0.1"]
    assert {name["key"] for name in found["records"]["identifiers"]} == {ANN, "annika"}
    events = [entry["event"] for entry in found["records"]["audit_entries"]]
    assert events[0] == "UserRegistered"
    assert events[-1] == "DataExported"


@pytest.mark.asvs("14.1.2", "14.2.6")
def test_every_table_about_people_is_exported_with_all_columns_that_it_promises_and_no_secret(app, ann):
    secrets = fill(app, id_of(app))
    document = ann.get(EXPORT)
    records, schema = document.json["records"], house_of(app).store.schema
    assert records.keys() == schema.personal.keys()
    for noun, about in schema.personal.items():
        assert records[noun], f"{noun}: the person has a row there"
        if about.shape is None:
            assert set(records[noun][0]) == set(about.exported), noun
    assert MARK in document.text
    for secret in [*secrets, HUSH]:
        assert secret not in document.text


@pytest.mark.asvs("14.2.7")
def let_resets_wait(app):
    """Else the sweep carries it out before it erases the person, and the log tells who asked for it: in an app a fixed
    word, here what the row was filled with."""
    house = house_of(app)
    with house.write() as unit:
        unit.execute(sa.update(unit.tables["factor_resets"]).values(due_at=clock.now() + timedelta(days=999)))


def test_of_somebody_who_is_erased_no_value_is_left_in_any_table(app, ann):
    """What is kept with a reason, the log, loses its personal part; the last letter stays until its week is over."""
    user_id = id_of(app)
    fill(app, user_id)
    let_resets_wait(app)
    values = [ANN, "annika", "Ann Example", "127.0.0.1", MARK, HUSH]
    kept = {noun for noun, about in house_of(app).store.schema.personal.items() if about.kept}
    assert left_of(app, values) >= {"users", "identifiers", "sessions", "links", "outbox", *kept}
    ann.post("/account/api/close")
    sweep_after(app)
    assert facts(app, user_id) is None
    assert left_of(app, values) == {"outbox"}
    sweep_after(app, 3 * WEEK)
    assert left_of(app, values) == set()
    assert "UserDeleted" in operator(app, "audit", "list", "--json").output
    assert operator(app, "audit", "verify").exit_code == 0


def test_the_page_leads_to_a_file_that_people_can_read(ann):
    page = ann.get("/account/data")
    assert 'href="/account/export"' in page.text
    file = ann.get("/account/export")
    assert file.headers["Content-Disposition"].startswith("attachment; filename=account-")
    assert file.headers["Content-Type"] == "application/json"
    assert file.text.startswith('{\n  "exported_at"')
    assert file.json["user"]["email"] == ANN


@pytest.mark.asvs("14.3.2")
@pytest.mark.parametrize("path", ["export", "api/export"])
def test_no_cache_keeps_an_export(ann, path):
    answer = ann.get(f"/account/{path}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]


@pytest.mark.asvs("7.5.1")
def test_without_a_fresh_login_nothing_is_read_out(ann):
    with clock.stopped(clock.now() + STALE):
        assert ann.get(EXPORT).json["code"] == "reauthentication_required"
        assert "/account/reauthenticate" in ann.get("/account/export", headers={"Accept": "text/html"}).location
        assert 'href="/account/reauthenticate?next=/account/data"' in ann.get("/account/data").text
    assert ann.application.test_client().get(EXPORT).status_code == 401


def test_an_administrators_address_and_name_are_not_told_to_the_person(app, ann):
    root = administrator(app)
    root.environ_base["REMOTE_ADDR"] = "198.51.100.9"
    user_id = id_of(app)
    assert root.patch(f"/account/api/admin/users/{user_id}", json={"disabled": True}).status_code == 200
    assert root.patch(f"/account/api/admin/users/{user_id}", json={"disabled": False}).status_code == 200
    again = app.test_client()
    log_in(again)
    document = again.get(EXPORT)
    entry = next(entry for entry in document.json["records"]["audit_entries"] if entry["event"] == "UserDisabled")
    assert entry["by"] == "user"
    assert "personal" not in entry
    assert "session" not in entry
    assert "198.51.100.9" not in document.text
    assert "root@" not in document.text


def test_what_the_former_bearer_of_a_number_did_is_not_told_to_the_next_one(app, ann):
    """SQLite gives the number of a deleted user to the next one; the log is kept."""
    number = id_of(app)
    operator(app, "users", "delete", ANN, "--yes")
    bob = registered(app, BOB)
    assert id_of(app, BOB) == number
    events = [entry["event"] for entry in bob.get(EXPORT).json["records"]["audit_entries"]]
    assert "UserDeleted" not in events


def test_that_somebody_has_read_it_out_stands_in_the_history(app, ann):
    seen = heard(app, DataExported)
    ann.get(EXPORT)
    assert [(event.user_id, event.actor) for event in seen] == [(id_of(app), None)]
    assert ann.get("/account/api/history").json["entries"][0]["event"] == "DataExported"


def test_the_fields_that_a_host_declares_are_in_it():
    app = host_app()
    assert enrolled(app).get(EXPORT).json["user"]["profile"]["company"] == COMPANY["company"]


class TestWhatTheHostAdds:
    def test_its_functions_get_the_user_and_a_session_and_stand_under_their_names(self, app, ann):
        @app.accounts.export("notes")
        def notes(user, session):
            assert session.get(type(user), user.id) is user
            return [{"text": f"of {user.name}", "written": datetime(2026, 1, 2, tzinfo=UTC), "price": Decimal("1.50")}]

        @app.accounts.export("badges")
        def badges(user, session):
            return {"first": date(2026, 1, 2), "id": uuid.UUID(int=7)}

        found = ann.get(EXPORT).json["site"]
        assert found["notes"] == [{"text": "of Ann Example", "written": "2026-01-02T00:00:00Z", "price": "1.50"}]
        assert found["badges"] == {"first": "2026-01-02", "id": "00000000-0000-0000-0000-000000000007"}

    def test_two_functions_under_one_name_are_refused_at_once(self, app):
        app.accounts.export("notes")(lambda user, session: [])
        with pytest.raises(ConfigurationError, match='"notes" already'):
            app.accounts.export("notes")(lambda user, session: [])


class TestByAdministrators:
    def test_an_administrator_exports_a_user_and_stays_on_record(self, app, ann):
        root, user_id, seen = administrator(app), id_of(app), heard(app, DataExported)
        assert root.get(f"/account/api/admin/users/{user_id}/export").json["user"]["email"] == ANN
        file = root.get(f"/account/admin/users/{user_id}/export")
        assert file.json["user"]["email"] == ANN
        assert file.headers["Cache-Control"] == "no-store"
        assert f'href="/account/admin/users/{user_id}/export"' in root.get(f"/account/admin/users/{user_id}").text
        assert [event.actor for event in seen] == [id_of(app, "root@example.test")] * 2

    @pytest.mark.flaw(48)
    @pytest.mark.asvs("8.2.2")
    def test_nobody_else_exports_anybody(self, app, ann):
        bob = registered(app, BOB)
        for client in (bob, app.test_client()):
            for face in ("admin", "api/admin"):
                assert client.get(f"/account/{face}/users/{id_of(app)}/export").status_code in (401, 403, 302)

    @pytest.mark.flaw(48)
    def test_a_helpdesk_does_not_read_out_those_who_may_do_more(self, app, ann):
        role(app, "helpdesk", "users:manage")
        root, helper = administrator(app), registered(app, "help@example.test")
        grant(app, "help@example.test", "helpdesk")
        boss = id_of(app, "root@example.test")
        for face in ("admin", "api/admin"):
            assert helper.get(f"/account/{face}/users/{boss}/export").status_code == 403
            assert helper.get(f"/account/{face}/users/{id_of(app)}/export").status_code == 200
        assert root.get(f"/account/api/admin/users/{id_of(app)}/export").status_code == 200

    def test_a_user_who_is_not_there_is_not_found(self, app):
        root = administrator(app)
        assert root.get("/account/api/admin/users/4711/export").status_code == 404
        assert root.get("/account/admin/users/nobody/export").status_code == 404

    def test_it_needs_a_fresh_login(self, app, ann):
        root, user_id = administrator(app), id_of(app)
        with clock.stopped(clock.now() + STALE):
            refused = root.get(f"/account/api/admin/users/{user_id}/export")
            assert refused.json["code"] == "reauthentication_required"


class TestByOperators:
    def test_a_file_is_readable_by_its_owner_alone(self, app, ann, tmp_path):
        file = tmp_path / "ann.json"
        assert operator(app, "users", "export", ANN, "--output", str(file)).exit_code == 0
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert json.loads(file.read_text())["user"]["email"] == ANN

    def test_without_a_file_it_is_shown(self, app, ann):
        answer = operator(app, "users", "export", "annika")
        assert json.loads(answer.output)["user"]["username"] == "annika"
        assert PASSWORD not in answer.output

    def test_a_file_that_cant_be_written_is_told_before_anything_is_read(self, app, ann, tmp_path):
        answer = operator(app, "users", "export", ANN, "--output", str(tmp_path / "nowhere" / "ann.json"))
        assert (answer.exit_code, type(answer.exception)) == (1, SystemExit)
        assert "can't be written: No such file or directory" in answer.output
        assert "exported" not in operator(app, "audit", "list").output

    def test_nobody_of_that_name(self, app):
        assert operator(app, "users", "export", "nobody@example.test").exit_code == 1
