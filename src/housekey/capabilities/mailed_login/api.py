"""Logging in by mail, as JSON."""

from __future__ import annotations

from housekey.capabilities.mailed_login import actions, step_up
from housekey.capabilities.mailed_login.actions import Wish
from housekey.capabilities.mailed_login.inputs import MailedLoginInput, MailLoginInput, StepUpInput
from housekey.capabilities.mailed_login.pages import confirmed
from housekey.errors import Forbidden, InvalidLink, NotLoggedIn, OtherBrowser, TooManyAttempts
from housekey.kernel.shown import Shown
from housekey.web import mailed
from housekey.web.client import asker_token, client
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.outcomes import Answer, answer
from housekey.web.routes import LOGGED_IN, Routes
from housekey.web.shapes import ChallengedShape, OpenedShape

api = Routes(tag="login")


@api.post("/login/mail", answers={202: None}, errors=[Forbidden, TooManyAttempts])
def mail_login(body: MailLoginInput) -> None:
    """Ask for a mail with a link, and a code for this browser, to log in.

    Always 202: whether the address is known stays untold.
    """
    actions.ask(here.house, client(), Wish(body.email), asker=mailed.asker())


@api.post(
    "/login/mail/confirm",
    answers={200: OpenedShape, 202: ChallengedShape},
    errors=[Forbidden, OtherBrowser, InvalidLink, NotLoggedIn, TooManyAttempts],
)
def confirm_mailed_login(body: MailedLoginInput) -> Answer:
    """Log in by the `token` of the mailed link or by its `code`, in the browser that asked: its cookie is needed.

    202 says what is asked next.
    """
    shown = Shown(token=body.token, code=body.code, asker=asker_token())
    return answer(actions.log_in(here.house, client(), shown, remember=body.remember))


@api.post("/reauthenticate/mail/send", access=LOGGED_IN, answers={202: None}, errors=[Forbidden, TooManyAttempts])
def mail_reauthentication() -> None:
    """Ask for a mail with a code for this session, to prove again who you are. For accounts without a password."""
    who = demand()
    step_up.ask(here.house, client(), user_id=who.user_id, session_id=str(who.session_id), asker=mailed.asker())


@api.post(
    "/reauthenticate/mail",
    access=LOGGED_IN,
    answers={200: OpenedShape, 202: ChallengedShape},
    errors=[Forbidden, TooManyAttempts],
)
def reauthenticate_by_mail(body: StepUpInput) -> Answer:
    """Prove again who you are, by the code of the mail. The session is fresh then, and its cookie a new one."""
    return answer(confirmed(body.code))
