"""The two ceremonies of WebAuthn, §7.1 and §7.2, without Flask and SQL.

`webauthn` checks signatures and structures; what it doesn't check stands here: `crossOrigin` and `topOrigin`, the one
spelling of base64url, and the bounds of what is kept. It leaks errors of any kind on odd input: whatever it raises, the
credential proves nothing.
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from housekey.capabilities.passkeys.party import RelyingParty
from housekey.capabilities.passkeys.strength import is_good

log = logging.getLogger("housekey")
CREATE, GET = "webauthn.create", "webauthn.get"
ALGORITHMS = (-7, -8, -257)
"""ES256, EdDSA and, for Windows Hello, RS256 (COSE)."""
LONGEST_ID = 1023
"""Bytes of a credential's id (WebAuthn §5.8.3)."""
LONGEST_KEY = 2048
MOST_TRANSPORTS = 8
Holds = Callable[[bytes], bool]
Credential = Mapping[str, Any]
"""What the browser gives, as JSON."""


class BadCredential(ValueError):
    """It proves nothing; the message is for a developer's log, and holds nothing that was sent."""


@dataclass(frozen=True)
class Created:
    """A new public key, and what its authenticator says of itself."""

    challenge: bytes = field(repr=False)
    credential_id: bytes = field(repr=False)
    public_key: bytes = field(repr=False)
    sign_count: int
    aaguid: str
    transports: tuple[str, ...]
    backup_eligible: bool
    synced: bool
    verified: bool


@dataclass(frozen=True)
class Asserted:
    """An authenticator has signed. `handle`: whom it says that it belongs to, if it says so."""

    challenge: bytes = field(repr=False)
    sign_count: int
    backup_eligible: bool
    synced: bool
    verified: bool
    handle: str | None


def created(credential: Mapping[str, Any], party: RelyingParty, holds: Holds) -> Created:
    """Judge what `navigator.credentials.create()` gave. Raises `BadCredential`."""
    try:
        return _created(credential, party, holds)
    except BadCredential:
        raise
    except Exception as error:
        raise BadCredential(f"no registration: {type(error).__name__}") from None


def asserted(credential: Mapping[str, Any], party: RelyingParty, holds: Holds, public_key: bytes) -> Asserted:
    """Judge what `navigator.credentials.get()` gave, by the key that was kept. Raises `BadCredential`."""
    try:
        return _asserted(credential, party, holds, public_key)
    except BadCredential:
        raise
    except Exception as error:
        raise BadCredential(f"no login: {type(error).__name__}") from None


def id_of(credential: Mapping[str, Any]) -> bytes:
    """The id of the credential. Raises `BadCredential`."""
    raw = _bytes(credential, "rawId")
    if credential.get("id") != credential.get("rawId") or not 0 < len(raw) <= LONGEST_ID:
        raise BadCredential("the id")
    return raw


def _created(credential: Mapping[str, Any], party: RelyingParty, holds: Holds) -> Created:
    from webauthn import verify_registration_response
    from webauthn.helpers.cose import COSEAlgorithmIdentifier

    response = _response(credential)
    challenge, origin = _client_data(response, CREATE, party, holds)
    statement = _bytes(response, "attestationObject")
    _refuse_attestation(statement)
    found = verify_registration_response(
        credential=_plain(credential, response, ("clientDataJSON", "attestationObject")),
        expected_challenge=challenge,
        expected_rp_id=party.id,
        expected_origin=origin,
        supported_pub_key_algs=[COSEAlgorithmIdentifier(one) for one in ALGORITHMS],
    )
    if found.credential_id != id_of(credential) or len(found.credential_public_key) > LONGEST_KEY:
        raise BadCredential("the id or the key")
    if not is_good(found.credential_public_key):
        raise BadCredential("a weak key")
    return Created(
        challenge=challenge,
        credential_id=found.credential_id,
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
        aaguid=found.aaguid,
        transports=_transports(response),
        backup_eligible=found.credential_device_type.value == "multi_device",
        synced=found.credential_backed_up,
        verified=found.user_verified,
    )


def _refuse_attestation(statement: bytes) -> None:
    """None was asked for, so browsers send none, or a key's own signature (WebAuthn §5.1.3 step 22). Statements of
    makers are not looked at: their parsers are a large target, and nothing would be decided by them."""
    from webauthn.helpers import parse_attestation_object

    found = parse_attestation_object(statement)
    if found.fmt not in ("none", "packed") or found.att_stmt.x5c:
        raise BadCredential("the attestation")


def _asserted(credential: Mapping[str, Any], party: RelyingParty, holds: Holds, public_key: bytes) -> Asserted:
    from webauthn import verify_authentication_response
    from webauthn.helpers import parse_authenticator_data

    response = _response(credential)
    challenge, origin = _client_data(response, GET, party, holds)
    found = verify_authentication_response(
        credential=_plain(credential, response, ("clientDataJSON", "authenticatorData", "signature")),
        expected_challenge=challenge,
        expected_rp_id=party.id,
        expected_origin=origin,
        credential_public_key=public_key,
        credential_current_sign_count=0,  # judged under the row's lock: see actions.use
    )
    return Asserted(
        challenge=challenge,
        sign_count=parse_authenticator_data(_bytes(response, "authenticatorData")).sign_count,
        backup_eligible=found.credential_device_type.value == "multi_device",
        synced=found.credential_backed_up,
        verified=found.user_verified,
        handle=_handle(response),
    )


def _response(credential: Mapping[str, Any]) -> Mapping[str, Any]:
    response = credential.get("response")
    if credential.get("type") != "public-key" or not isinstance(response, dict):
        raise BadCredential("the type")
    return response


def _client_data(response: Mapping[str, Any], kind: str, party: RelyingParty, holds: Holds) -> tuple[bytes, str]:
    """The challenge that was signed, and the origin of the page that asked for it."""
    said = json.loads(_bytes(response, "clientDataJSON").decode("utf-8"))
    if not isinstance(said, dict) or said.get("type") != kind:
        raise BadCredential("the kind of ceremony")
    if said.get("crossOrigin", False) is not False or said.get("topOrigin") is not None:
        raise BadCredential("a page in somebody else's frame")  # WebAuthn §7.2 steps 10 and 11 (flaw 36)
    origin, challenge = said.get("origin"), said.get("challenge")
    if not isinstance(origin, str) or not party.accepts(origin):
        raise BadCredential("the origin")
    raw = decoded(challenge)
    if not holds(raw):
        raise BadCredential("the challenge")
    return raw, origin


def _plain(credential: Mapping[str, Any], response: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Only what is judged goes on to the library, in the one spelling."""
    text = encoded(id_of(credential))
    return {
        "id": text,
        "rawId": text,
        "type": "public-key",
        "response": {n: encoded(_bytes(response, n)) for n in names},
    }


def _handle(response: Mapping[str, Any]) -> str | None:
    handle = response.get("userHandle")
    return None if handle in (None, "") else encoded(decoded(handle))


def _transports(response: Mapping[str, Any]) -> tuple[str, ...]:
    """Hints for the browser, told back to it later; nothing is decided by them."""
    from webauthn.helpers.structs import AuthenticatorTransport

    said, known = response.get("transports"), {one.value for one in AuthenticatorTransport}
    listed = said[:MOST_TRANSPORTS] if isinstance(said, list) else []
    return tuple(dict.fromkeys(one for one in listed if isinstance(one, str) and one in known))


def _bytes(part: Mapping[str, Any], name: str) -> bytes:
    return decoded(part.get(name))


def decoded(text: Any) -> bytes:
    """base64url without padding, in its one spelling: two texts are never the same bytes. Raises `BadCredential`."""
    if not isinstance(text, str) or not text.isascii():
        raise BadCredential("a part is missing")
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise BadCredential("base64url") from None
    if encoded(raw) != text:
        raise BadCredential("base64url")
    return raw


def encoded(raw: bytes) -> str:
    """base64url without padding, as WebAuthn's JSON has it (§5.1.8)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
