"""The settings of passwords: `HOUSEKEY_PASSWORDS_…`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Final

from housekey.capabilities.passwords.profiles import ProfileName
from housekey.errors import ConfigurationError
from housekey.settings import setting

SHORTEST_PEPPER: Final = 32
"""Characters: about 192 bits in base64, so that the key id in a stolen hash gives nothing to guess at."""


@dataclass(frozen=True)
class PasswordSettings:
    """What a password must be, how it is hashed, and what a hash may cost the server."""

    section: ClassVar[str] = "passwords"

    min_length: int = setting(
        15,
        "Shortest password, in characters, of an account that logs in by password alone.",
        source="NIST SP 800-63B-4 §3.1.1.2; OWASP ASVS 6.2.1 allows 8",
        at_least=8,
        at_most=64,
    )
    min_length_with_second_factor: int = setting(
        8,
        "Shortest password, in characters, of an account that also has a second factor.",
        source="NIST SP 800-63B-4 §3.1.1.2",
        at_least=8,
        at_most=64,
    )
    max_length: int = setting(
        128,
        "Longest password, in characters; judged before anything is hashed.",
        source="ASVS 6.2.9 asks for at least 64; more than 128 adds nothing to the hash",
        at_least=64,
        at_most=1024,
    )
    blocklist: bool = setting(
        True,
        "Whether common passwords are refused.",
        source="NIST SP 800-63B-4 §3.1.1.2, ASVS 6.2.4",
    )
    blocklist_words: tuple[str, ...] = setting(
        (),
        "Further whole passwords that are refused, in any case.",
        source="NIST SP 800-63B-4 §3.1.1.2",
    )
    site_words: tuple[str, ...] = setting(
        (),
        "Names of your organisation, products and projects: a password may not be made mainly of them.",
        source="ASVS 6.1.2 and 6.2.11",
    )
    hash_profile: ProfileName = setting(
        "standard",
        "Parameters of argon2id: light (20 ms), standard (50 ms), strong (145 ms); cheap is for tests alone.",
        source="OWASP Password Storage Cheat Sheet; measured on one core of a server",
    )
    pepper: str | None = setting(
        None,
        "A secret kept outside the database that every new hash depends on; at least 32 characters. Never lose it.",
        source="NIST SP 800-63B-4 §3.1.1.2, the keyed hash",
        secret=True,
    )
    old_peppers: tuple[str, ...] = setting(
        (),
        "Former peppers: hashes made with them still verify, and are made anew at the next login.",
        secret=True,
    )
    flask_security_salt: str | None = setting(
        None,
        "SECURITY_PASSWORD_SALT of the app whose hashes you took over from Flask-Security. While it is set, a wrong "
        "password costs up to three hashes of the old kind: raise HOUSEKEY_LOGIN_REFUSAL_TIME above that.",
        secret=True,
    )
    legacy_column: str | None = setting(
        None,
        "Column of your own User in which an older app keeps hashes; each is taken over at its user's next login.",
    )
    pool_size: int = setting(
        4,
        "Hashes computed at the same time in one process; each takes its profile's memory.",
        source="twice pool_per_network, so that one network never holds the whole pool",
        at_least=1,
        at_most=64,
    )
    pool_queue: int = setting(
        3,
        "Requests that may wait for a hash in one process. Keep it below half of the server's threads.",
        source="below half of 8 threads, so that pages are served while logins wait",
        at_least=0,
        at_most=256,
    )
    pool_wait: timedelta = setting(
        timedelta(seconds=1),
        "How long a request waits for a hash before it is answered with 503.",
        at_least=timedelta(0),
        at_most=timedelta(seconds=30),
    )
    pool_per_network: int = setting(
        2,
        "Hashes computed at the same time for one network (an IPv4 address or an IPv6 /64); as many more may wait.",
        at_least=1,
        at_most=64,
    )
    strength_meter: bool = setting(
        True,
        'Whether pages rate a new password while it is typed; needs pip install "housekey[strength]".',
    )

    def __post_init__(self) -> None:
        for key, peppers in (("PEPPER", (self.pepper,)), ("OLD_PEPPERS", self.old_peppers)):
            if any(pepper is not None and len(pepper) < SHORTEST_PEPPER for pepper in peppers):
                raise ConfigurationError(
                    f"HOUSEKEY_PASSWORDS_{key} holds a secret of less than {SHORTEST_PEPPER} characters. "
                    'Make one with: python -c "import secrets; print(secrets.token_urlsafe(32))"'
                )
