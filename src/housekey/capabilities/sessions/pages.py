"""“Where you're logged in”."""

from __future__ import annotations

from flask import flash
from werkzeug.wrappers import Response

from housekey.capabilities.sessions import actions
from housekey.kernel.texts import text as _
from housekey.web import manager
from housekey.web.answers import redirect_to, render
from housekey.web.cards import session_card
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.routes import FRESH, LOGGED_IN, Routes

pages = Routes()


@pages.get("/sessions", access=LOGGED_IN)
def sessions() -> str:
    """Where you're logged in."""
    identity = demand()
    found = actions.own_sessions(here.house, identity.user_id)
    cards = [session_card(session, identity.session_id) for session in found]
    return render("sessions/list.html", sessions=sorted(cards, key=lambda card: not card["current"]))


@pages.post("/sessions/<session_id>/end", access=FRESH, again="sessions")
def end_session(session_id: str) -> Response:
    """End one session."""
    identity = demand()
    actions.end_one(here.house, identity.user_id, session_id)
    if session_id == identity.session_id:
        manager.log_out()
        return redirect_to("login")
    flash(str(_("That device is logged out.")), "success")
    return redirect_to("sessions")


@pages.post("/sessions/end-others", access=FRESH, again="sessions")
def end_other_sessions() -> Response:
    """End all but this one."""
    identity = demand()
    actions.end_others(here.house, identity.user_id, identity.session_id)
    flash(str(_("You are logged out everywhere else.")), "success")
    return redirect_to("sessions")
