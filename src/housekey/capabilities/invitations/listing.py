"""The open invitations: whom, by whom, until when, and whether they still hold."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from housekey.capabilities.admin.rights import Rights
from housekey.capabilities.invitations.actions import PURPOSE
from housekey.capabilities.invitations.inviter import holds, roles_of
from housekey.capabilities.links import actions as links
from housekey.capabilities.roles import actions as roles
from housekey.house import House
from housekey.store import paging, users
from housekey.store.paging import Page
from housekey.store.users import UserFacts

PAGE_SIZE = 50


@dataclass(frozen=True)
class Invitation:
    """An invitation that nobody has used, nobody has withdrawn, and that isn't too old. `holds`: whether it could be
    sent now as well; else it opens nothing until it is sent again."""

    id: str
    email: str
    roles: tuple[str, ...]
    inviter: UserFacts | None
    sent_at: datetime
    expires_at: datetime
    holds: bool


def one(house: House, invitation_id: str) -> Invitation | None:
    """An open invitation by its id."""
    return next(iter(_listed(house, house.store.tables["links"].c.id == invitation_id, limit=1)), None)


def opened_by(house: House, user_id: Any, *, everybodys: bool, after: str) -> Page[Invitation]:
    """One page, the latest first: all of them, or those that the user has sent. Raises `InvalidInput` for `after`."""
    mine = [] if everybodys else [house.store.tables["links"].c.user_id == user_id]
    found = _listed(house, *mine, behind=_place(after) if after else None, limit=PAGE_SIZE + 1)
    shown = found[:PAGE_SIZE]
    more = len(found) > PAGE_SIZE
    return Page(shown, paging.cursor(paging.ticks(shown[-1].sent_at), shown[-1].id) if more else None)


def _place(cursor: str) -> tuple[datetime, str]:
    ticks, last_id = paging.place(cursor, int, str)
    return paging.moment(ticks), last_id


def _listed(house: House, *conditions: Any, behind: Sequence[Any] | None = None, limit: int) -> list[Invitation]:
    with house.read() as connection:
        found = links.of_purpose(connection, house, PURPOSE, *conditions, behind=behind, limit=limit)
        senders = _users(house, connection, {link.user_id for link in found if link.user_id is not None})
    permitted = {role.name: role.permissions for role in roles.all_roles(house)} if found else {}
    rights = {user_id: Rights(*house.grants(house, user_id)) for user_id in {link.user_id for link in found}}
    return [
        Invitation(
            id=link.id,
            email=str(link.email),
            roles=roles_of(link),
            inviter=(by := senders.get(link.user_id)),
            sent_at=link.created_at,
            expires_at=link.expires_at,
            holds=holds(link, by, rights[link.user_id], permitted),
        )
        for link in found
    ]


def _users(house: House, connection: Any, ids: Collection[Any]) -> dict[Any, UserFacts]:
    schema = house.store.schema
    rows = connection.execute(users.facts_query(schema).where(schema.key.in_(list(ids)))).all() if ids else ()
    return {row.id: users.facts(row) for row in rows}
