"""“Set up an authenticator app”."""

from __future__ import annotations

from flask import flash
from werkzeug.wrappers import Response

from housekey.capabilities.factors.inputs import RenameInput
from housekey.capabilities.factors.pages import factors, owner
from housekey.capabilities.recovery_codes.pages import shown
from housekey.capabilities.totp import actions, codes
from housekey.capabilities.totp.actions import Beginning
from housekey.capabilities.totp.inputs import ConfirmTotpInput
from housekey.errors import LongerPasswordNeeded
from housekey.kernel.texts import text as _
from housekey.web.answers import redirect_to, render, site_name
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.outcomes import shown_user
from housekey.web.routes import FRESH, LOGGED_IN, Routes

pages = Routes()


def address_of(begun: Beginning) -> str:
    """What the app reads: for whom, and at which site."""
    user = shown_user(demand().user_id)
    return address_for(begun, user.identifier or user.name)


def address_for(begun: Beginning, account: str) -> str:
    return codes.address(begun.seed, site=site_name(), account=account)


@pages.post("/totp", access=FRESH)
def add_totp() -> Response:
    """Begin with a new app."""
    return redirect_to("set_up_totp", app_id=actions.begin(here.house, owner()).id)


@pages.get("/totp", access=LOGGED_IN)
def totp() -> str:
    """They stand in the list of second factors."""
    return factors()


@pages.get("/totp/<app_id>", access=FRESH)
def set_up_totp(app_id: str) -> str:
    """Set up an authenticator app."""
    begun = actions.beginning(here.house, owner().user_id, app_id)
    picture = codes.picture(address_of(begun))
    return render("totp/set_up.html", picture=picture, secret=codes.as_text(begun.seed))


@pages.post("/totp/<app_id>", access=FRESH, again="set_up_totp")
def confirm_totp(app_id: str, form: ConfirmTotpInput) -> Response | str:
    """Confirm it by its first code. With the first factor the answer itself shows the recovery codes."""
    done = actions.confirm(here.house, owner(), app_id, form.code, form.name)
    flash(str(_("Your authenticator app works. From now on we ask for its code when you log in.")), "success")
    return redirect_to("factors") if done.recovery_codes is None else shown(done.recovery_codes)


@pages.get("/totp/<app_id>/name", access=FRESH)
def rename_totp(app_id: str) -> str:
    """Rename an authenticator app."""
    return render("totp/rename.html", name=actions.one(here.house, owner().user_id, app_id).name)


@pages.post("/totp/<app_id>/name", access=FRESH, again="rename_totp")
def submit_rename_totp(app_id: str, form: RenameInput) -> Response:
    """Call it otherwise."""
    actions.rename(here.house, owner(), app_id, form.name)
    return redirect_to("factors")


@pages.post("/totp/<app_id>/remove", access=FRESH, again="totp")
def remove_totp(app_id: str) -> Response:
    """Forget it."""
    try:
        app = actions.remove(here.house, owner(), app_id)
    except LongerPasswordNeeded as error:
        flash(str(error.text), "error")
        return redirect_to("password")
    flash(str(_("{name} is removed. You are logged out everywhere else.", name=app.name)), "success")
    return redirect_to("factors")
