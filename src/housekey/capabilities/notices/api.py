"""“This wasn't me”, as JSON."""

from __future__ import annotations

from housekey.capabilities.notices import actions
from housekey.capabilities.notices.inputs import FreezeInput, RestoreInput
from housekey.errors import Busy, Conflict, Forbidden, InvalidLink, TooManyAttempts
from housekey.web.client import client
from housekey.web.here import here
from housekey.web.routes import Routes

api = Routes(tag="notices")


@api.post("/undo/freeze", answers={204: None}, errors=[InvalidLink, TooManyAttempts])
def freeze_account(body: FreezeInput) -> None:
    """Freeze the account that a notice tells of: all sessions end, and nobody can log in until that is lifted."""
    actions.freeze(here.house, client(), body.token)


@api.post("/undo/restore", answers={204: None}, errors=[Conflict, Forbidden, InvalidLink, TooManyAttempts, Busy])
def restore_account(body: RestoreInput) -> None:
    """Open a frozen account again, by the password that was valid before what the notice tells of, and set a new one.

    Address and second factors are those of that time again; 409 if another account has the address by now. Nobody is
    logged in.
    """
    actions.restore(here.house, client(), body.token, body.password, body.new)
