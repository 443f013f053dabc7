"""Logging in and out as JSON."""

from __future__ import annotations

from housekey.capabilities.login import actions
from housekey.capabilities.login.inputs import LoginInput
from housekey.errors import Busy, Forbidden, InvalidCredentials, NotLoggedIn, TooManyAttempts
from housekey.web import manager
from housekey.web.client import client
from housekey.web.ending import log_out_everywhere
from housekey.web.here import here
from housekey.web.outcomes import Answer, answer
from housekey.web.routes import LOGGED_IN, Routes
from housekey.web.shapes import ChallengedShape, OpenedShape

api = Routes(tag="login")


@api.post(
    "/login",
    answers={200: OpenedShape, 202: ChallengedShape},
    errors=[Forbidden, InvalidCredentials, NotLoggedIn, TooManyAttempts, Busy],
)
def login(body: LoginInput) -> Answer:
    """Log in with e-mail or username and password.

    Unknown, wrong, disabled and locked give one and the same 401. 202 says what is asked next. 403: every second
    factor of this person is of a kind that is switched off here.
    """
    outcome = actions.log_in(
        here.house, client(), identifier=body.identifier, password=body.password, remember=body.remember
    )
    return answer(outcome)


@api.post("/logout", answers={204: None})
def logout() -> None:
    """End this session. Also answers 204 if there is none."""
    manager.log_out()


@api.post("/logout/everywhere", access=LOGGED_IN, answers={204: None})
def logout_everywhere() -> None:
    """End all sessions of the person, this one too."""
    log_out_everywhere()
