"""`@login_required` and `@fresh_login_required`, with brackets or without: the other guards always have them."""

from __future__ import annotations

import pytest

from housekey import fresh_login_required, guard_blueprint, login_required
from housekey.errors import ConfigurationError
from rig.apps import registered, small_app


@pytest.mark.parametrize("guard", [login_required, login_required(), fresh_login_required, fresh_login_required()])
def test_empty_brackets_make_no_difference(guard):
    app = small_app()
    app.get("/mine", endpoint="mine")(guard(lambda: "mine"))
    stranger, ann = app.test_client(), registered(app)
    assert stranger.get("/mine").status_code == 302
    assert ann.get("/mine").text == "mine"


def test_a_blueprint_is_guarded_with_brackets_too():
    assert callable(guard_blueprint(login_required()))


@pytest.mark.parametrize("guard", [login_required, fresh_login_required])
@pytest.mark.parametrize("given", ["admin", 300])
def test_what_is_no_view_is_named_when_the_app_is_loaded(guard, given):
    with pytest.raises(ConfigurationError, match=f"@{guard.__name__}"):
        guard(given)
