"""Second factors, and the challenge of a login, as JSON."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from housekey.capabilities.factors import actions
from housekey.capabilities.factors.inputs import ChallengeInput
from housekey.errors import Busy, InvalidCredentials, LoginExpired, TooManyAttempts
from housekey.login import Enrolled, pending
from housekey.web.challenges import parked_attempt, start_over
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.outcomes import Answer, answer
from housekey.web.routes import LOGGED_IN, Routes
from housekey.web.shapes import ChallengedShape, ChallengeShape, Moment, OpenedShape

api = Routes(tag="factors")


class FactorShape(Struct, kw_only=True):
    """Something that a person can prove oneself by a second time."""

    id: str
    method: Annotated[str, Meta(description="As in `amr` and in `POST login/challenge`.", examples=["otp"])]
    name: str
    created_at: Moment
    last_used_at: Moment | None
    left: Annotated[int | None, Meta(description="How many codes still work; null for what isn't used up.")]


class FactorList(Struct, kw_only=True):
    """One's second factors, the strongest first; none: a login asks for none."""

    factors: list[FactorShape]


def factor_shape(one: Enrolled) -> FactorShape:
    return FactorShape(
        id=one.id,
        method=one.method,
        name=one.name,
        created_at=one.created_at,
        last_used_at=one.last_used_at,
        left=one.left,
    )


@api.get("/factors", access=LOGGED_IN, answers={200: FactorList})
def list_factors() -> FactorList:
    """List your second factors."""
    return FactorList(factors=[factor_shape(one) for one in actions.own(here.house, demand().user_id)])


@api.get("/login/challenge", answers={200: ChallengedShape}, errors=[LoginExpired, InvalidCredentials])
def login_challenge() -> ChallengedShape:
    """What the login under way in this browser is asked for."""
    challenge = pending(here.house, parked_attempt())
    if challenge is None:  # what was asked for has been switched off meanwhile
        raise LoginExpired()
    return ChallengedShape(challenge=ChallengeShape(type=challenge.type, details=challenge.details))


@api.post(
    "/login/challenge",
    answers={200: OpenedShape, 202: ChallengedShape},
    errors=[LoginExpired, InvalidCredentials, TooManyAttempts, Busy],
)
def answer_challenge(body: ChallengeInput) -> Answer:
    """Go on with a login that waits for a second factor: one of the `methods` of its challenge, and a code."""
    return answer(actions.answer(here.house, parked_attempt(), body.method, body.code))


@api.delete("/login/challenge", answers={204: None})
def end_challenge() -> None:
    """Start over: forget the login under way. Also 204 if there is none."""
    start_over()
