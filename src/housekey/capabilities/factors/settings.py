"""Who must have a second factor, and since when; and how one is reset."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from housekey.capabilities.roles.actions import PERMISSION, ROLE_NAME
from housekey.errors import ConfigurationError
from housekey.settings import setting

NOBODY, EVERYBODY = "nobody", "everybody"
ROLE, PERMITTED = "role:", "permission:"
HOW = (
    'Give "everybody", "nobody", a list such as ["role:admin", "permission:users:manage"], or a function that takes '
    "one of your users and says yes or no."
)


@dataclass(frozen=True)
class FactorSettings:
    """`HOUSEKEY_FACTORS_…`."""

    section = "factors"

    required_for: Any = setting(
        NOBODY,
        "Who must have a second factor, and sets one up inside the next login: “nobody”, “everybody” (so in the "
        "profile “strict”), a list of `role:…` and `permission:…`, of which one is enough, or a function that takes "
        "one of your users and answers True or False.",
        source="NIST SP 800-63B-4 §2.2.1; ASVS 6.3.3",
    )
    grace: timedelta = setting(
        timedelta(0),
        "For how long somebody who must have a second factor may go without, from the day on which the account was "
        "made, or from HOUSEKEY_FACTORS_REQUIRED_FROM if that is later.",
        at_least=timedelta(0),
    )
    required_from: date | None = setting(
        None, "The day, such as 2027-01-31, on which the rule begins to count for accounts that are older."
    )
    reset_after: timedelta = setting(
        timedelta(0),
        "How long a reset by those who run the site waits, in which the owner, told by mail, can stop it. 0: it takes "
        "effect at once.",
        at_least=timedelta(0),
        at_most=timedelta(days=7),
    )

    trust_device_for: timedelta | None = setting(
        None,
        "For how long a browser that its owner has called trusted logs in without the second step. None: every login "
        "asks for it. Such a login never reaches AAL2.",
        source="NIST SP 800-63B-4 knows no such exception, so it is off unless you ask for it",
        at_least=timedelta(hours=1),
        at_most=timedelta(days=90),
    )

    def __post_init__(self) -> None:
        if not callable(self.required_for):
            named(self.required_for)


def named(required_for: Any) -> frozenset[str]:
    """The roles and permissions of the setting, with their prefix, or `EVERYBODY`. Raises `ConfigurationError`: a word
    that means nothing would ask nobody (flaw 46)."""
    words = required_for.split(",") if isinstance(required_for, str) else required_for
    if not isinstance(words, (list, tuple, set, frozenset)) or not all(isinstance(word, str) for word in words):
        raise ConfigurationError(f"HOUSEKEY_FACTORS_REQUIRED_FOR = {required_for!r}. {HOW}")
    names = frozenset(word.strip() for word in words if word.strip())
    for name in names - {NOBODY, EVERYBODY}:
        if not _is_name(name):
            raise ConfigurationError(f"HOUSEKEY_FACTORS_REQUIRED_FOR: {name!r} is not known. {HOW}")
    return names - {NOBODY}


def _is_name(name: str) -> bool:
    checks: tuple[tuple[str, Callable[[str], Any]], ...] = (
        (ROLE, ROLE_NAME.fullmatch),
        (PERMITTED, PERMISSION.fullmatch),
    )
    return any(name.startswith(prefix) and fits(name.removeprefix(prefix)) for prefix, fits in checks)
