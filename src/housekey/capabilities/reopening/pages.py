"""The page on which a frozen account is opened by a second factor."""

from __future__ import annotations

from flask import flash
from werkzeug.wrappers import Response

from housekey.capabilities.factors.inputs import Shown, signed
from housekey.capabilities.notices.notice import UNDO
from housekey.capabilities.passwords.pages import helps
from housekey.capabilities.reopening import actions
from housekey.capabilities.reopening.inputs import ReopenForm
from housekey.kernel.texts import text as _
from housekey.login import Given
from housekey.web import mailed
from housekey.web.answers import redirect_to, render, site_name
from housekey.web.client import client
from housekey.web.here import here
from housekey.web.routes import Routes

pages = Routes()


@pages.get("/undo/restore/factor")
@mailed.landing(UNDO)
def reopen(query: Shown) -> Response | str:
    """Prove a factor from before; the strongest, if none is said."""
    undo, found = actions.methods(here.house, mailed.opened(UNDO))
    by_factor = found[1:]
    if not undo.is_frozen or not by_factor:
        return redirect_to("restore")
    chosen = query.method if query.method in by_factor else by_factor[0]
    now = actions.asked(here.house, client(), mailed.opened(UNDO), chosen)
    return render(
        "reopening/reopen.html",
        factor=now.factor,
        others=[way for way in actions.ways(here.house, undo) if way.places["method"] != chosen],
        email=undo.link.email,
        needs_password=actions.needs_password(here.house, undo),
        site_name=site_name(),
        **helps(here.house),
    )


@pages.post("/undo/restore/factor", again="reopen")
@mailed.landing(UNDO)
def submit_reopen(form: ReopenForm) -> Response:
    """Open it; the person logs in by the normal road."""
    given = Given(form.code, signed(form.credential))
    actions.restore(here.house, client(), mailed.opened(UNDO), form.method, given, form.new or None)
    mailed.put_away()
    flash(str(_("Your account is open again. Log in.")), "success")
    return redirect_to("login")
