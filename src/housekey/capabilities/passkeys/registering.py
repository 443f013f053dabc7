"""An account with a passkey and no password. Where addresses are confirmed first, the passkey waits beside the link
that is mailed, and works once that is used in the browser that made it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy.exc import IntegrityError

from housekey import login
from housekey.capabilities.passkeys import adding, challenges, kept, options
from housekey.capabilities.passkeys.authenticators import default_name
from housekey.capabilities.passkeys.ceremonies import Created, decoded, encoded
from housekey.capabilities.passkeys.challenges import Scope
from housekey.capabilities.passkeys.kept import METHOD
from housekey.capabilities.passkeys.options import CreationOptions, PersonShape
from housekey.capabilities.passkeys.party import party_of
from housekey.capabilities.registration import actions as registration
from housekey.capabilities.registration.actions import Wanted
from housekey.capabilities.registration.brought import Brought
from housekey.capabilities.registration.pending import AwaitsMail
from housekey.capabilities.registration.settings import RegistrationSettings, refuse_if_closed
from housekey.house import House, Unit
from housekey.login import Client, Kind, Outcome


def scope(browser: str | None) -> Scope:
    return Scope("register", (browser or "",))


def handle_of(challenge: bytes) -> str:
    """The name by which the authenticator will know somebody who isn't there yet. The challenge is random and known to
    this browser alone; made of it, nothing need be kept of those who never come back."""
    return encoded(hashlib.sha512(challenge).digest())


def new_options(house: House, browser: str, email: str, name: str | None) -> CreationOptions:
    """What the browser is asked with. Says nothing about who has the address. Raises `Forbidden` and
    `RegistrationClosed`."""
    party = party_of(house)
    refuse_if_closed(house)
    challenge = challenges.issue(house, scope(browser))
    person = PersonShape(id=handle_of(challenge), name=email, display_name=name or email)
    return options.creation(party, challenge, person, [])


def register(
    house: House,
    client: Client,
    wanted: Wanted,
    credential: Mapping[str, Any],
    *,
    browser: str | None,
    typed: Mapping[str, Any],
    asker: Callable[[], str],
    target: str | None = None,
) -> Outcome | AwaitsMail:
    """Make the account and log in, or mail the link that does. Raises as `registration.actions.register` does,
    `Forbidden`, and `InvalidInput` for `credential`."""
    refuse_if_closed(house)
    login.admit(house, client, "register")  # before anything is judged: it says whose address is taken (flaw 11)
    new = adding.judged(house, scope(browser), credential)
    if kept.by_credential(house, new.credential_id) is not None:
        raise adding.refused_as_new()
    mode = house.settings[RegistrationSettings].verification
    registration.judged(house, wanted, tell_taken=mode != "required")  # before the challenge is spent
    try:
        house.run(partial(challenges.spend, challenge=new.challenge))
    except IntegrityError:
        raise adding.refused_as_new() from None
    brought = Brought(METHOD, Kind.VERIFIED if new.verified else Kind.POSSESSION, _record(new, client))
    return registration.register(
        house, client, replace(wanted, brought=brought), typed=typed, asker=asker, target=target, admitted=True
    )


def _record(new: Created, client: Client) -> dict[str, Any]:
    return {
        "credential_id": encoded(new.credential_id),
        "public_key": encoded(new.public_key),
        "sign_count": new.sign_count,
        "aaguid": new.aaguid,
        "transports": list(new.transports),
        "backup_eligible": new.backup_eligible,
        "synced": new.synced,
        "verified": new.verified,
        "handle": handle_of(new.challenge),
        "name": default_name(new.aaguid, new.transports, client.user_agent, ()),
    }


def keep(unit: Unit, user_id: Any, record: Mapping[str, Any]) -> None:
    """Give it to the account that is being made."""
    new = Created(
        challenge=b"", credential_id=decoded(record["credential_id"]), public_key=decoded(record["public_key"]),
        sign_count=record["sign_count"], aaguid=record["aaguid"], transports=tuple(record["transports"]),
        backup_eligible=record["backup_eligible"], synced=record["synced"], verified=record["verified"],
    )  # fmt: skip
    kept.keep_handle(unit, user_id, record["handle"])
    adding.insert(unit, adding.as_kept(user_id, new, record["name"]), new.aaguid)
