"""Passwords as JSON."""

from __future__ import annotations

from housekey.capabilities.passwords import actions, adding, passphrase, strength
from housekey.capabilities.passwords.inputs import ChangeInput, FirstInput, Rating, RatingInput, Suggestion
from housekey.capabilities.passwords.pages import owner
from housekey.capabilities.passwords.settings import PasswordSettings
from housekey.errors import Busy, Conflict, TooManyAttempts
from housekey.login import Parked
from housekey.web.answers import site_name
from housekey.web.client import client
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.opening import carry_out
from housekey.web.outcomes import challenged
from housekey.web.routes import FRESH, LOGGED_IN, Routes
from housekey.web.shapes import ChallengedShape

api = Routes(tag="passwords")


@api.post(
    "/password/change",
    access=LOGGED_IN,
    answers={204: None, 202: ChallengedShape},
    errors=[TooManyAttempts, Busy],
)
def change_password(body: ChangeInput) -> tuple[ChallengedShape, int] | None:
    """Replace your password. Needs the current one; ends all your other sessions. 202: nothing is changed yet."""
    identity = demand()
    outcome = actions.change(
        here.house, client(), user_id=identity.user_id, session_id=str(identity.session_id),
        current=body.current, new=body.new,
    )  # fmt: skip
    carry_out(outcome)
    return challenged(outcome) if isinstance(outcome, Parked) else None


@api.post("/password/first", access=FRESH, answers={204: None}, errors=[Conflict, Busy])
def add_first_password(body: FirstInput) -> None:
    """Choose a password, if you have none. Ends all your other sessions. 409: you have one; change it instead."""
    who = owner()
    adding.add(here.house, client(), user_id=who.user_id, session_id=str(who.session_id), new=body.new)


@api.post("/password/strength", answers={200: Rating})
def rate_password(body: RatingInput) -> Rating:
    """Rate a password that you think of choosing. Nothing is kept."""
    settings = here.house.settings[PasswordSettings]
    found = strength.measure(body.password.reveal(), [site_name()]) if settings.strength_meter else None
    return Rating(score=found.score, word=str(found.word), reason=str(found.reason or "")) if found else Rating()


@api.get("/password/suggestion", answers={200: Suggestion})
def suggest_passphrase() -> Suggestion:
    """Suggest a passphrase of random words."""
    return Suggestion(passphrase=passphrase.suggest(here.house.settings[PasswordSettings].min_length))
