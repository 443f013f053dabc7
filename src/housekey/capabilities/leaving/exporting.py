"""Everything that is known of a person, as one document.

What of our own rows goes in, each table says itself (`store.personal`); no hash, digest or token is ever among it. What
the host knows besides, its functions say: `@accounts.export("posts")`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from housekey.capabilities.leaving.events import DataExported
from housekey.errors import NotFound
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.store import users
from housekey.store.personal import OfUser
from housekey.store.users import UserFacts

Rows = list[Mapping[str, Any]]


@dataclass(frozen=True)
class Export:
    """`user`: names and profile; `records`: Housekey's rows, by table; `site`: what the host's functions answer."""

    exported_at: datetime
    user: Mapping[str, Any]
    records: Mapping[str, Rows]
    site: Mapping[str, Any]


def export(house: House, user_id: Any, profile: Mapping[str, Any], *, actor: Any = None) -> Export:
    """Read out everything about a user, which the audit log tells. `profile`: the fields that the host has declared.
    Raises `NotFound`."""
    return house.run(partial(read_out, user_id=user_id, profile=profile, actor=actor))


def read_out(unit: Unit, user_id: Any, profile: Mapping[str, Any], actor: Any) -> Export:
    """The same, in the transaction that has judged whether `actor` may."""
    user = users.by_id(unit.session, unit.schema, user_id)
    if user is None:
        raise NotFound()
    unit.publish(DataExported(user_id=user.id, actor=actor, at=clock.now()))
    names = {"id": user.key, "name": user.name, "email": user.email, "username": user.username}
    return Export(
        exported_at=clock.now(),
        user={**names, "profile": dict(profile)},
        records={noun: _rows(unit, noun, about, user) for noun, about in sorted(unit.schema.personal.items())},
        site=_of_the_site(unit, user),
    )


def _rows(unit: Unit, noun: str, about: OfUser, user: UserFacts) -> Rows:
    table = unit.tables[noun]
    subject = table.c[about.subject]
    mine = [subject == (user.id if subject.foreign_keys else user.key)]
    if about.since is not None and user.created_at is not None:
        mine.append(table.c[about.since] >= user.created_at)
    columns = [subject, *(table.c[name] for name in about.exported)]
    rows = unit.execute(sa.select(*columns).where(*mine).order_by(*table.primary_key)).mappings()
    shape = about.shape or (lambda row: {name: row[name] for name in about.exported})
    return [shape(dict(row)) for row in rows]


def _of_the_site(unit: Unit, user: UserFacts) -> dict[str, Any]:
    """What the host's functions say of its own `User`."""
    person = unit.session.get(unit.schema.user, user.id) if unit.house.exports else None
    return {name: tell(person, unit.session) for name, tell in unit.house.exports.items()}
