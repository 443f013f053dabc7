"""Where people are sent who may not go on: to log in, or to prove again who they are.

As Flask-Login's manager does it, with four changes. `next` is never an address that only takes forms, which can't be
gone back to: then it is the page that the form stood in. Our own pages take `next` from the address alone, so there
`USE_SESSION_FOR_NEXT` doesn't hold. `_id`, of which nobody asks, isn't left in Flask's session. And
the message to whoever must confirm is ours, unless the host has set `login_manager.needs_refresh_message`.
"""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, redirect, request, session
from flask_login.utils import expand_login_view, login_url, make_next_param

from housekey.kernel.texts import Text
from housekey.kernel.texts import text as _
from housekey.web.answers import return_path
from housekey.web.readers import speak_outside_our_pages

OURS = "housekey."
OF_FLASK_LOGIN = (_("Please log in to access this page."), _("Please reauthenticate to access this page."))
"""Marked here, so that catalogues have them."""


def send_to(manager: Any, view: str | None, message: Any, category: str, *, kept_form: str | None = None) -> Any:
    """A redirect to `view` (an endpoint or address) with a message, and from there to the page of the `kept_form`, if
    there is one. 401 where the host has no such view."""
    if not view:
        abort(401)
    if message:
        flash(_spoken(manager, message), category=category)
    back_to = kept_form or (request.url if _can_be_gone_to() else return_path())
    if view.startswith(OURS) or not current_app.config.get("USE_SESSION_FOR_NEXT"):
        return redirect(login_url(view, next_url=back_to))
    session.pop("next", None)
    if back_to is not None:
        session["next"] = make_next_param(expand_login_view(view), back_to)
    return redirect(login_url(view))


def _spoken(manager: Any, message: Any) -> str:
    """In the reader's language: by the host's `localize_callback`, else by a catalogue, which has Flask-Login's own
    messages and may have the host's."""
    speak_outside_our_pages()
    if manager.localize_callback:
        return str(manager.localize_callback(str(message)))
    return str(message) if isinstance(message, Text) else str(Text(str(message)))


def _can_be_gone_to() -> bool:
    rule = request.url_rule
    return rule is None or rule.methods is None or "GET" in rule.methods
