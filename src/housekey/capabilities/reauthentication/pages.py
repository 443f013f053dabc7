"""“Confirm that it's you”."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from housekey.capabilities.mailed_login import step_up
from housekey.capabilities.reauthentication import actions
from housekey.capabilities.reauthentication.inputs import PasswordForm
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
        by_mail=step_up.is_offered(here.house, demand().user_id),
    )


@pages.post("/reauthenticate", access=LOGGED_IN, again="reauthenticate")
def submit_reauthenticate(form: PasswordForm) -> Response:
    """Check the password and go on to where the person was."""
    identity = demand()
    outcome = actions.reauthenticate(
        here.house, client(), user_id=identity.user_id, session_id=str(identity.session_id),
        password=form.password, target=form.next,
    )  # fmt: skip
    return go_on(outcome, "overview")
