"""A role or permission in a guard that doesn't exist: nobody gets in, and the log says why."""

from __future__ import annotations

import logging

import pytest

from housekey import permission_required, roles_accepted, roles_required
from housekey.commands import cli
from rig.apps import registered, small_app


@pytest.fixture
def app():
    app = small_app()
    app.test_cli_runner().invoke(cli, ["roles", "create", "editor", "posts:edit"])
    for endpoint, guard in {
        "slip": roles_required("editor", "editr"),
        "either": roles_accepted("admin", "writer"),
        "may": permission_required("post:edit"),
        "right": roles_required("editor"),
        "built_in": roles_required("admin"),
        "ours": permission_required("users:manage"),
    }.items():
        app.get(f"/{endpoint}", endpoint=endpoint)(guard(lambda: "in"))
    return app


@pytest.fixture
def told(caplog):
    caplog.set_level(logging.WARNING, "housekey")
    return lambda: [record.getMessage() for record in caplog.records if "A guard asks for" in record.getMessage()]


@pytest.mark.parametrize(("path", "name"), [("slip", "editr"), ("either", "writer"), ("may", "post:edit")])
def test_a_name_that_means_nothing_is_told_once(app, told, path, name):
    browser = registered(app)
    assert [browser.get(f"/{path}").status_code for _ in range(2)] == [403, 403]
    [message] = told()
    assert f"“{name}”" in message
    assert "flask housekey roles create" in message


@pytest.mark.parametrize("path", ["right", "built_in", "ours"])
def test_names_that_mean_something_are_no_matter_for_the_log(app, told, path):
    assert registered(app).get(f"/{path}").status_code == 403
    assert told() == []


def test_strangers_are_sent_to_the_login_without_a_look_for_names(app, told):
    assert app.test_client().get("/slip").status_code == 302
    assert told() == []
