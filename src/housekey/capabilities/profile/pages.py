"""“Your profile”."""

from __future__ import annotations

from typing import Any

from flask import flash
from werkzeug.wrappers import Response

from housekey.capabilities.profile import actions, choices
from housekey.capabilities.profile.inputs import change_input, given
from housekey.capabilities.registration.settings import name_mode, username_mode
from housekey.kernel.texts import text as _
from housekey.store import users
from housekey.web.answers import redirect_to, render
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.outcomes import shown_user
from housekey.web.profiles import check_together, column_values, profile_of, shown_fields
from housekey.web.readers import speak_as_account_asks
from housekey.web.routes import LOGGED_IN, Routes
from housekey.web.shapes import UserShape

pages = Routes()


@pages.get("/profile", access=LOGGED_IN)
def profile() -> str:
    """Your profile."""
    house, user_id = here.house, demand().user_id
    with house.read() as connection:
        user = users.by_id(connection, house.store.schema, user_id)
        stored = {**profile_of(connection, user_id), **_own_names(connection, user_id)}
    assert user is not None  # the session that asks has just been judged
    return render(
        "profile/edit.html",
        profile={**stored, "email": user.email, "language": user.language, "time_zone": user.time_zone},
        names=name_mode(house),
        username=username_mode(house),
        languages=choices.languages(here.settings.languages),
        time_zones=choices.time_zones_by_region(user.time_zone),
        extra_fields=shown_fields(stored),
    )


def _own_names(connection: Any, user_id: Any) -> dict[str, Any]:
    """What the person has typed, and not what stands in for it."""
    columns = here.house.store.schema.mapper.columns
    names = tuple(name for name in ("name", "username") if name in columns)
    return here.house.store.column_values(connection, user_id, names) if names else {}


@pages.post("/profile", access=LOGGED_IN, input=change_input)
def change_profile(form: Any) -> Response:
    """Keep what has changed."""
    changed(form)
    flash(str(_("Your profile is saved.")), "success")
    return redirect_to("profile")


def changed(data: Any) -> UserShape:
    """The person as the change has left them; the rest of this request knows it too."""
    house, identity = here.house, demand()
    with house.read() as connection:
        check_together(profile_of(connection, identity.user_id), data)
    columns = {**given(data, "name", "username"), **column_values(data)}
    wanted = actions.Change(columns, given(data, "language", "time_zone"))
    actions.change(house, identity.user_id, wanted, fresh=identity.is_fresh())
    user = shown_user(identity.user_id)
    identity.name = user.name
    speak_as_account_asks(user.language)
    return user
