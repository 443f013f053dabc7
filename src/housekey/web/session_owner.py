"""Whose the content of Flask's session is.

A permanent session of Flask's outlives ours if ours ends with the browser, and no session of ours then tells who has
filled it. So what is put there while somebody is logged in bears that user's mark, and goes when another one logs in
(flaw 3). Content that visitors have gathered bears none and is kept.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

from housekey.web import flask_session
from housekey.web.client import session_token
from housekey.web.here import Asking, state

MARK = "_housekey_owner"
"""The key in Flask's session. Its value is an HMAC: everybody can read that cookie."""
_MARK_BYTES = 16
_ANYBODYS = frozenset({MARK, "_permanent", "_flashes", flask_session.CSRF_OF_FLASK_WTF})
"""What doesn't belong to a person, or goes at every login."""


def is_anothers(user_id: Any) -> bool:
    """Whether the session holds what somebody else has left there."""
    mark = flask_session.peek().get(MARK)
    return mark is not None and mark not in _marks(user_id)


def note(found: Asking | None) -> None:
    """Before Flask saves the session: mark new content. A page that neither wrote to it nor asked who is there is left
    alone."""
    store = flask_session.peek()
    if not store.modified and (found is None or found.identity is None):
        return
    if flask_session.is_missing() or (found is not None and found.logged_out):
        return
    is_marked = MARK in store
    if _ANYBODYS.issuperset(store):
        if is_marked:
            del store[MARK]
    elif not is_marked and (mark := _mark_of_this_browser(found)):
        store[MARK] = mark


def _mark_of_this_browser(found: Asking | None) -> str | None:
    """A session of ours that has ended still tells whose browser it was; None for one that had none."""
    user_id = found.identity.user_id if found and found.identity else _last_known()
    return None if user_id is None else _marks(user_id)[0]


def _last_known() -> Any:
    token = session_token()
    return None if token is None else state().recogniser.user_of_token(token)


def _marks(user_id: Any) -> list[str]:
    digests = state().house.keyed_digests(f"flask session|{user_id}")
    return [urlsafe_b64encode(digest[:_MARK_BYTES]).decode().rstrip("=") for digest in digests]
