"""The verbs of roles. Deny by default: a role permits nothing until it is told to."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from housekey.capabilities.roles.events import RoleChanged, RoleDeleted, RoleGranted, RoleRevoked
from housekey.errors import InvalidInput, NotFound
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.texts import text as _
from housekey.store import users

ADMIN = "admin"
"""The built-in role. It exists once somebody is made an administrator."""
MANAGE_USERS = "users:manage"
ROLE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
PERMISSION = re.compile(r"(?=.{1,80}\Z)[a-z0-9][a-z0-9._-]*(:[a-z0-9][a-z0-9._-]*)*")
"""No wildcards: what a role permits stands there, word for word."""


@dataclass(frozen=True)
class Role:
    """A role, what it permits, and how many people have it."""

    name: str
    permissions: tuple[str, ...]
    members: int = 0


def grants_of(house: House, user_id: Any) -> tuple[frozenset[str], frozenset[str]]:
    """The roles and the permissions of a user, in one read."""
    tables = house.store.tables
    held, allowed = tables["user_roles"], tables["role_permissions"]
    source = held.outerjoin(allowed, allowed.c.role == held.c.role)
    statement = sa.select(held.c.role, allowed.c.permission).select_from(source).where(held.c.user_id == user_id)
    with house.read() as connection:
        rows = connection.execute(statement).all()
    return frozenset(row.role for row in rows), frozenset(row.permission for row in rows if row.permission)


def unborne(house: House, roles: Collection[str], permissions: Collection[str]) -> frozenset[str]:
    """Those of these roles that don't exist, and those of these permissions that no role gives. What comes
    with the first administrator is never missed: the built-in role, and what our own pages ask for."""
    named, allowed = house.store.tables["roles"].c.name, house.store.tables["role_permissions"].c.permission
    with house.read() as connection:
        known = {*connection.scalars(sa.select(named).where(named.in_(list(roles))))}
        given = {*connection.scalars(sa.select(allowed).where(allowed.in_(list(permissions))))}
    return frozenset(roles) - known - {ADMIN} | frozenset(permissions) - given - house.permissions


def all_roles(house: House) -> list[Role]:
    """Every role, by name."""
    roles, allowed, held = (house.store.tables[name] for name in ("roles", "role_permissions", "user_roles"))
    with house.read() as connection:
        names = connection.scalars(sa.select(roles.c.name).order_by(roles.c.name)).all()
        pairs = sa.select(allowed.c.role, allowed.c.permission).order_by(allowed.c.permission)
        permissions = connection.execute(pairs).all()
        members = {
            row[0]: int(row[1])
            for row in connection.execute(sa.select(held.c.role, sa.func.count()).group_by(held.c.role))
        }
    return [
        Role(name, tuple(row.permission for row in permissions if row.role == name), members.get(name, 0))
        for name in names
    ]


def create(unit: Unit, name: str, permissions: Collection[str] = ()) -> None:
    """Make a role, or give an existing one these permissions instead of those it had. Raises `InvalidInput`."""
    if not ROLE_NAME.fullmatch(name):
        raise InvalidInput.of("role", "invalid_format", _("A role's name is small letters, digits, dots, - or _."))
    for permission in permissions:
        if not PERMISSION.fullmatch(permission):
            raise InvalidInput.of("permission", "invalid_format", _('A permission looks like "posts:edit".'))
    if not exists(unit, name):
        unit.execute(sa.insert(unit.tables["roles"]).values(name=name, created_at=clock.now()))
    allowed = unit.tables["role_permissions"]
    unit.execute(sa.delete(allowed).where(allowed.c.role == name))
    for permission in sorted(set(permissions)):
        unit.execute(sa.insert(allowed).values(role=name, permission=permission))
    unit.publish(RoleChanged(role=name, permissions=tuple(sorted(set(permissions))), at=clock.now()))


def ensure_admin_role(unit: Unit) -> str:
    """Make the role `admin`, which may do all that pages of ours ask for, or let it manage users if a host has made it
    without that; answers its name."""
    permitted = permissions_of(unit, [ADMIN])
    if not exists(unit, ADMIN):
        create(unit, ADMIN, unit.house.permissions | {MANAGE_USERS})
    elif MANAGE_USERS not in permitted:
        create(unit, ADMIN, permitted | {MANAGE_USERS})
    return ADMIN


def ensure(house: House, name: str) -> None:
    """Make a role that permits nothing yet, unless it is there. Two who do so at once don't fail."""
    try:
        house.run(lambda unit: None if exists(unit, name) else create(unit, name))
    except IntegrityError:
        house.run(lambda unit: require(unit, name))


def exists(unit: Unit, name: str) -> bool:
    roles = unit.tables["roles"]
    return unit.execute(sa.select(roles.c.name).where(roles.c.name == name)).first() is not None


def present(unit: Unit, names: Collection[str], *, alone: bool = False) -> frozenset[str]:
    """Which of these roles exist; they go on existing until the transaction ends. `alone` waits for whoever is just
    giving one to somebody, and lets nobody else give it."""
    roles = unit.tables["roles"]
    wanted = sa.select(roles.c.name).where(roles.c.name.in_(list(names))).order_by(roles.c.name)
    return frozenset(unit.scalars(wanted.with_for_update(read=not alone)))


def delete(unit: Unit, name: str) -> None:
    """Remove a role from everybody and for good. Raises `NotFound`."""
    if not present(unit, [name], alone=True):
        raise NotFound(_("There is no role {name}.", name=name))
    for table, column in (("user_roles", "role"), ("role_permissions", "role"), ("roles", "name")):
        unit.execute(sa.delete(unit.tables[table]).where(unit.tables[table].c[column] == name))
    unit.publish(RoleDeleted(role=name, at=clock.now()))


def require(unit: Unit, name: str) -> None:
    """Raise `NotFound` for a role that doesn't exist."""
    if not exists(unit, name):
        cure = _("There is no role {name}. `flask housekey roles list` shows all; `roles create` makes one.", name=name)
        raise NotFound(cure)


def grant(unit: Unit, user_id: Any, name: str, *, actor: Any = None) -> None:
    """Give a user a role; nothing happens if the user has it. `actor` is the user who does it, None for the site.
    Raises `NotFound` for an unknown role."""
    users.lock(unit.session, unit.schema, user_id)  # two who give the same role at once don't fail
    require(unit, name)
    held = unit.tables["user_roles"]
    mine = (held.c.user_id == user_id) & (held.c.role == name)
    if unit.execute(sa.select(held.c.role).where(mine)).first() is None:
        unit.execute(sa.insert(held).values(user_id=user_id, role=name))
        unit.publish(RoleGranted(user_id=user_id, role=name, actor=actor, at=clock.now()))


def appoint(unit: Unit, user_id: Any, name: str) -> None:
    """Grant a role on an operator's word: the built-in one is made when it is first needed."""
    if name == ADMIN:
        ensure_admin_role(unit)
    grant(unit, user_id, name)


def grant_many(unit: Unit, held: Collection[tuple[Any, str]]) -> None:
    """Give roles to users who have just been made, as pairs of key and role, on an operator's word. Listeners hear of
    those roles that permit something. Raises `NotFound` for an unknown role."""
    names = {role for _user, role in held}
    if ADMIN in names:
        ensure_admin_role(unit)
    if missing := names - present(unit, names):
        raise NotFound(_("There is no role {name}.", name=min(missing)))
    if held:
        unit.execute(sa.insert(unit.tables["user_roles"]), [{"user_id": user, "role": role} for user, role in held])
    permitted = permitted_by(unit, names) if names else {}
    for user_id, role in held:
        if permitted[role]:
            unit.publish(RoleGranted(user_id=user_id, role=role, at=clock.now()))


def revoke(unit: Unit, user_id: Any, name: str, *, actor: Any = None) -> None:
    """Take a role from a user; nothing happens if the user hasn't got it."""
    held = unit.tables["user_roles"]
    mine = (held.c.user_id == user_id) & (held.c.role == name)
    if unit.execute(sa.delete(held).where(mine)).rowcount:
        unit.publish(RoleRevoked(user_id=user_id, role=name, actor=actor, at=clock.now()))


def roles_of(unit: Unit, user_id: Any) -> frozenset[str]:
    """The names of a user's roles."""
    held = unit.tables["user_roles"]
    return frozenset(unit.scalars(sa.select(held.c.role).where(held.c.user_id == user_id)))


def permissions_of(unit: Unit, roles: Collection[str]) -> frozenset[str]:
    """What some roles permit together."""
    return frozenset[str]().union(*permitted_by(unit, roles).values())


def lock_managers(unit: Unit) -> None:
    """One at a time: of two administrators who disable each other in the same moment, the second is refused. Locks come
    before plain reads: those show MariaDB's transaction the state at the first of them."""
    allowed = unit.tables["role_permissions"]
    rows = sa.select(allowed.c.role).where(allowed.c.permission == MANAGE_USERS).order_by(allowed.c.role)
    unit.execute(rows.with_for_update()).all()


def anyone_manages(unit: Unit) -> bool:
    """Whether a user is left who can log in and manage users, and is not about to go."""
    return unit.execute(_managers(unit.tables).limit(1)).first() is not None


def manages_alone(house: House, user_id: Any) -> bool:
    """Whether this user is the only one who is left: to be told before something is tried. Two requests at once may see
    it differently; what counts is judged under `lock_managers`."""
    with house.read() as connection:
        return list(connection.scalars(_managers(house.store.tables).distinct().limit(2))) == [user_id]


def _managers(tables: Mapping[str, sa.Table]) -> sa.Select[Any]:
    held, allowed, accounts = (tables[name] for name in ("user_roles", "role_permissions", "accounts"))
    source = held.join(allowed, allowed.c.role == held.c.role).outerjoin(accounts, accounts.c.user_id == held.c.user_id)
    gone = sa.func.coalesce(accounts.c.disabled_at, accounts.c.frozen_at, accounts.c.closing_at)
    return sa.select(held.c.user_id).select_from(source).where(allowed.c.permission == MANAGE_USERS, gone.is_(None))


def permitted_by(unit: Unit, roles: Collection[str]) -> dict[str, set[str]]:
    """What each of some roles permits."""
    allowed, found = unit.tables["role_permissions"], {role: set[str]() for role in roles}
    for row in unit.execute(sa.select(allowed).where(allowed.c.role.in_(list(roles)))):
        found[row.role].add(row.permission)
    return found
