"""The code that a login waits for, as JSON."""

from __future__ import annotations

from housekey.capabilities.stuffing import codes
from housekey.capabilities.stuffing.inputs import MailedCodeInput
from housekey.errors import LoginExpired, NotLoggedIn, TooManyAttempts
from housekey.web.challenges import parked_attempt
from housekey.web.here import here
from housekey.web.outcomes import Answer, answer
from housekey.web.routes import Routes
from housekey.web.shapes import ChallengedShape, OpenedShape

api = Routes(tag="login")


@api.post(
    "/login/code", answers={200: OpenedShape, 202: ChallengedShape}, errors=[LoginExpired, NotLoggedIn, TooManyAttempts]
)
def mailed_code(body: MailedCodeInput) -> Answer:
    """Go on with a login that waits for a code (challenge `mailed_code`), by the one that was mailed for it."""
    return answer(codes.confirm(here.house, parked_attempt(), body.code))
