"""Codes that an authenticator app shows: RFC 6238, as the apps understand it (SHA-1, six digits, 30 seconds)."""

from __future__ import annotations

import base64
import hmac
import secrets
import struct
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote, urlencode

SEED_BYTES = 20
"""160 bits (RFC 4226 §4, R6)."""
DIGITS = 6
STEP_S = 30
LONGEST_TYPED = 64
"""Characters that are looked at, blanks and dashes included."""


def new_seed() -> bytes:
    """What the app and the site share."""
    return secrets.token_bytes(SEED_BYTES)


def code_at(seed: bytes, step: int) -> str:
    """The code of one time step (RFC 4226 §5.3)."""
    digest = hmac.digest(seed, struct.pack(">Q", step), "sha1")
    start = digest[-1] & 0xF
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_at(moment: datetime) -> int:
    """The time step that a moment lies in."""
    return int(moment.timestamp()) // STEP_S


def matching_step(seed: bytes, typed: str, moment: datetime, drift: int) -> int | None:
    """The step whose code was typed, from `drift` steps ago to as many ahead; clocks differ. None: no such step.

    The latest one that fits, and all are compared, so that the time tells nothing.
    """
    given, found = normal(typed).encode("utf-8", "surrogatepass"), None
    for step in _steps_around(step_at(moment), drift):
        if hmac.compare_digest(code_at(seed, step).encode(), given):
            found = step
    return found


def _steps_around(now: int, drift: int) -> Iterator[int]:
    return iter(range(max(0, now - drift), now + drift + 1))


def normal(typed: str) -> str:
    """What a person has typed: blanks and dashes forgiven, digits of other scripts read."""
    kept = (character for character in typed[:LONGEST_TYPED] if not character.isspace() and character != "-")
    return "".join(str(unicodedata.decimal(character, character)) for character in kept)


def as_text(seed: bytes) -> str:
    """As it is typed into an app that can't see the picture."""
    return base64.b32encode(seed).decode().rstrip("=")


def address(seed: bytes, *, site: str, account: str) -> str:
    """What the picture says: `otpauth://totp/…`. Apps take the colon for the end of the site's name."""
    issuer, bearer = site.replace(":", " ").strip() or "?", account.replace(":", " ").strip() or "?"
    about = {"secret": as_text(seed), "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS, "period": STEP_S}
    return f"otpauth://totp/{quote(issuer, safe='')}:{quote(bearer, safe='@')}?{urlencode(about, quote_via=quote)}"


def picture(text: str) -> str:
    """A QR code as an SVG element, dark on light in every colour scheme: cameras want it so."""
    import segno

    code: str = segno.make(text, error="m", micro=False).svg_inline(scale=4, border=4, dark="#000", light="#fff")
    return code
