"""Getting back in, as JSON."""

from __future__ import annotations

from housekey.capabilities.recovery import actions
from housekey.capabilities.recovery.inputs import ForgotInput, ResetInput
from housekey.errors import Busy, Forbidden, InvalidLink, TooManyAttempts
from housekey.kernel.shown import Shown
from housekey.web import mailed
from housekey.web.client import asker_token, client
from housekey.web.here import here
from housekey.web.routes import Routes

api = Routes(tag="recovery")


@api.post("/password/forgot", answers={202: None}, errors=[Forbidden, TooManyAttempts])
def forgot_password(body: ForgotInput) -> None:
    """Ask for a mail with a link, and a code for this browser, to choose a new password.

    Always 202: whether the address is known stays untold.
    """
    actions.ask_reset(here.house, client(), body.email, asker=mailed.asker())


@api.post("/password/reset", answers={204: None}, errors=[Forbidden, InvalidLink, TooManyAttempts, Busy])
def reset_password(body: ResetInput) -> None:
    """Set a new password by the `token` of the mailed link, or by its `code` in the browser that asked.

    All sessions end, and nobody is logged in.
    """
    shown = Shown(token=body.token, code=body.code, asker=asker_token())
    actions.reset(here.house, client(), shown, body.password)


@api.post("/username/forgot", answers={202: None}, errors=[TooManyAttempts])
def forgot_username(body: ForgotInput) -> None:
    """Ask for a mail with one's username. Always 202."""
    actions.ask_username(here.house, client(), body.email)
