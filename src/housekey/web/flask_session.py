"""Flask's own session, which is the host's. Housekey keeps nothing in it but a mark of whose it is
(`session_owner`), and clears it when the person changes.

Flask-Login's functions write their state into it and read it from there: what they have written is taken out again
within the request, and what they are to read is shown for one request only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, request, session
from flask.globals import request_ctx

FLASK_LOGIN_KEYS = ("_user_id", "_fresh", "_id", "_remember", "_remember_seconds")
CSRF_OF_FLASK_WTF = "csrf_token"
_FRESH, _MESSAGES = "_fresh", "_flashes"


@dataclass(frozen=True)
class Wishes:
    """What `flask_login.login_user` was asked for."""

    fresh: bool = True
    remember: bool = False
    seconds: float | None = None


def peek() -> Any:
    """The session, without a trace of having been read: Flask answers that with `Vary: Cookie`."""
    context = request_ctx._get_current_object()  # type: ignore[attr-defined]
    found = getattr(context, "_session", None)
    return context.session if found is None else found


def is_missing() -> bool:
    """Whether the app has no SECRET_KEY, and so no session."""
    return current_app.session_interface.is_null_session(peek())


def take_wishes() -> Wishes:
    """What Flask-Login has written. It must not stay: nothing believes it there, and it would make a cookie for
    nothing."""
    store = peek()
    seconds = store.get("_remember_seconds")
    wishes = Wishes(bool(store.get(_FRESH, True)), store.get("_remember") == "set", seconds)
    take_out(*FLASK_LOGIN_KEYS)
    return wishes


def take_out(*keys: str) -> None:
    """Remove keys. A session that is empty again, and was never sent, counts as untouched."""
    store = peek()
    if is_missing():
        return
    for key in keys:
        if key in store:
            del store[key]
    if not store and current_app.session_interface.get_cookie_name(current_app) not in request.cookies:
        store.modified = False


def show_freshness(fresh: bool) -> None:
    """`flask_login.login_fresh` reads `session["_fresh"]`: show it there for this request, marking nothing as
    modified. A session that is no dict can't be told so; Flask-Login's function then says False, which is safe."""
    store = peek()
    if not isinstance(store, dict) or is_missing():
        return
    if fresh:
        dict.__setitem__(store, _FRESH, True)
    else:
        dict.pop(store, _FRESH, None)


def hide_freshness() -> None:
    """At the end of the request, before Flask saves the session."""
    store = peek()
    if isinstance(store, dict):
        dict.pop(store, _FRESH, None)


def clear() -> None:
    """Leave nothing but the messages that the next page is to show."""
    if is_missing() or not peek():
        return
    messages = session.get(_MESSAGES)
    session.clear()
    if messages:
        session[_MESSAGES] = messages


def forget_form_token() -> None:
    """Flask-WTF's token isn't kept across a login (flaw 41)."""
    if not is_missing() and CSRF_OF_FLASK_WTF in peek():
        session.pop(CSRF_OF_FLASK_WTF)
