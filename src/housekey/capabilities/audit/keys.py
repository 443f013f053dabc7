"""What signs the log: a key that no copy of the database holds."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

from housekey.capabilities.audit.settings import AuditSettings
from housekey.house import House

INFO = b"housekey audit 1"


@dataclass(frozen=True)
class Key:
    """One key, derived."""

    raw: bytes = field(repr=False)

    def mac(self, content: bytes) -> bytes:
        return hmac.digest(self.raw, content, "sha256")


def keys_of(house: House) -> Sequence[Key]:
    """The one that signs, then those that only verify: `HOUSEKEY_AUDIT_KEY` and its fallbacks, then those of the app,
    which have signed before a key of the log's own was set."""
    settings = house.settings[AuditSettings]
    own = [key for key in (settings.key, *settings.key_fallbacks) if key]
    return [derived(secret) for secret in (*own, *house.secret_keys()) or (b"",)]


def derived(secret: str | bytes) -> Key:
    """HKDF-SHA-256 (RFC 5869) without a salt; one block is all that is needed."""
    raw = secret if isinstance(secret, bytes) else secret.encode("utf-8", "surrogatepass")
    extracted = hmac.digest(bytes(32), raw, "sha256")
    return Key(hmac.digest(extracted, INFO + b"\x01", "sha256"))
