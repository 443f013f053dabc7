"""The states of accounts that a list can be narrowed to."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from housekey.capabilities.throttling import actions as throttling
from housekey.house import House

Condition = sa.ColumnElement[bool]


def _account(house: House, *which: str) -> Condition:
    """Whose account has one of these moments set. EXISTS, whatever stands outside: PostgreSQL turns a NOT IN into a
    list that it may search anew for each user."""
    accounts = house.store.tables["accounts"].alias()
    mine = accounts.c.user_id == house.store.schema.key
    return sa.exists().where(mine, sa.or_(*(accounts.c[name].is_not(None) for name in which)))


def _locked(house: House) -> Condition:
    return house.store.schema.key.in_(throttling.locked(house))


def _unverified(house: House) -> Condition:
    """With an address that nobody has confirmed; without one there is nothing to confirm."""
    return _address(house) & ~_address(house, confirmed=True)


def _address(house: House, *, confirmed: bool = False) -> Condition:
    identifiers = house.store.tables["identifiers"].alias()
    mine = (identifiers.c.user_id == house.store.schema.key) & (identifiers.c.kind == "email")
    return sa.exists().where(mine, *([identifiers.c.verified_at.is_not(None)] if confirmed else []))


STATES: dict[str, Callable[[House], Condition]] = {
    "active": lambda house: ~_account(house, "disabled_at", "frozen_at", "closing_at"),
    "disabled": lambda house: _account(house, "disabled_at"),
    "frozen": lambda house: _account(house, "frozen_at"),
    "closing": lambda house: _account(house, "closing_at"),
    "locked": _locked,
    "unverified": _unverified,
}


def condition(house: House, state: str) -> Condition:
    """What users in this state have in common."""
    return STATES[state](house)
