"""`@login_required` above `@app.get(…)` guards nothing: Flask has registered the view without it."""

from __future__ import annotations

import logging

import pytest

from housekey import login_required, roles_required
from rig.apps import small_app


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if "OPEN TO EVERYBODY" in record.getMessage()]


@pytest.mark.parametrize("guard", [login_required, roles_required("admin")])
def test_a_guard_above_the_route_is_told_at_the_first_request_and_only_there(guard, caplog):
    app = small_app()
    guard(app.get("/mine", endpoint="mine")(lambda: "mine"))
    client = app.test_client()
    with caplog.at_level(logging.WARNING, "housekey"):
        client.get("/mine")
        client.get("/mine")
    assert len(warnings(caplog)) == 1
    assert "“mine”" in warnings(caplog)[0]


def test_guards_below_the_route_are_no_matter_for_the_log(caplog):
    app = small_app()
    app.get("/once")(login_required(lambda: "once"))
    app.get("/twice", endpoint="twice")(login_required(roles_required("admin")(lambda: "twice")))
    with caplog.at_level(logging.WARNING, "housekey"):
        assert app.test_client().get("/twice").status_code == 302
    assert warnings(caplog) == []
