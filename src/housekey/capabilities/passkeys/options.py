"""What browsers are asked with: the JSON forms of WebAuthn §5.1.8 and §5.1.10."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from housekey.capabilities.passkeys.ceremonies import ALGORITHMS, encoded
from housekey.capabilities.passkeys.kept import Passkey
from housekey.capabilities.passkeys.party import RelyingParty

TIMEOUT_MS = 300_000
"""WebAuthn §15.1: five minutes at least, so that people who need time have it."""


class PartyShape(Struct, kw_only=True):
    """The site."""

    id: str
    name: str


class PersonShape(Struct, kw_only=True, rename="camel"):
    """Whose passkey it becomes; `id` is a random name that only authenticators know."""

    id: str
    name: str
    display_name: str


class KeyKind(Struct, kw_only=True):
    """A kind of key that would do (COSE)."""

    type: str = "public-key"
    alg: int


class Descriptor(Struct, kw_only=True):
    """A passkey that the person has."""

    type: str = "public-key"
    id: str
    transports: list[str]


class Selection(Struct, kw_only=True, rename="camel"):
    """Which authenticators are wished for."""

    resident_key: str = "preferred"
    require_resident_key: bool = False
    user_verification: str = "preferred"


class CreationOptions(Struct, kw_only=True, rename="camel"):
    """For `PublicKeyCredential.parseCreationOptionsFromJSON()`. Binary values are base64url."""

    rp: PartyShape
    user: PersonShape
    challenge: str
    pub_key_cred_params: list[KeyKind]
    timeout: int
    exclude_credentials: list[Descriptor]
    authenticator_selection: Selection
    attestation: str
    extensions: dict[str, Any]


class RequestOptions(Struct, kw_only=True, rename="camel"):
    """For `PublicKeyCredential.parseRequestOptionsFromJSON()`. `allowCredentials` is empty before any proof: nobody
    learns which passkeys an account has."""

    challenge: str
    timeout: int
    rp_id: str
    allow_credentials: list[Descriptor]
    user_verification: str


def creation(
    party: RelyingParty, challenge: bytes, person: PersonShape, has: Sequence[Passkey], *, verified: bool = False
) -> CreationOptions:
    """Make a passkey, on an authenticator that holds none of these. `verified`: it must verify its holder."""
    return CreationOptions(
        rp=PartyShape(id=party.id, name=party.name),
        user=person,
        challenge=encoded(challenge),
        pub_key_cred_params=[KeyKind(alg=alg) for alg in ALGORITHMS],
        timeout=TIMEOUT_MS,
        exclude_credentials=[_descriptor(one) for one in has],
        authenticator_selection=Selection(user_verification="required" if verified else "preferred"),
        attestation="none",
        extensions={"credProps": True},
    )


def request(party: RelyingParty, challenge: bytes, has: Sequence[Passkey] = ()) -> RequestOptions:
    """Sign with a passkey."""
    return RequestOptions(
        challenge=encoded(challenge),
        timeout=TIMEOUT_MS,
        rp_id=party.id,
        allow_credentials=[_descriptor(one) for one in has],
        user_verification="preferred",
    )


def _descriptor(one: Passkey) -> Descriptor:
    return Descriptor(id=encoded(one.credential_id), transports=list(one.transports))
