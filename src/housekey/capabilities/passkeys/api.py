"""Passkeys as JSON: first the options, for the browser's own dialog, then what that gave."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from housekey.capabilities.factors.api import FactorShape, factor_shape
from housekey.capabilities.factors.inputs import RenameInput
from housekey.capabilities.factors.pages import owner
from housekey.capabilities.notices.notice import UNDO
from housekey.capabilities.passkeys import actions, adding, changing, first, kept, registering
from housekey.capabilities.passkeys.ceremonies import encoded
from housekey.capabilities.passkeys.inputs import (
    AddPasskeyInput,
    NewcomerInput,
    PasskeyLoginInput,
    PasskeyProofInput,
    register_input,
)
from housekey.capabilities.passkeys.options import CreationOptions, RequestOptions
from housekey.capabilities.passkeys.party import party_of
from housekey.capabilities.registration.api import awaits
from housekey.capabilities.registration.inputs import kept as kept_fields
from housekey.capabilities.registration.pages import wanted
from housekey.capabilities.registration.pending import AwaitsMail
from housekey.capabilities.reopening.inputs import ReopeningOptionsInput
from housekey.errors import (
    Busy,
    Conflict,
    FactorRequired,
    Forbidden,
    InvalidCredentials,
    InvalidInput,
    InvalidLink,
    LoginExpired,
    LongerPasswordNeeded,
    MailedCodeNeeded,
    NotFound,
    NotLoggedIn,
    RegistrationClosed,
    TooManyAttempts,
    UnconfirmedAddress,
)
from housekey.web import mailed
from housekey.web.challenges import parked_attempt
from housekey.web.client import asker_token, client
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.outcomes import Answer, answer, shown_user
from housekey.web.routes import FRESH, LOGGED_IN, Routes
from housekey.web.shapes import ChallengedShape, OpenedShape

api = Routes(tag="passkeys")


class AddedPasskey(Struct, kw_only=True):
    """A passkey that works."""

    factor: FactorShape
    recovery_codes: Annotated[
        list[str] | None, Meta(description="With the first factor: codes for whoever loses it. Shown this once.")
    ]


@api.post(
    "/passkeys/options",
    access=FRESH,
    answers={200: CreationOptions},
    errors=[Forbidden, Conflict, UnconfirmedAddress, MailedCodeNeeded],
)
def add_passkey_options() -> CreationOptions:
    """What to ask the browser with, to add a passkey. The challenge works once, in this session."""
    return adding.add_options(here.house, owner())


@api.post(
    "/passkeys",
    access=FRESH,
    answers={201: AddedPasskey},
    errors=[Forbidden, Conflict, UnconfirmedAddress, MailedCodeNeeded, Busy],
)
def add_passkey(body: AddPasskeyInput) -> AddedPasskey:
    """Add the passkey that the browser has made. With the first factor all your other sessions end."""
    done = adding.add(here.house, owner(), body.credential, body.name)
    codes = None if done.recovery_codes is None else list(done.recovery_codes)
    return AddedPasskey(factor=factor_shape(done.passkey), recovery_codes=codes)


# the length of our ids: "options" and "signals" are none, so their Allow header is right
@api.patch("/passkeys/<string(length=22):passkey_id>", access=FRESH, answers={200: FactorShape}, errors=[NotFound])
def rename_passkey(passkey_id: str, body: RenameInput) -> FactorShape:
    """Call a passkey otherwise."""
    return factor_shape(changing.rename(here.house, owner(), passkey_id, body.name))


@api.delete(
    "/passkeys/<string(length=22):passkey_id>",
    access=FRESH,
    answers={204: None},
    errors=[NotFound, Conflict, LongerPasswordNeeded, FactorRequired],
)
def remove_passkey(passkey_id: str) -> None:
    """Remove a passkey. All your other sessions end. 409 if it is the only way in."""
    changing.remove(here.house, owner(), passkey_id)


class PasskeySignals(Struct, kw_only=True, rename="camel"):
    """For the browser's Signal API, by which authenticators forget what was removed here, and learn of a new name."""

    rp_id: str
    user_id: Annotated[str | None, Meta(description="The random name by which authenticators know the person.")]
    all_accepted_credential_ids: list[str]
    name: str
    display_name: str


@api.get("/passkeys/signals", access=LOGGED_IN, answers={200: PasskeySignals}, errors=[Forbidden, NotLoggedIn])
def passkey_signals() -> PasskeySignals:
    """What to tell authenticators of your passkeys."""
    party, user_id = party_of(here.house), demand().user_id
    with here.house.read() as connection:
        mine = kept.of(connection, here.house.store.schema, user_id)
        handle = kept.handle_of(connection, here.house.store.schema, user_id)
    user = shown_user(user_id)
    return PasskeySignals(
        rp_id=party.id,
        user_id=handle,
        all_accepted_credential_ids=[encoded(one.credential_id) for one in mine],
        name=user.identifier or user.name,
        display_name=user.name,
    )


@api.post("/register/passkey/options", answers={200: CreationOptions}, errors=[Forbidden, RegistrationClosed])
def register_passkey_options(body: NewcomerInput) -> CreationOptions:
    """What to ask the browser with, for an account with a passkey and no password. Says nothing about the address."""
    return registering.new_options(here.house, mailed.asker(), body.email, body.name)


@api.post(
    "/register/passkey",
    input=register_input,
    answers={201: OpenedShape, 202: ChallengedShape},
    errors=[Forbidden, RegistrationClosed, NotLoggedIn, TooManyAttempts],
)
def register_passkey(body: Any) -> Answer:
    """Make an account with a passkey and no password; answers as `register` does. After the mail the passkey is asked
    for once more."""
    outcome = registering.register(
        here.house, client(), wanted(body), body.credential, browser=asker_token(), typed=kept_fields(body),
        asker=mailed.asker,
    )  # fmt: skip
    return awaits(outcome) if isinstance(outcome, AwaitsMail) else answer(outcome, status=201)


@api.post("/login/passkey/options", answers={200: RequestOptions}, errors=[Forbidden])
def login_passkey_options() -> RequestOptions:
    """What to ask the browser with, to log in. The challenge works once, in this browser: its cookie is needed."""
    return actions.login_options(here.house, mailed.asker())


@api.post(
    "/login/passkey",
    answers={200: OpenedShape, 202: ChallengedShape},
    errors=[Forbidden, InvalidCredentials, NotLoggedIn, TooManyAttempts],
)
def login_passkey(body: PasskeyLoginInput) -> Answer:
    """Log in with a passkey. One that has verified its user is two factors; else 202 may ask for another.

    Unknown, wrong, replayed, disabled and locked give one and the same 401.
    """
    outcome = actions.log_in(here.house, client(), body.credential, browser=asker_token(), remember=body.remember)
    return answer(outcome)


@api.post(
    "/login/challenge/options",
    answers={200: RequestOptions},
    errors=[Forbidden, LoginExpired, InvalidCredentials, InvalidInput],
)
def second_step_options() -> RequestOptions:
    """What to ask the browser with, for a login that waits for a second factor, `passkey` among its `methods`."""
    return actions.second_step_options(here.house, parked_attempt())


@api.post(
    "/login/challenge/passkey/options",
    answers={200: CreationOptions},
    errors=[Forbidden, LoginExpired, InvalidCredentials, InvalidInput],
)
def first_passkey_options() -> CreationOptions:
    """What to ask the browser with, for a login that waits for a second factor to be set up, `passkey` among its
    `methods`."""
    return first.creation_options(here.house, parked_attempt())


@api.post("/undo/restore/factor/options", answers={200: RequestOptions}, errors=[Forbidden, InvalidInput, InvalidLink])
def reopening_options(body: ReopeningOptionsInput) -> RequestOptions:
    """What to ask the browser with, to open a frozen account by a passkey from before. The challenge works once, with
    this link."""
    return actions.reopening_options(here.house, client(), body.token or mailed.opened(UNDO))


@api.post("/reauthenticate/passkey/options", access=LOGGED_IN, answers={200: RequestOptions}, errors=[Forbidden])
def reauthenticate_passkey_options() -> RequestOptions:
    """What to ask the browser with, to prove again who you are. The challenge works once, in this session."""
    who = demand()
    return actions.own_options(here.house, actions.stepping_up(who.user_id, who.session_id), who.user_id)


@api.post(
    "/reauthenticate/passkey",
    access=LOGGED_IN,
    answers={200: OpenedShape, 202: ChallengedShape},
    errors=[Forbidden, InvalidCredentials, TooManyAttempts],
)
def reauthenticate_by_passkey(body: PasskeyProofInput) -> Answer:
    """Prove again who you are, with a passkey. The session is fresh then, and its cookie a new one."""
    who = demand()
    outcome = actions.reauthenticate(
        here.house, client(), body.credential, user_id=who.user_id, session_id=str(who.session_id)
    )
    return answer(outcome)
