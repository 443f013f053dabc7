"""Signatures as Standard Webhooks describes them, version v1: HMAC-SHA-256 of id, time and body."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime

PREFIX = "whsec_"
FEWEST_BYTES, MOST_BYTES = 24, 64
"""Of a key, as the standard has it."""


def key_of(secret: str) -> bytes:
    """The key in `whsec_…`. Raises ValueError that says what is wrong, without the secret."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or not FEWEST_BYTES <= len(key) <= MOST_BYTES:
        raise ValueError(f"must be “{PREFIX}” and then {FEWEST_BYTES} to {MOST_BYTES} random bytes in base64")
    return key


def headers(message_id: str, moment: datetime, body: bytes, secrets: Iterable[str]) -> Mapping[str, str]:
    """One signature for each secret, so that a receiver that knows one of them is content while they change."""
    sent_at = str(int(moment.timestamp()))
    signed = f"{message_id}.{sent_at}.".encode() + body
    digests = [hmac.digest(key_of(secret), signed, "sha256") for secret in secrets]
    signatures = " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)
    return {"webhook-id": message_id, "webhook-timestamp": sent_at, "webhook-signature": signatures}
