"""Registering as JSON."""

from __future__ import annotations

from typing import Any

from housekey.capabilities.registration import actions
from housekey.capabilities.registration.inputs import register_input
from housekey.capabilities.registration.pages import wanted
from housekey.errors import Busy, NotLoggedIn, RegistrationClosed, TooManyAttempts
from housekey.web.client import client
from housekey.web.here import here
from housekey.web.outcomes import Answer, answer
from housekey.web.routes import Routes
from housekey.web.shapes import ChallengedShape, OpenedShape

api = Routes(tag="registration")


@api.post(
    "/register",
    input=register_input,
    answers={201: OpenedShape, 202: ChallengedShape},
    errors=[RegistrationClosed, NotLoggedIn, TooManyAttempts, Busy],
)
def register(body: Any) -> Answer:
    """Make an account. It is logged in at once; 202 says what is asked first."""
    return answer(actions.register(here.house, client(), wanted(body)), status=201)
