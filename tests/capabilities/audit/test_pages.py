"""People see their own history and nobody else's; those who may read the log see all of it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from attacks.faces import FROM_OUR_PAGE
from housekey.capabilities.audit import figures
from housekey.kernel import clock
from rig.apps import log_in, registered, small_app
from rig.audit import entries
from rig.people import administrator, grant, house_of, id_of, role

PAGE = {"Accept": "text/html"}


@pytest.fixture
def app():
    return small_app(HOUSEKEY_THROTTLING_LOCK_AFTER=50)


def history(client, **query):
    return client.get("/account/api/history", query_string=query).json


def activity(client, **query):
    return client.get("/account/api/admin/activity", query_string=query).json


@pytest.mark.flaw(47)
@pytest.mark.asvs("8.2.2")
def test_ones_history_is_ones_own(app):
    ann, bob = registered(app), registered(app, "bob@example.test")
    ann.environ_base["REMOTE_ADDR"] = "203.0.113.77"
    log_in(ann)
    assert "203.0.113.77" in str(history(ann))
    assert "203.0.113.77" not in str(history(bob)) + bob.get("/account/history").text
    assert len(history(ann)["entries"]) == len(entries(app, subject=str(id_of(app))))


def test_nobody_who_is_not_logged_in_sees_a_history(app):
    assert app.test_client().get("/account/api/history").status_code == 401
    assert app.test_client().get("/account/history", headers=PAGE).status_code == 302


def test_the_history_tells_what_when_from_where_and_marks_this_session(app):
    ann = registered(app)
    stranger = app.test_client()
    stranger.environ_base |= {"REMOTE_ADDR": "198.51.100.4", "HTTP_USER_AGENT": "curl/8.5"}
    log_in(stranger, password="not the right one")
    failed, logged_in, made = history(ann)["entries"]
    assert (failed["text"], failed["level"], failed["by"]) == ("A login failed", "warn", "someone")
    assert (failed["address"], failed["device"]["name"]) == ("198.51.100.4", "curl")
    assert (logged_in["text"], logged_in["by"]) == ("Logged in for the first time", "you")
    assert [entry["current"] for entry in (failed, logged_in, made)] == [False, True, False]
    text = ann.get("/account/history").text
    assert "A login failed" in text
    assert "198.51.100.4" in text


@pytest.mark.asvs("14.2.6")
def test_an_administrators_address_and_name_stay_the_administrators(app):
    ann, root = registered(app), administrator(app, name="Ruth Root")
    root.environ_base["REMOTE_ADDR"] = "198.51.100.66"
    root.patch(f"/account/api/admin/users/{id_of(app)}", json={"disabled": True})
    root.patch(f"/account/api/admin/users/{id_of(app)}", json={"disabled": False})
    log_in(ann)
    told = history(ann)["entries"]
    assert {entry["by"] for entry in told if entry["event"] in ("UserDisabled", "UserEnabled")} == {"administrator"}
    for shown in (str(told), ann.get("/account/history").text):
        assert "198.51.100.66" not in shown
        assert "Ruth" not in shown


def test_a_new_user_with_the_number_of_a_deleted_one_sees_nothing_of_that_ones_past():
    app = small_app()
    registered(app)
    number = id_of(app)
    with clock.stopped() as stopped:
        stopped.forward(timedelta(hours=1))
        with app.app_context():
            session = app.accounts.session
            session.delete(session.get(app.accounts.User, number))
            session.commit()
        stopped.forward(timedelta(hours=1))
        bob = registered(app, "bob@example.test")
        assert id_of(app, "bob@example.test") == number, "SQLite gives the number again"
        assert [entry["event"] for entry in history(bob)["entries"]] == ["LoggedIn", "UserRegistered"]


def test_pages_by_key_hold_every_entry_once(database_url):
    app = small_app(database_url, HOUSEKEY_THROTTLING_LOCK_AFTER=1000)
    ann = registered(app)
    with clock.stopped():  # many at the same moment
        for _ in range(70):
            log_in(app.test_client(), password="not the right one")
    seen, before = [], ""
    while before is not None:
        page = history(ann, before=before)
        assert len(page["entries"]) <= 30
        seen += page["entries"]
        before = page["next"]
    assert len(seen) == 72
    assert [entry["at"] for entry in seen] == sorted((entry["at"] for entry in seen), reverse=True)
    assert "Earlier" in ann.get("/account/history").text


@pytest.mark.parametrize("before", ["x", "1-2", "9" * 30, "1-2-3-4", "-1-1-1"])
def test_a_cursor_of_ones_own_making_is_refused(app, before):
    ann = registered(app)
    assert ann.get("/account/api/history", query_string={"before": before}).status_code == 422


@pytest.mark.asvs("8.2.1")
def test_the_log_is_open_to_those_alone_who_may_read_it(app):
    ann = registered(app)
    for path in ("admin/activity", "admin/activity/days"):
        assert ann.get(f"/account/api/{path}").status_code == 403
    assert ann.get("/account/admin/activity", headers=PAGE).status_code == 403
    assert "Activity" not in ann.get("/account/").text
    role(app, "auditor", "audit:read")
    grant(app, "ann@example.test", "auditor")
    assert ann.get("/account/admin/activity", headers=PAGE).status_code == 200
    assert "Activity" in ann.get("/account/").text
    assert ann.get("/account/api/admin/users").status_code == 403


def test_filters_choose(app):
    registered(app)
    root = administrator(app)
    stranger = app.test_client()
    stranger.environ_base["REMOTE_ADDR"] = "198.51.100.4"
    log_in(stranger, password="not the right one")
    today = clock.now().date()
    for query in (
        {"address": "198.51.100.4"}, {"event": "LoginRefused"}, {"outcome": "failure"},
        {"user": "ann@example.test", "event": "LoginRefused", "since": str(today), "until": str(today)},
        {"user": str(id_of(app)), "outcome": "failure"},
    ):  # fmt: skip
        assert [entry["event"] for entry in activity(root, **query)["entries"]] == ["LoginRefused"], query
    assert activity(root, until=str(today - timedelta(days=1)))["entries"] == []
    assert root.get("/account/api/admin/activity?since=2026-02-30").json["fields"].keys() == {"since"}
    assert root.get("/account/admin/activity?since=2026-02-30", headers=PAGE).status_code == 422


def test_the_last_day_of_the_calendar_is_no_error():
    """A day more there is none."""
    root = administrator(small_app())
    assert activity(root, until="9999-12-31")["entries"]
    assert root.get("/account/admin/activity?until=9999-12-31", headers=PAGE).status_code == 200


def test_figures_count_each_day_by_reason(database_url):
    app = small_app(database_url, HOUSEKEY_THROTTLING_LOCK_AFTER=3)
    root = administrator(app)
    registered(app)
    with clock.stopped() as stopped:
        stopped.forward(timedelta(days=-2))
        for _ in range(5):
            log_in(app.test_client(), password="not the right one")
    days = root.get("/account/api/admin/activity/days").json["days"]
    assert len(days) == 30
    assert days[-1]["day"] == str(clock.now().date())
    assert days[-1]["logins"] == 2
    assert days[-3]["refusals"] == {"invalid_credentials": 3, "locked": 2}


def test_the_charts_are_drawn_without_style_or_script_and_with_their_figures(app):
    registered(app)
    root = administrator(app)
    log_in(app.test_client(), password="not the right one")
    answer = root.get("/account/admin/activity", headers=FROM_OUR_PAGE)
    assert "style=" not in answer.text
    assert "<script>" not in answer.text
    assert len(re.findall(r"<rect ", answer.text)) == 2
    assert answer.text.count(str(clock.now().date())) >= 3
    assert "style-src 'self'" in answer.headers["Content-Security-Policy"]


def test_charts_of_an_empty_log_are_empty_ones(app):
    days = figures.by_day(house_of(app))
    assert figures.logins_chart(days).bars == figures.refusals_chart(days).bars == []


@pytest.mark.flaw(60)
@pytest.mark.asvs("1.2.1")
def test_markup_in_what_strangers_send_runs_on_no_page(app):
    registered(app)
    root = administrator(app)
    evil = "<script>boo()</script>{0.__class__}"
    role(app, "odd", "audit:read")
    stranger = app.test_client()
    stranger.environ_base |= {"REMOTE_ADDR": evil[:45], "HTTP_USER_AGENT": evil}
    log_in(stranger, identifier=evil, password=evil)
    log_in(stranger, password="not the right one")
    text = root.get("/account/admin/activity", headers=PAGE).text
    assert "<script>boo" not in text
    assert "&lt;script&gt;boo" in text
