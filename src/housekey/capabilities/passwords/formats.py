"""The hashes that other systems made, verified as they made them and made anew at the next login.

Each format is asked in order whether a stored hash is its own; the first one answers. What none knows, or what
is malformed, fits no password; it never raises.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from housekey.capabilities.passwords import primitives

Check = Callable[[re.Match[str], bytes], bool]

LONGEST_STORED: Final = 512
"""Characters; the longest real one, Django's scrypt with a long salt, has under 200."""


@dataclass(frozen=True)
class Format:
    """One way of writing a hash. `doubled`: Flask-Security may have put its own HMAC before it."""

    name: str
    shape: re.Pattern[str]
    check: Check
    doubled: bool = False

    def knows(self, stored: str) -> bool:
        """Whether `stored` is written this way."""
        return self.shape.fullmatch(stored) is not None

    def verify(self, stored: str, password: bytes) -> bool:
        """Whether `password` fits. Raises `ConfigurationError` if an extra is missing, `Busy` without memory."""
        match = self.shape.fullmatch(stored)
        try:
            return match is not None and self.check(match, password)
        except (ValueError, OverflowError):
            return False


def encode(password: str) -> bytes:
    """The bytes that are hashed: UTF-8 of exactly what came in; a lone surrogate, which isn't Unicode, passes too."""
    return password.encode("utf-8", "surrogatepass")


def identify(stored: str) -> Format | None:
    """The format of a stored hash, or None."""
    if len(stored) > LONGEST_STORED:
        return None
    return next((format for format in FORMATS if format.knows(stored)), None)


def candidates(format: Format, password: str, flask_security_salt: str | None) -> Iterator[bytes]:
    """What may have been hashed in this format: the password itself, and what Flask-Security makes of it."""
    yield encode(password)
    if format.doubled and flask_security_salt:
        # Flask-Security normalises first (SECURITY_PASSWORD_NORMALIZE_FORM = "NFKD", or None to switch it off).
        for form in dict.fromkeys((unicodedata.normalize("NFKD", password), password)):
            yield flask_security_hmac(form, flask_security_salt)


def flask_security_hmac(password: str, salt: str) -> bytes:
    """What Flask-Security hands to the inner hash: HMAC-SHA-512 under SECURITY_PASSWORD_SALT, in base64."""
    return base64.b64encode(hmac.digest(salt.encode(), encode(password), "sha512"))


def _argon2(match: re.Match[str], password: bytes) -> bool:
    costs = {name: int(match[name]) for name in ("memory", "passes", "lanes")}
    return primitives.argon2(match["phc"], password, **costs)


def _bcrypt(match: re.Match[str], password: bytes) -> bool:
    return primitives.bcrypt(match["bcrypt"], password, cost=int(match["cost"]))


def _bcrypt_sha256(match: re.Match[str], password: bytes) -> bool:
    return _bcrypt(match, hashlib.sha256(password).hexdigest().encode())


def _werkzeug_scrypt(match: re.Match[str], password: bytes) -> bool:
    return _scrypt(match, password, match["salt"].encode(), bytes.fromhex(match["digest"]))


def _werkzeug_pbkdf2(match: re.Match[str], password: bytes) -> bool:
    return _pbkdf2(match, password, match["salt"].encode(), bytes.fromhex(match["digest"]))


def _werkzeug_sha256(match: re.Match[str], password: bytes) -> bool:
    # Werkzeug before 3.0 keyed an HMAC with the salt; a plain SHA-256 of salt and password is something else.
    digest = hmac.digest(match["salt"].encode(), password, "sha256")
    return hmac.compare_digest(digest, bytes.fromhex(match["digest"]))


def _django_scrypt(match: re.Match[str], password: bytes) -> bool:
    return _scrypt(match, password, match["salt"].encode(), _base64(match["digest"]))


def _django_pbkdf2(match: re.Match[str], password: bytes) -> bool:
    return _pbkdf2(match, password, match["salt"].encode(), _base64(match["digest"]))


def _passlib_scrypt(match: re.Match[str], password: bytes) -> bool:
    n = 1 << int(match["log2n"])
    salt, digest = _base64(match["salt"]), _base64(match["digest"])
    return primitives.scrypt(password, salt, digest, n=n, r=int(match["r"]), p=int(match["p"]))


def _passlib_pbkdf2(match: re.Match[str], password: bytes) -> bool:
    return _pbkdf2(match, password, _base64(match["salt"]), _base64(match["digest"]))


def _scrypt(match: re.Match[str], password: bytes, salt: bytes, digest: bytes) -> bool:
    return primitives.scrypt(password, salt, digest, n=int(match["n"]), r=int(match["r"]), p=int(match["p"]))


def _pbkdf2(match: re.Match[str], password: bytes, salt: bytes, digest: bytes) -> bool:
    return primitives.pbkdf2(match["algorithm"], password, salt, digest, rounds=int(match["rounds"]))


def _base64(text: str) -> bytes:
    """Standard base64, padded or not, and passlib's with a dot for the plus."""
    text = text.rstrip("=").replace(".", "+")
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


# A digest has at least 16 bytes: one cut short by a narrow column would fit many passwords.
_ARGON2 = (
    r"(?P<phc>\$argon2(?:id|i|d)\$(?:v=(?:16|19)\$)?"
    r"m=(?P<memory>[0-9]{1,10}),t=(?P<passes>[0-9]{1,10}),p=(?P<lanes>[0-9]{1,10})"
    r"\$[A-Za-z0-9+/]{11,128}\$[A-Za-z0-9+/]{22,256})"
)
_BCRYPT = r"(?P<bcrypt>\$2[aby]\$(?P<cost>[0-9]{2})\$[./A-Za-z0-9]{53})"
_HEX = r"(?P<digest>(?:[0-9a-f]{2}){16,128})"
_BASE64 = r"(?P<digest>[A-Za-z0-9+/.]{22,256}={0,2})"
_SALT = r"(?P<salt>[^$]{1,128})"
_SALT_IN_BASE64 = r"(?P<salt>[A-Za-z0-9+/.]{0,128})"
_N_R_P = r"(?P<n>[0-9]{1,10}):(?P<r>[0-9]{1,4}):(?P<p>[0-9]{1,4})"
_ROUNDS = r"(?P<rounds>[0-9]{1,10})"


def _format(name: str, shape: str, check: Check, *, doubled: bool = False) -> Format:
    return Format(name, re.compile(shape), check, doubled)


FORMATS: Final = (
    # argon2 first: it is what nearly all are, Housekey's own among them.
    _format("argon2", _ARGON2, _argon2, doubled=True),
    _format("bcrypt", _BCRYPT, _bcrypt, doubled=True),
    _format("werkzeug scrypt", rf"scrypt:{_N_R_P}\${_SALT}\${_HEX}", _werkzeug_scrypt),
    _format(
        "werkzeug pbkdf2",
        rf"pbkdf2:(?P<algorithm>sha1|sha224|sha256|sha384|sha512):{_ROUNDS}\${_SALT}\${_HEX}",
        _werkzeug_pbkdf2,
    ),
    _format("werkzeug sha256", rf"sha256\${_SALT}\$(?P<digest>[0-9a-f]{{64}})", _werkzeug_sha256),
    _format("django pbkdf2", rf"pbkdf2_(?P<algorithm>sha256)\${_ROUNDS}\${_SALT}\${_BASE64}", _django_pbkdf2),
    _format("django argon2", rf"argon2{_ARGON2}", _argon2),
    _format("django bcrypt_sha256", rf"bcrypt_sha256\${_BCRYPT}", _bcrypt_sha256),
    _format("django bcrypt", rf"bcrypt\${_BCRYPT}", _bcrypt),
    _format(
        "django scrypt",
        rf"scrypt\$(?P<n>[0-9]{{1,10}})\${_SALT}\$(?P<r>[0-9]{{1,4}})\$(?P<p>[0-9]{{1,4}})\${_BASE64}",
        _django_scrypt,
    ),
    _format(
        "passlib pbkdf2",
        rf"\$pbkdf2-(?P<algorithm>sha256|sha512)\${_ROUNDS}\${_SALT_IN_BASE64}\${_BASE64}",
        _passlib_pbkdf2,
        doubled=True,
    ),
    _format(
        "passlib scrypt",
        rf"\$scrypt\$ln=(?P<log2n>[0-9]{{1,2}}),r=(?P<r>[0-9]{{1,4}}),p=(?P<p>[0-9]{{1,4}})"
        rf"\${_SALT_IN_BASE64}\${_BASE64}",
        _passlib_scrypt,
    ),
)
