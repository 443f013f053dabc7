"""A form that came too late: it is kept while its sender proves who they are, and sent afterwards by a click.

Only what a page of this site has sent, as a form, in a session: a form of another site is judged here whatever guards
the view, so that none is ever planted.
"""

from __future__ import annotations

import sys
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException

from housekey.errors import CrossSite, HostTransactionOpen
from housekey.web.answers import return_path
from housekey.web.csrf import FIELD
from housekey.web.here import asking, here
from housekey.web.identity import identify
from housekey.web.redirects import safe_path

FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
LARGEST_BODY = 16 * 1024 * 1024
"""Bytes. A longer one isn't read to look for what could be kept of it."""


@dataclass(frozen=True)
class Sent:
    """A form as it came. `path`: where to; `page`: where it stood; `secrets`: fields known to hold one."""

    path: str
    page: str | None
    fields: list[tuple[str, str]] = field(repr=False)
    secrets: Collection[str]
    files: bool


class Keeper:
    """Keeps forms; a capability provides it."""

    def keep(self, user_id: Any, session_id: str, sent: Sent) -> str | None:
        """The id of the kept form; None if it is too large."""
        raise NotImplementedError

    def waiting(self, user_id: Any, session_id: str) -> str | None:
        """The id of the newest form of a session; None if none waits."""
        raise NotImplementedError


def kept_path() -> str | None:
    """Keep the form of this request: the path of the page that shows it and sends it on. None if there is none, or if
    it may not be kept."""
    identity = identify()
    if identity is None or identity.session_id is None or not _is_form():
        return None
    try:
        here.csrf.check(request)
        sent = _sent()
        form_id = None if sent is None else here.house.service(Keeper).keep(identity.user_id, identity.session_id, sent)
    except (CrossSite, HTTPException, HostTransactionOpen):
        return None
    return None if form_id is None else url_for("housekey.kept_form", form_id=form_id)


def waiting_path() -> str | None:
    """The page of a form that waits in this session until its sender has a second step: what proves two steps comes
    before it, where that hasn't been proved yet."""
    identity = identify()
    if identity is None or identity.session_id is None:
        return None
    form_id = here.house.service(Keeper).waiting(identity.user_id, identity.session_id)
    shown = None if form_id is None else url_for("housekey.kept_form", form_id=form_id)
    return shown if shown is None or identity.aal > 1 else url_for("housekey.reauthenticate", next=shown)


def _is_form() -> bool:
    has_size = request.content_length is not None and request.content_length <= LARGEST_BODY
    return request.method == "POST" and request.mimetype in FORMS and has_size


def _sent() -> Sent | None:
    path = safe_path(request.url, request.url)
    fields = [(name, value) for name, values in request.form.lists() for value in values if name != FIELD]
    files = any(each.filename for each in request.files.values())
    if path is None:
        return None
    return Sent(path=path, page=return_path(), fields=fields, secrets=asking().secret_fields, files=files)


def new_token(name: str) -> str:
    """For a field of a kept form that held a form token: Flask-WTF's, where it is that one's, or ours."""
    if "flask_wtf" in sys.modules and name == current_app.config.get("WTF_CSRF_FIELD_NAME", "csrf_token"):
        from flask_wtf.csrf import generate_csrf  # type: ignore[import-untyped]

        made: str = generate_csrf()
        return made
    return here.csrf.token()
