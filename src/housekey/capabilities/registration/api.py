"""Registering as JSON."""

from __future__ import annotations

from typing import Any

from housekey.capabilities.registration import actions, pending
from housekey.capabilities.registration.inputs import (
    AgainInput,
    ConfirmInput,
    finish_input,
    kept,
    register_input,
)
from housekey.capabilities.registration.pages import confirmed, wanted
from housekey.capabilities.registration.pending import AwaitsMail
from housekey.errors import Busy, InvalidLink, NotLoggedIn, RegistrationClosed, TooManyAttempts
from housekey.kernel.shown import Shown
from housekey.web import mailed
from housekey.web.client import asker_token, client
from housekey.web.here import here
from housekey.web.outcomes import Answer, answer
from housekey.web.routes import Routes
from housekey.web.shapes import ChallengedShape, ChallengeShape, OpenedShape

api = Routes(tag="registration")


@api.post(
    "/register",
    input=register_input,
    answers={201: OpenedShape, 202: ChallengedShape},
    errors=[RegistrationClosed, NotLoggedIn, TooManyAttempts, Busy],
)
def register(body: Any) -> Answer:
    """Make an account. It is logged in at once (201), or a mail is sent first (202, `email_verification`): then the
    answer is the same for an address that is taken, and `register/confirm` goes on."""
    outcome = actions.register(here.house, client(), wanted(body), typed=kept(body), asker=mailed.asker)
    return awaits(outcome) if isinstance(outcome, AwaitsMail) else answer(outcome, status=201)


def awaits(outcome: AwaitsMail) -> Answer:
    return ChallengedShape(challenge=ChallengeShape(type=outcome.challenge.type, details={})), 202


@api.post(
    "/register/confirm",
    answers={201: OpenedShape, 202: ChallengedShape},
    errors=[RegistrationClosed, InvalidLink, NotLoggedIn, TooManyAttempts],
)
def confirm_registration(body: ConfirmInput) -> Answer:
    """Complete a registration in the browser that began it, by the `token` of the mailed link or by its `code`."""
    return answer(confirmed(Shown(token=body.token, code=body.code, asker=asker_token())), status=201)


@api.post(
    "/register/finish",
    input=finish_input,
    answers={201: OpenedShape, 202: ChallengedShape},
    errors=[RegistrationClosed, InvalidLink, NotLoggedIn, Busy],
)
def finish_registration(body: Any) -> Answer:
    """Complete a registration elsewhere than where it was begun: by the `token` of the link, with everything but the
    address given anew."""
    link = pending.opened(here.house, body.token)
    return answer(actions.complete(here.house, client(), link, wanted(body), None), status=201)


@api.post("/register/again", answers={202: None}, errors=[RegistrationClosed, TooManyAttempts])
def send_registration_again(body: AgainInput) -> None:
    """The mail of a registration once more, for the browser that began it. Always 202."""
    pending.send_again(here.house, client(), body.email.strip(), asker_token())
