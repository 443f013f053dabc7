"""What the running request shows of the one who acts, for listeners that ask."""

from __future__ import annotations

from flask import current_app, has_request_context

from housekey.kernel.circumstances import Circumstances
from housekey.web.client import client
from housekey.web.here import EXTENSION, asked_so_far


def of_request() -> Circumstances:
    """Who acts, as far as this request has asked: a listener runs in the middle of a transaction, and reads nothing.
    Without a request it is the app's own code."""
    if not has_request_context() or EXTENSION not in current_app.extensions:
        return Circumstances()
    shown, found = client(), asked_so_far()
    identity = found.identity if found else None
    known = identity is not None and identity.user_id is not None
    return Circumstances(
        kind="user" if known else "anonymous",
        actor=identity.user_id if identity else None,
        session_id=identity.session_id if identity else None,
        address=shown.address,
        user_agent=shown.user_agent,
    )
