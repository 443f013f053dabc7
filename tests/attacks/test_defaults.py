"""What nobody has asked for isn't there: accounts, passwords that end, hints, pages that one can't leave."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from housekey.kernel import clock
from rig.apps import log_in, registered, small_app
from rig.people import administrator, house_of

ACCOUNTS = ("passwords", "passkeys", "authenticator_apps", "user_roles", "links", "sessions")
REMEMBERED = re.compile(r"hint|question|answer|maiden|reminder")
AS_PAGE = {"Accept": "text/html"}


@pytest.mark.asvs("6.3.2")
def test_a_new_database_holds_nobody_and_nothing_that_lets_anybody_in():
    house = house_of(small_app())
    with house.read() as connection:
        tables = [house.store.schema.user, *(house.store.tables[noun] for noun in ACCOUNTS)]
        assert [table.name for table in tables if connection.execute(sa.select(table)).first()] == []


@pytest.mark.asvs("6.2.10")
def test_a_password_works_until_it_is_changed():
    app = small_app()
    with clock.stopped() as time:
        registered(app)
        time.forward(timedelta(days=3650))
        client = app.test_client()
        assert log_in(client).status_code == 200
        assert client.get("/private").text == "ann"


@pytest.mark.asvs("6.4.2")
def test_no_hint_and_no_answer_to_a_question_is_kept_or_asked_for():
    app = small_app()
    house, document = house_of(app), app.test_client().get("/account/api/openapi.json").json
    columns = [column.name for table in house.store.schema.metadata.tables.values() for column in table.c]
    fields = [name for body in document["components"]["schemas"].values() for name in body.get("properties", {})]
    assert {"password", "hash"} <= {*columns, *fields}, "the test has seen them"
    assert [name for name in [*columns, *fields] if REMEMBERED.search(name)] == []


@pytest.mark.asvs("7.4.4")
def test_every_page_that_takes_a_login_has_a_way_out():
    app = small_app()
    stranger, root = app.test_client(), administrator(app)
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and not rule.arguments]
    pages = {rule.rule: root.get(rule.rule, headers=AS_PAGE) for rule in rules if rule.endpoint.startswith("housekey.")}
    behind = {
        path: page.text
        for path, page in pages.items()
        if page.status_code == 200 and page.mimetype == "text/html"
        if stranger.get(path, headers=AS_PAGE).status_code == 302
    }
    assert len(behind) > 10, sorted(behind)
    assert [path for path, text in behind.items() if 'action="/account/logout"' not in text] == []
