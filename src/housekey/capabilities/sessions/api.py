"""One's sessions as JSON."""

from __future__ import annotations

from msgspec import Struct

from housekey.capabilities.sessions import actions
from housekey.errors import NotFound
from housekey.web import manager
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.routes import FRESH, LOGGED_IN, Routes
from housekey.web.shapes import SessionShape, session_shape

api = Routes(tag="sessions")


class SessionList(Struct, kw_only=True):
    """The places where a person is logged in, the latest first."""

    sessions: list[SessionShape]


@api.get("/sessions", access=LOGGED_IN, answers={200: SessionList})
def list_sessions() -> SessionList:
    """List the places where you are logged in; `current` marks the one that asks."""
    identity = demand()
    found = actions.own_sessions(here.house, identity.user_id)
    return SessionList(sessions=[session_shape(session, identity.session_id) for session in found])


@api.delete("/sessions/<session_id>", access=FRESH, answers={204: None}, errors=[NotFound])
def end_session(session_id: str) -> None:
    """End one of your sessions."""
    identity = demand()
    actions.end_one(here.house, identity.user_id, session_id)
    if session_id == identity.session_id:
        manager.log_out()


@api.delete("/sessions", access=FRESH, answers={204: None})
def end_other_sessions() -> None:
    """End all your sessions but the one that asks."""
    identity = demand()
    actions.end_others(here.house, identity.user_id, identity.session_id)
