"""By which methods a person can prove again who they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from housekey.capabilities.mailed_login import step_up
from housekey.capabilities.passkeys import kept
from housekey.capabilities.passkeys import site as passkeys
from housekey.capabilities.passwords import actions as passwords
from housekey.house import House
from housekey.login import factors

PASSWORD, EMAIL = "password", "email"


def provide(house: House) -> None:
    """For whoever is told that a proof is too old or too weak."""
    house.ways = ways


def ways(house: House, user_id: Any, aal: int) -> Sequence[str]:
    """What comes first, and for level 2 the person's own second factors, the strongest first."""
    first = _firsts(house, user_id)
    if aal < 2:
        return first
    with house.read() as connection:
        mine = factors.enrolled(house, connection, user_id)
    return tuple(dict.fromkeys((*first, *(one.method for one in mine if one.left != 0))))


def _firsts(house: House, user_id: Any) -> tuple[str, ...]:
    by_passkey = (kept.METHOD,) if passkeys.has_any(house, user_id) else ()
    if step_up.is_offered(house, user_id):
        return (EMAIL, *by_passkey)
    return by_passkey if by_passkey and not passwords.own(house, user_id) else (PASSWORD, *by_passkey)
