"""Confirming an address, as JSON."""

from __future__ import annotations

from housekey.capabilities.verification import actions
from housekey.capabilities.verification.inputs import CodeInput, VerifyInput
from housekey.capabilities.verification.pages import verified
from housekey.errors import Busy, Forbidden, InvalidLink, LoginExpired, NotLoggedIn, TooManyAttempts
from housekey.kernel.shown import Shown
from housekey.web import mailed
from housekey.web.challenges import parked_attempt
from housekey.web.client import asker_token, client
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.outcomes import Answer, answer
from housekey.web.routes import LOGGED_IN, Routes
from housekey.web.shapes import ChallengedShape, OpenedShape

api = Routes(tag="verification")


@api.post("/email/verify/send", access=LOGGED_IN, answers={202: None}, errors=[TooManyAttempts])
def send_verification() -> None:
    """Ask for a mail with a link, and a code for this browser, to confirm your address. Always 202."""
    actions.ask(here.house, client(), demand().user_id, asker=mailed.asker())


@api.post("/email/verify", answers={204: None}, errors=[InvalidLink, NotLoggedIn, TooManyAttempts, Busy])
def verify_email(body: VerifyInput) -> None:
    """Confirm an address by the `token` of the mailed link, or by its `code` in the browser that asked.

    Whoever isn't logged in to the account also sends a new `password`: all that the one who began the account had is
    gone then.
    """
    verified(Shown(token=body.token, code=body.code, asker=asker_token()), body.password)


@api.post("/login/email/send", answers={202: None}, errors=[LoginExpired, TooManyAttempts])
def send_login_verification() -> None:
    """Ask for the mail of a login that waits for its address to be confirmed. Always 202."""
    attempt = parked_attempt()
    if attempt.user is not None:
        actions.ask(here.house, client(), attempt.user.id, asker=mailed.asker())


@api.post(
    "/login/email",
    answers={200: OpenedShape, 202: ChallengedShape},
    errors=[Forbidden, InvalidLink, LoginExpired, NotLoggedIn, TooManyAttempts],
)
def verify_login(body: CodeInput) -> Answer:
    """Go on with a login that waits for its address to be confirmed, by the code of the mail."""
    attempt = parked_attempt()
    link = actions.shown(here.house, client(), Shown(code=body.code, asker=asker_token()))
    return answer(actions.confirm_on_the_way_in(here.house, attempt, link))
