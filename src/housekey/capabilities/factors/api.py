"""Second factors, and the challenge of a login, as JSON."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from msgspec import Meta, Struct

from housekey.capabilities.factors import actions, confirming, enrolling, resets, trusting
from housekey.capabilities.factors.inputs import ChallengeInput, SetUpCodeInput
from housekey.capabilities.factors.pages import owner, reset_at
from housekey.capabilities.factors.trusting import TrustedDevice
from housekey.errors import (
    Busy,
    Conflict,
    Forbidden,
    InvalidCredentials,
    LoginExpired,
    NotFound,
    NotLoggedIn,
    TooManyAttempts,
    UnconfirmedAddress,
)
from housekey.kernel import devices
from housekey.login import Enrolled, Given, pending
from housekey.web import mailed
from housekey.web.challenges import parked_attempt, start_over
from housekey.web.client import asker_token
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.outcomes import Answer, answer
from housekey.web.routes import FRESH, LOGGED_IN, Routes
from housekey.web.shapes import ChallengedShape, ChallengeShape, DeviceShape, Moment, OpenedShape

api = Routes(tag="factors")


class FactorShape(Struct, kw_only=True):
    """Something that a person can prove oneself by a second time."""

    id: str
    method: Annotated[str, Meta(description="As in `amr` and in `POST login/challenge`.", examples=["otp"])]
    name: str
    created_at: Moment
    last_used_at: Moment | None
    left: Annotated[int | None, Meta(description="How many codes still work; null for what isn't used up.")]
    synced: Annotated[
        bool | None, Meta(description="Of a passkey: whether it is on one's other devices too; null for all else.")
    ]


class FactorList(Struct, kw_only=True):
    """One's second factors, the strongest first; none: a login asks for none."""

    factors: list[FactorShape]
    reset_at: Annotated[Moment, Meta(description="When those who run the site take them all.")] | None


def factor_shape(one: Enrolled) -> FactorShape:
    return FactorShape(
        id=one.id,
        method=one.method,
        name=one.name,
        created_at=one.created_at,
        last_used_at=one.last_used_at,
        left=one.left,
        synced=one.synced,
    )


@api.get("/factors", access=LOGGED_IN, answers={200: FactorList})
def list_factors() -> FactorList:
    """List your second factors."""
    mine = actions.own(here.house, demand().user_id)
    return FactorList(factors=[factor_shape(one) for one in mine], reset_at=reset_at())


@api.delete("/factors/reset", access=FRESH, answers={204: None}, errors=[Conflict])
def keep_factors() -> None:
    """Stop a reset of your second factors that waits. 409: none does."""
    here.house.run(partial(resets.stop, user_id=owner().user_id, by="user"))


@api.post("/factors/code", access=FRESH, answers={204: None}, errors=[NotFound, TooManyAttempts])
def mail_factor_code() -> None:
    """Mail the code that is asked for (`mailed_code_needed`) before you add the first second factor that this site asks
    you for. It works in this session alone. 404: none is needed."""
    confirming.ask(here.house, owner(), asker=mailed.asker())


@api.post(
    "/factors/code/confirm",
    access=FRESH,
    answers={200: OpenedShape, 202: ChallengedShape},
    errors=[Forbidden, InvalidCredentials, TooManyAttempts],
)
def confirm_factor_code(body: SetUpCodeInput) -> Answer:
    """Give that code. The session's cookie is a new one; a factor can be added for as long as the session is fresh."""
    return answer(confirming.confirm(here.house, owner(), code=body.code, asker=asker_token()))


@api.get("/login/challenge", answers={200: ChallengedShape}, errors=[LoginExpired, InvalidCredentials])
def login_challenge() -> ChallengedShape:
    """What the login under way in this browser is asked for. Of type `enrol_factor`, at the step `factor`, its details
    also hold what is needed to set up each of the `methods`, by its name: for `otp` `secret`, `uri` and `qr_svg`; for
    `passkey` the `user_verification` (the rest comes from `POST login/challenge/passkey/options`); for `pwd`, which is
    sent as `code`, `min_length`."""
    attempt = parked_attempt()
    challenge = pending(here.house, attempt)
    if challenge is None:  # what was asked for has been switched off meanwhile
        raise LoginExpired()
    details = challenge.details | enrolling.shown(here.house, attempt, challenge)
    return ChallengedShape(challenge=ChallengeShape(type=challenge.type, details=details))


RecoveryCodesOnce = Annotated[
    list[str] | None, Meta(description="With a factor that was set up: for whoever loses it. Shown this once.")
]


class PassedShape(OpenedShape, kw_only=True):
    """The answer when a session is open, and what came with it."""

    recovery_codes: RecoveryCodesOnce = None


class AskedShape(ChallengedShape, kw_only=True):
    """The answer when more is asked before a session opens, and what came with the step before."""

    recovery_codes: RecoveryCodesOnce = None


@api.post(
    "/login/challenge",
    answers={200: PassedShape, 202: AskedShape},
    errors=[
        Conflict,
        Forbidden,
        LoginExpired,
        InvalidCredentials,
        NotLoggedIn,
        TooManyAttempts,
        Busy,
        UnconfirmedAddress,
    ],
)
def answer_challenge(body: ChallengeInput) -> tuple[PassedShape | AskedShape, int]:
    """Go on with a login that waits for a second factor, or for one to be set up: one of the `methods` of its
    challenge, with its `code`, or `credential` for a passkey; `name` is what to call a new factor."""
    given = Given(body.code, body.credential)
    passed = actions.answer(here.house, parked_attempt(), body.method, given, body.name, trust=body.trust_device)
    shape, status = answer(passed.outcome)
    codes = None if passed.recovery_codes is None else list(passed.recovery_codes)
    if isinstance(shape, OpenedShape):
        return PassedShape(user=shape.user, session=shape.session, recovery_codes=codes), status
    return AskedShape(challenge=shape.challenge, recovery_codes=codes), status


class TrustedDeviceShape(Struct, kw_only=True):
    """A browser that isn't asked for the second step."""

    id: Annotated[str, Meta(description="Names it; grants nothing.")]
    device: DeviceShape
    address: str
    created_at: Moment
    last_used_at: Moment
    expires_at: Moment


class TrustedDeviceList(Struct, kw_only=True):
    """One's browsers that aren't asked, the latest first."""

    devices: list[TrustedDeviceShape]


@api.get("/trusted-devices", access=LOGGED_IN, answers={200: TrustedDeviceList})
def list_trusted_devices() -> TrustedDeviceList:
    """List the browsers that aren't asked for your second step."""
    return TrustedDeviceList(devices=[_shape(one) for one in trusting.own(here.house, demand().user_id)])


def _shape(one: TrustedDevice) -> TrustedDeviceShape:
    device = devices.describe(one.user_agent)
    return TrustedDeviceShape(
        id=one.id,
        device=DeviceShape(name=device.name, kind=device.kind),
        address=one.address,
        created_at=one.created_at,
        last_used_at=one.last_used_at,
        expires_at=one.expires_at,
    )


@api.delete("/trusted-devices/<device_id>", access=FRESH, answers={204: None}, errors=[NotFound])
def end_trusted_device(device_id: str) -> None:
    """Have a browser asked again."""
    trusting.end(here.house, demand().user_id, device_id)


@api.delete("/login/challenge", answers={204: None})
def end_challenge() -> None:
    """Start over: forget the login under way. Also 204 if there is none."""
    start_over()
