"""`flask housekey settings` and `flask housekey routes`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from housekey import Capability, Housekey
from housekey.capabilities import CAPABILITIES
from housekey.commands.settings import written
from housekey.settings import convert, entries, setting
from housekey.web.settings import HouseSettings
from rig.apps import small_app

PEPPER = "a pepper that nobody must ever see"
GROUPS = [HouseSettings, *(c.settings for c in CAPABILITIES if c.settings)]
ENTRIES = [entry for group in GROUPS for entry in entries(group)]


def test_every_setting_of_every_capability_is_listed(run):
    assert {line["key"] for line in run.json("settings")} == {entry.key for entry in ENTRIES}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.key)
def test_every_setting_says_what_it_is_for_and_what_it_is(run, entry):
    [line] = [line for line in run.json("settings", entry.key) if line["key"] == entry.key]
    assert line["meaning"] == entry.doc
    assert line["source"] == entry.source
    assert line["default"] == written(entry.default)


def test_settings_of_a_hosts_own_capability_are_listed(runner, app_with):
    @dataclass(frozen=True)
    class BlogSettings:
        section = "blog"
        pages: int = setting(7, "Posts on a page.")

    app = app_with(Housekey(capabilities=[Capability(name="blog", settings=BlogSettings)]), HOUSEKEY_BLOG_PAGES="9")
    [line] = runner(app).json("settings", "BLOG_PAGES")
    assert (line["value"], line["default"], line["set"]) == ("9", "7", True)


def test_a_secret_is_never_shown(runner):
    run = runner(small_app(HOUSEKEY_PASSWORDS_PEPPER=PEPPER, HOUSEKEY_PASSWORDS_OLD_PEPPERS=[PEPPER + "!"]))
    shown = run("settings", "pepper").stdout
    assert "HOUSEKEY_PASSWORDS_PEPPER = (secret)  (default: None)" in shown
    assert "HOUSEKEY_PASSWORDS_OLD_PEPPERS = (secret)" in shown
    assert PEPPER not in shown + run("settings", "--json").stdout


def test_another_value_stands_beside_the_default(runner):
    run = runner(small_app(HOUSEKEY_SESSIONS_IDLE="90m"))
    assert "HOUSEKEY_SESSIONS_IDLE = 90m  (default: 8h)" in run("settings", "sessions_idle").stdout


def test_what_a_profile_sets_is_shown(runner):
    [line] = runner(small_app(HOUSEKEY_PROFILE="strict")).json("settings", "SESSIONS_IDLE")
    assert (line["value"], line["set"]) == ("1h", False)


def test_settings_can_be_searched_by_their_meaning(run):
    keys = {line["key"] for line in run.json("settings", "argon2id")}
    assert keys == {"HOUSEKEY_PASSWORDS_HASH_PROFILE"}
    assert "No setting has to do with that" in run("settings", "no such words").stdout


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=4000)))
def test_a_duration_is_shown_as_it_can_be_written(value):
    assert convert(written(value), timedelta) == value


@given(st.lists(st.text("abc.:/", min_size=1)).map(tuple))
def test_a_list_is_shown_as_it_can_be_written(value):
    assert convert(written(value), tuple[str, ...]) == value


def test_every_route_is_listed_with_who_may_use_it(run, app):
    found = {(route["method"], route["path"]): route["access"] for route in run.json("routes")}
    served = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("housekey")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert found.keys() == served
    assert found["POST", "/account/api/login"] == "anyone"
    assert found["GET", "/account/api/sessions"] == "logged in"
    assert found["DELETE", "/account/api/sessions"] == "fresh"
    assert found["GET", "/account/api/admin/users"] == "permission users:manage"
    assert found["PATCH", "/account/api/admin/users/<user_id>"] == "permission users:manage, fresh"


def test_routes_follow_the_prefix(runner):
    run = runner(small_app(HOUSEKEY_URL_PREFIX="/me"))
    assert "GET     /me/login" in run("routes").stdout
