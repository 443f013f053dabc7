"""What of a form may be kept while its sender proves who they are: never a secret, a file or a form token."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

import msgspec
from msgspec import Struct

from housekey.web.interrupted import Sent

LONGEST = 48 * 1024
"""Bytes of a form that is kept: it must pass through a page of ours once more, whose body is bounded at 64 kB."""
_TOKEN = re.compile(r"csrf|xsrf|authenticity_?token", re.IGNORECASE)
_SECRET = re.compile(
    r"passw|passphrase|passcode|pincode|secret|token|credential|apikey|mnemonic|kennwort|mot[-_ ]?de[-_ ]?passe"
    r"|contrase|senha|парол|card[-_ ]?number|cc[-_ ]?number",
    re.IGNORECASE,
)
_SECRET_WORDS = frozenset(
    {"pass", "pw", "pwd", "pin", "otp", "totp", "cvv", "cvc", "iban", "ssn", "seed", "jwt", "bearer", "key", "auth"}
)
_CODES = frozenset({"recovery", "backup", "verification", "sms", "security", "access", "login", "auth"})
"""What stands beside “code” where it is a secret; a postal code is none."""
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


class KeptForm(Struct, frozen=True, kw_only=True):
    """A form as it lies in the database, sealed. `secrets`: fields that must be typed again; `tokens`: fields that held
    a form token, and get a new one; `files`: whether there were any."""

    path: str
    page: str | None
    fields: list[tuple[str, str]]
    secrets: list[str]
    tokens: list[str]
    files: bool


def is_secret(name: str) -> bool:
    """Whether a field is called as if it held one. In doubt it is: typing it again costs little."""
    words = {word.lower() for word in _WORD.findall(name)}
    is_code = name.lower() == "code" or ("code" in words and not words.isdisjoint(_CODES))
    return bool(_SECRET.search(name)) or not words.isdisjoint(_SECRET_WORDS) or is_code


def kept(sent: Sent, never: Collection[str]) -> bytes | None:
    """The form to be sealed; None if it is too large."""
    tokens = _once(name for name, _value in sent.fields if _TOKEN.search(name))
    secret = {name for name, _value in sent.fields if is_secret(name) or name in never or name in sent.secrets}
    dropped = secret | set(tokens)
    form = KeptForm(
        path=sent.path,
        page=sent.page,
        fields=[(name, value) for name, value in sent.fields if name not in dropped],
        secrets=_once(name for name, _value in sent.fields if name in secret and name not in tokens),
        tokens=tokens,
        files=sent.files,
    )
    encoded = msgspec.json.encode(form)
    return encoded if len(encoded) <= LONGEST else None


def opened(encoded: bytes) -> KeptForm:
    return msgspec.json.decode(encoded, type=KeptForm)


def _once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
