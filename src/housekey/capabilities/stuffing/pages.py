"""“We have mailed you a code”."""

from __future__ import annotations

from werkzeug.wrappers import Response

from housekey.capabilities.stuffing import codes
from housekey.capabilities.stuffing.inputs import MailedCodeInput
from housekey.login.settings import LoginSettings
from housekey.web.answers import render
from housekey.web.challenges import parked_attempt
from housekey.web.going import go_on
from housekey.web.here import here
from housekey.web.routes import Routes

pages = Routes()


@pages.get("/login/code")
def mailed_code() -> str:
    """A login that waits for a mailed code. The address isn't shown: whoever has guessed a password may not know it."""
    parked_attempt()
    return render("stuffing/code.html")


@pages.post("/login/code", again="mailed_code")
def submit_mailed_code(form: MailedCodeInput) -> Response:
    """Go on with the login."""
    outcome = codes.confirm(here.house, parked_attempt(), form.code)
    return go_on(outcome, here.house.settings[LoginSettings].after_url)
