"""“Change your password”."""

from __future__ import annotations

from typing import Any

from flask import flash, url_for
from werkzeug.wrappers import Response

from housekey.capabilities.passwords import actions, adding, strength
from housekey.capabilities.passwords.inputs import ChangeInput, FirstInput
from housekey.capabilities.passwords.settings import PasswordSettings
from housekey.house import House
from housekey.kernel.texts import text as _
from housekey.login import Parked
from housekey.web import step_up
from housekey.web.answers import redirect_to, render
from housekey.web.client import client
from housekey.web.going import go_on
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.identity import Identity
from housekey.web.opening import carry_out
from housekey.web.outcomes import shown_user
from housekey.web.routes import FRESH, LOGGED_IN, Routes

pages = Routes()


@pages.get("/password", access=LOGGED_IN)
def password() -> Response | str:
    """Change your password."""
    user_id = demand().user_id
    if not actions.own(here.house, user_id):
        return redirect_to("first_password")
    given = helps(here.house) | {"min_length": actions.least_for(here.house, user_id)}
    alone = here.house.settings[PasswordSettings].min_length
    return render("passwords/change.html", identifier=shown_user(user_id).identifier, alone=alone, **given)


def owner() -> Identity:
    """Whoever is logged in here, at the level that the account can reach. Raises `ReauthenticationRequired`."""
    return demand(step_up.demand_reachable)


@pages.get("/password/first", access=FRESH)
def first_password() -> Response | str:
    """Choose a first password."""
    user_id = owner().user_id
    if actions.own(here.house, user_id):
        return redirect_to("password")
    given = helps(here.house) | {"min_length": actions.least_for(here.house, user_id)}
    return render("passwords/add.html", identifier=shown_user(user_id).identifier, **given)


@pages.post("/password/first", access=FRESH, again="first_password")
def add_first_password(form: FirstInput) -> Response:
    """Keep it; all other sessions end."""
    who = owner()
    adding.add(here.house, client(), user_id=who.user_id, session_id=str(who.session_id), new=form.new)
    flash(str(_("You have a password now. You are logged out everywhere else.")), "success")
    return redirect_to("overview")


def helps(house: House) -> dict[str, Any]:
    """What a page needs to help with the choice of a password."""
    settings = house.settings[PasswordSettings]
    meter = settings.strength_meter and strength.is_available()
    return {
        "min_length": settings.min_length,
        "strength_url": url_for("housekey.api.rate_password") if meter else "",
        "passphrase_url": url_for("housekey.api.suggest_passphrase"),
    }


@pages.post("/password", access=LOGGED_IN, again="password")
def change_password(form: ChangeInput) -> Response:
    """Replace it; all other sessions end."""
    identity = demand()
    outcome = actions.change(
        here.house, client(), user_id=identity.user_id, session_id=str(identity.session_id),
        current=form.current, new=form.new, target=url_for("housekey.password"),
    )  # fmt: skip
    if isinstance(outcome, Parked):
        flash(str(_("Your password isn't changed yet. Confirm that it's you, then choose the new one.")), "info")
        return go_on(outcome, "overview")
    carry_out(outcome)
    flash(str(_("Your password is changed. You are logged out everywhere else.")), "success")
    return redirect_to("overview")
