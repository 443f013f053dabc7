"""“Your data”, “Close your account”, and “Your account is being closed”."""

from __future__ import annotations

import msgspec
from flask import Response as FlaskResponse
from flask import flash, request, url_for
from werkzeug.wrappers import Response

from housekey.capabilities.leaving import actions, exporting
from housekey.capabilities.leaving.exporting import Export
from housekey.capabilities.leaving.settings import LeavingSettings
from housekey.capabilities.roles import actions as roles
from housekey.kernel.dates import Moment
from housekey.kernel.texts import text as _
from housekey.login.settings import LoginSettings
from housekey.store.users import UserFacts
from housekey.web import manager
from housekey.web.answers import redirect_to, render
from housekey.web.going import go_to
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.profiles import profile_of
from housekey.web.redirects import safe_path
from housekey.web.routes import FRESH, LOGGED_IN, Routes

pages = Routes()


@pages.get("/data", access=LOGGED_IN)
def data() -> str:
    """Your data."""
    identity, download = demand(), url_for("housekey.export")
    user = actions.own(here.house, identity.user_id)
    if not identity.is_fresh():  # back on this page then: a download leaves whoever asked for it where they were
        download = url_for("housekey.reauthenticate", next=url_for("housekey.data"))
    return render(
        "leaving/data.html",
        download=download,
        fresh=identity.is_fresh(),
        open=here.house.settings[LeavingSettings].open,
        closes=_closes(user),
    )


@pages.get("/export", access=FRESH)
def export() -> Response:
    """Everything that is known of you, as a file."""
    return download(exported())


def exported() -> Export:
    """The export of the one who asks."""
    user_id = demand().user_id
    with here.house.read() as connection:
        profile = profile_of(connection, user_id)
    return exporting.export(here.house, user_id, profile)


def download(export: Export) -> Response:
    """As a file that people can read, too, and that no cache keeps."""
    answer = FlaskResponse(msgspec.json.format(msgspec.json.encode(export)), content_type="application/json")
    name = f"account-{export.user['id']}-{export.exported_at:%Y-%m-%d}.json"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.get("/close", access=FRESH)
def close_account() -> Response | str:
    """Close your account: what happens, and when."""
    actions.refuse_if_closed(here.house)
    user = actions.own(here.house, demand().user_id)
    if user.closing_at is not None:
        return redirect_to("closing")
    delay = here.house.settings[LeavingSettings].delay
    return render(
        "leaving/close.html", user={"name": user.name, "email": user.email}, days=delay.days, delay=delay,
        alone=roles.manages_alone(here.house, user.id),
    )  # fmt: skip


@pages.post("/close", access=FRESH, again="close_account")
def submit_close() -> Response:
    """Close it."""
    identity = demand()
    if actions.close(here.house, identity.user_id, identity.session_id):
        manager.log_out()
        flash(str(_("Your account is gone. Nothing of it is left here.")), "success")
        return go_to(None, here.house.settings[LoginSettings].after_logout_url)
    return redirect_to("closing")


@pages.get("/closing", access=LOGGED_IN)
def closing() -> Response | str:
    """When your account goes, and the way to keep it."""
    user = actions.own(here.house, demand().user_id)
    if user.closing_at is None:
        return redirect_to("data")
    target = safe_path(request.args.get("next"), here.settings.base_url)
    target = target or here.house.settings[LoginSettings].after_url
    return render("leaving/closing.html", name=user.name, closes=_closes(user), next=target)


def _closes(user: UserFacts) -> Moment | None:
    """When the account is erased, in full: “in 6 days” is no date to go by."""
    return Moment(user.closing_at, user.time_zone) if user.closing_at else None


@pages.post("/closing", access=LOGGED_IN, again="closing")
def keep_account() -> Response:
    """Keep the account."""
    actions.keep(here.house, demand().user_id)
    flash(str(_("Your account stays. Nothing of it was erased.")), "success")
    return redirect_to("overview")
