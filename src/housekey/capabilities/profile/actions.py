"""Changing one's profile."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from housekey.capabilities.profile import choices
from housekey.capabilities.profile.events import ProfileChanged
from housekey.capabilities.registration import claims
from housekey.errors import Fault, InvalidInput, NotLoggedIn, ReauthenticationRequired
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.texts import text as _
from housekey.store import users

NO_SUCH_ZONE = Fault("not_a_choice", _("There is no such time zone. Choose one from the list."))
NEEDED = Fault("missing", _("This can't be left empty."))
ONLY_NAME = Fault("missing", _("You log in with your username, so you can't do without one."))


@dataclass(frozen=True)
class Change:
    """What is to be other than before. `columns` are those of the host's `User`, `account` our `language` and
    `time_zone`; what is in neither stays."""

    columns: Mapping[str, Any] = field(default_factory=dict)
    account: Mapping[str, str | None] = field(default_factory=dict)


def change(house: House, user_id: Any, wanted: Change, *, fresh: bool) -> tuple[str, ...]:
    """Change a person's own profile; answers the names of what is other than before.

    A username is a name to log in with: changing it takes a recent proof (`fresh`), as ASVS 7.5.1 asks. Raises
    `InvalidInput` (all faults at once), `ReauthenticationRequired`, and `NotLoggedIn` for a user who is gone.
    """
    wanted = judged(house, wanted)
    try:
        changed = house.run(lambda unit: _apply(unit, user_id, wanted, fresh=fresh))
    except DBAPIError as error:
        if not claims.is_refusal(error):
            raise
        with house.read() as connection:
            _raise_if_any(_taken(connection, house, user_id, wanted.columns))
        raise claims.not_kept(error) from None
    except ReauthenticationRequired:
        raise ReauthenticationRequired(methods=house.ways(house, user_id, 1)) from None
    house.store.show_to_host(user_id, {name: wanted.columns[name] for name in changed if name in wanted.columns})
    return changed


def judged(house: House, wanted: Change) -> Change:
    """The same in the form in which it is kept. Raises `InvalidInput`."""
    faults: defaultdict[str, list[Fault]] = defaultdict(list)
    columns = dict(wanted.columns)
    if columns.get("username") is not None:
        columns["username"], faults["username"] = claims.checked_username(house, columns["username"])
    if "name" in columns:
        columns["name"] = (columns["name"] or "").strip() or None
        faults["name"] = claims.name_faults(columns["name"])
    if wanted.account.get("time_zone") is not None and wanted.account["time_zone"] not in choices.time_zones():
        faults["time_zone"].append(NO_SUCH_ZONE)
    for name, found in claims.length_faults(house.store.schema, columns).items():
        faults[name] = [*faults[name], *found]
    for name, value in columns.items():
        if value is None and not house.store.schema.mapper.columns[name].nullable:
            faults[name].append(NEEDED)
    _raise_if_any(faults)
    return replace(wanted, columns=columns)


def _raise_if_any(faults: Mapping[str, list[Fault]]) -> None:
    if found := {name: own for name, own in faults.items() if own}:
        raise InvalidInput(found)


def _taken(source: Any, house: House, user_id: Any, columns: Mapping[str, Any]) -> dict[str, list[Fault]]:
    """Whether somebody else has the username, or one that looks like it."""
    username = columns.get("username")
    faults = claims.username_faults(source, house.store.schema, username, own_id=user_id) if username else []
    return {"username": faults} if faults else {}


def _apply(unit: Unit, user_id: Any, wanted: Change, *, fresh: bool) -> tuple[str, ...]:
    facts = users.lock(unit.session, unit.schema, user_id)
    user = unit.session.get(unit.schema.user, user_id) if facts else None
    if facts is None or user is None:
        raise NotLoggedIn()
    columns = {name: value for name, value in wanted.columns.items() if getattr(user, name) != value}
    account = {name: value for name, value in wanted.account.items() if getattr(facts, name) != value}
    if "username" in columns:
        _admit_username(unit, facts, columns["username"], fresh=fresh)
    for name, value in columns.items():
        setattr(user, name, value)
    unit.session.flush()
    # Asked once more: a look-alike may have been taken between our first look and our own claim.
    _raise_if_any(_taken(unit.session, unit.house, user_id, columns))
    if account:
        accounts = unit.tables["accounts"]
        unit.execute(sa.update(accounts).where(accounts.c.user_id == user_id).values(account))
    return _told(unit, user_id, (*columns, *account))


def _admit_username(unit: Unit, facts: users.UserFacts, username: str | None, *, fresh: bool) -> None:
    if username is None and not facts.email:
        raise InvalidInput({"username": [ONLY_NAME]})
    _raise_if_any(_taken(unit.session, unit.house, facts.id, {"username": username}))
    if not fresh:
        raise ReauthenticationRequired()


def _told(unit: Unit, user_id: Any, fields: tuple[str, ...]) -> tuple[str, ...]:
    if fields:
        unit.publish(ProfileChanged(user_id=user_id, fields=fields, at=clock.now()))
    return fields
