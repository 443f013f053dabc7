"""A frozen account opened by a second factor, as JSON."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from housekey.capabilities.reopening import actions
from housekey.capabilities.reopening.inputs import LinkInput, ReopenInput
from housekey.errors import Busy, Conflict, Forbidden, InvalidCredentials, InvalidLink, TooManyAttempts
from housekey.login import Given
from housekey.web.client import client
from housekey.web.here import here
from housekey.web.routes import Routes

api = Routes(tag="notices")


class WaysShape(Struct, kw_only=True):
    """How the owner of an account can be known."""

    frozen: Annotated[bool, Meta(description="Whether it waits to be opened again.")]
    methods: Annotated[
        list[str],
        Meta(description="`former_password`, and the second factors from before. The owner proves one of them."),
    ]


@api.post("/undo/ways", answers={200: WaysShape}, errors=[InvalidLink])
def ways_to_reopen(body: LinkInput) -> WaysShape:
    """By what the owner can get a frozen account back, with the link of a notice. Looking changes nothing."""
    undo, methods = actions.methods(here.house, body.token)
    return WaysShape(frozen=undo.is_frozen, methods=list(methods))


@api.post(
    "/undo/restore/factor",
    answers={204: None},
    errors=[Conflict, Forbidden, InvalidCredentials, InvalidLink, TooManyAttempts, Busy],
)
def restore_account_by_factor(body: ReopenInput) -> None:
    """Open a frozen account again, by a second factor that was there before what the notice tells of, and set a new
    password. For a passkey ask `POST undo/restore/factor/options` first.

    Address and second factors are those of that time again; 409 if another account has the address by now. Nobody is
    logged in.
    """
    given = Given(body.code, body.credential)
    actions.restore(here.house, client(), body.token, body.method, given, body.new)
