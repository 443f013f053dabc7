"""Proving again, as JSON."""

from __future__ import annotations

from housekey.capabilities.reauthentication import actions
from housekey.capabilities.reauthentication.inputs import PasswordInput
from housekey.errors import Busy, Forbidden, InvalidCredentials, TooManyAttempts
from housekey.web.client import client
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.outcomes import Answer, answer
from housekey.web.routes import LOGGED_IN, Routes
from housekey.web.shapes import ChallengedShape, OpenedShape

api = Routes(tag="login")


@api.post(
    "/reauthenticate",
    access=LOGGED_IN,
    answers={200: OpenedShape, 202: ChallengedShape},
    errors=[Forbidden, InvalidCredentials, TooManyAttempts, Busy],
)
def reauthenticate(body: PasswordInput) -> Answer:
    """Prove again who you are. The session is fresh afterwards, and its cookie is a new one."""
    identity = demand()
    outcome = actions.reauthenticate(
        here.house, client(), user_id=identity.user_id, session_id=str(identity.session_id), password=body.password
    )
    return answer(outcome)
