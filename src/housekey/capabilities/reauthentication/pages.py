"""“Confirm that it's you”."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from housekey.capabilities.mailed_login import step_up
from housekey.capabilities.passkeys import site as passkeys
from housekey.capabilities.passwords import actions as passwords
from housekey.capabilities.reauthentication import actions, keeping
from housekey.capabilities.reauthentication.inputs import PasswordForm
from housekey.web import interrupted
from housekey.web.answers import render
from housekey.web.client import client
from housekey.web.going import go_on
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.outcomes import shown_user
from housekey.web.routes import LOGGED_IN, Routes

pages = Routes()


@pages.get("/reauthenticate", access=LOGGED_IN)
def reauthenticate() -> str:
    """Confirm that it's you."""
    return render(
        "reauthentication/confirm.html",
        next=request.args.get("next"),
        identifier=shown_user(demand().user_id).identifier,
        by_password=bool(passwords.own(here.house, demand().user_id)),
        by_passkey=passkeys.has_any(here.house, demand().user_id),
        keeps_form=_keeps_form(request.args.get("next")),
        by_mail=step_up.is_offered(here.house, demand().user_id),
    )


def _keeps_form(target: str | None) -> bool:
    """Whether the way leads on to a form that waits; says only what the page tells its reader."""
    return bool(target) and str(target).startswith(url_for("housekey.kept_form", form_id="").rstrip("/") + "/")


@pages.post("/reauthenticate", access=LOGGED_IN, again="reauthenticate")
def submit_reauthenticate(form: PasswordForm) -> Response:
    """Check the password and go on to where the person was."""
    identity = demand()
    outcome = actions.reauthenticate(
        here.house, client(), user_id=identity.user_id, session_id=str(identity.session_id),
        password=form.password, target=form.next,
    )  # fmt: skip
    return go_on(outcome, "overview")


@pages.get("/reauthenticate/forms/<form_id>", access=LOGGED_IN)
def kept_form(form_id: str) -> str:
    """A form that was interrupted: what would be sent, and where."""
    form = keeping.look(here.house, form_id=form_id, **_session())
    tokens = [(name, interrupted.new_token(name)) for name in form.tokens]
    return render("reauthentication/form.html", form=form, form_id=form_id, tokens=tokens, host=request.host)


@pages.post("/reauthenticate/forms/<form_id>", access=LOGGED_IN, name="send_kept_form")
def send_kept_form(form_id: str) -> Response:
    """Send it, once. 307: the browser itself sends the same fields on, so that whatever guards the view judges them."""
    form = keeping.take(here.house, form_id=form_id, **_session())
    return redirect(form.path, HTTPStatus.TEMPORARY_REDIRECT)


def _session() -> dict[str, Any]:
    identity = demand()
    return {"user_id": identity.user_id, "session_id": str(identity.session_id)}
