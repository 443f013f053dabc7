"""Hashing and verifying passwords: argon2id, with an optional pepper, and old formats on their way out.

Our own hashes are plain argon2 strings, `$argon2id$v=19$…`, which any other system can read. With a pepper they
read `pepper:<key id>$argon2id$…`: argon2id of HMAC-SHA-256(pepper, password), so that a stolen database alone
lets nobody guess at passwords.
"""

from __future__ import annotations

import base64
import hmac
import logging
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from housekey.capabilities.passwords import formats
from housekey.capabilities.passwords.profiles import HASH_BYTES, PROFILES, SALT_BYTES, Profile
from housekey.capabilities.passwords.settings import PasswordSettings
from housekey.errors import Busy

log = logging.getLogger("housekey")

LONGEST: Final = 4096
"""Characters of a password that is verified at all (flaw 12). More than `max_length`, which judges only new
passwords: an imported one may be longer, and the setting may have been lowered since."""

QUICK: Final = 0.02
"""Seconds of this thread's work, not of a busy machine's clock: an old hash that is refused with less than our
lightest profile takes gets our own work on top."""

_PEPPERED = re.compile(r"pepper:(?P<id>[0-9a-f]{8})(?P<phc>\$argon2id\$.+)")
_OWN = re.compile(
    r"\$argon2id\$v=19\$m=(?P<memory>[0-9]{1,10}),t=(?P<passes>[0-9]{1,10}),p=(?P<lanes>[0-9]{1,10})"
    rf"\$[A-Za-z0-9+/]{{{-(-SALT_BYTES * 8 // 6)}}}\$[A-Za-z0-9+/]{{{-(-HASH_BYTES * 8 // 6)}}}"
)


def key_id(pepper: str) -> str:
    """The public name of a pepper, written into the hashes made with it; tells nothing about it."""
    return hmac.digest(pepper.encode(), b"housekey: the name of this pepper", "sha256")[:4].hex()


@lru_cache(maxsize=16)
def dummy_hash(profile: Profile) -> str:
    """A hash that no password fits and that costs as much to verify as a real one, for users who don't exist.

    Made once per process and profile, of random bytes: nothing needs to be computed for it, so the first
    unknown user isn't slower than the next.
    """
    salt, digest = _unpadded(secrets.token_bytes(SALT_BYTES)), _unpadded(secrets.token_bytes(HASH_BYTES))
    return f"$argon2id$v=19$m={profile.memory},t={profile.passes},p={profile.lanes}${salt}${digest}"


def _unpadded(raw: bytes) -> str:
    return base64.b64encode(raw).decode().rstrip("=")


@dataclass(frozen=True)
class Hasher:
    """Hashes with one profile and pepper; verifies everything that was ever stored.

    It knows no limits of how many at once: run its `hash` and `verify` in a `HashPool`.
    """

    profile: Profile
    pepper: str | None = field(default=None, repr=False)
    old_peppers: tuple[str, ...] = field(default=(), repr=False)
    flask_security_salt: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, settings: PasswordSettings) -> Hasher:
        """The hasher of an app. Whether a profile for tests may be used is for the caller to judge."""
        return cls(
            profile=PROFILES[settings.hash_profile],
            pepper=settings.pepper,
            old_peppers=settings.old_peppers,
            flask_security_salt=settings.flask_security_salt,
        )

    def hash(self, password: str) -> str:
        """The string to store, at most 130 characters.

        Raises `ValueError` above `LONGEST` characters (judge it first), and `Busy` without memory.
        """
        if len(password) > LONGEST:
            raise ValueError(f"a password of more than {LONGEST} characters is never hashed")
        if self.pepper is None:
            return self._argon2(formats.encode(password))
        return f"pepper:{key_id(self.pepper)}{self._argon2(_peppered(password, self.pepper))}"

    def verify(self, stored: str | bytes | None, password: str) -> bool:
        """Whether `password`, exactly as received (ASVS 6.2.8), fits what is stored.

        `None` stands for an unknown user and for one without a password: the work of a hash is done all the
        same (OWASP Authentication Cheat Sheet). Raises `ConfigurationError` if a bcrypt hash meets a missing
        extra, and `Busy` without memory.
        """
        if len(password) > LONGEST:
            return False
        text = self._nobodys if stored is None else _as_text(stored)
        started = time.thread_time()
        if self._fits(text, password):
            return True
        if self.needs_rehash(text) and time.thread_time() - started < QUICK:
            self._fits(self._nobodys, password)
        return False

    def needs_rehash(self, stored: str | bytes) -> bool:
        """Whether a hash that has just verified should be made anew: another format, profile or pepper."""
        text = _as_text(stored)
        peppered = _PEPPERED.fullmatch(text)
        if (peppered["id"] if peppered else None) != (key_id(self.pepper) if self.pepper else None):
            return True
        own = _OWN.fullmatch(peppered["phc"] if peppered else text)
        wanted = (self.profile.memory, self.profile.passes, self.profile.lanes)
        return own is None or tuple(map(int, own.groups())) != wanted

    def _fits(self, stored: str, password: str) -> bool:
        if peppered := _PEPPERED.fullmatch(stored):
            return self._fits_peppered(peppered, password)
        format = formats.identify(stored)
        if format is None:
            return False
        tries = formats.candidates(format, password, self.flask_security_salt)
        return any(format.verify(stored, candidate) for candidate in tries)

    def _fits_peppered(self, stored: re.Match[str], password: str) -> bool:
        pepper, format = self._peppers.get(stored["id"]), formats.identify(stored["phc"])
        if pepper is None:
            log.error("a stored password needs pepper %s: add it to HOUSEKEY_PASSWORDS_OLD_PEPPERS", stored["id"])
            return False
        return format is not None and format.verify(stored["phc"], _peppered(password, pepper))

    @property
    def _peppers(self) -> Mapping[str, str]:
        known = (*self.old_peppers, self.pepper) if self.pepper else self.old_peppers
        return {key_id(pepper): pepper for pepper in known}

    @property
    def _nobodys(self) -> str:
        dummy = dummy_hash(self.profile)
        return f"pepper:{key_id(self.pepper)}{dummy}" if self.pepper else dummy

    def _argon2(self, secret: bytes) -> str:
        from argon2.exceptions import HashingError
        from argon2.low_level import Type, hash_secret

        salt, costs = secrets.token_bytes(SALT_BYTES), (self.profile.passes, self.profile.memory, self.profile.lanes)
        try:
            return hash_secret(secret, salt, *costs, HASH_BYTES, Type.ID).decode()
        except HashingError as error:
            # The parameters are sound, so the machine is short of memory.
            raise Busy from error


def _peppered(password: str, pepper: str) -> bytes:
    return hmac.digest(pepper.encode(), formats.encode(password), "sha256")


def _as_text(stored: str | bytes) -> str:
    """Older apps keep bcrypt's bytes as they are."""
    return stored.decode("ascii", "replace") if isinstance(stored, bytes) else stored
