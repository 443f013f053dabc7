"""`flask housekey roles`."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from housekey.capabilities.roles import actions
from housekey.commands.options import PLAIN, called, confirm, find_user, json_option, user_argument, yes_option
from housekey.commands.terminal import as_json, say, table
from housekey.errors import Conflict
from housekey.house import House, Unit
from housekey.kernel.texts import text as _
from housekey.web.here import here

roles = AppGroup("roles", help="Roles, what they permit, and who has them.")


@roles.command("create")
@click.argument("role", type=PLAIN)
@click.argument("permissions", nargs=-1, type=PLAIN)
@click.option("--replace", is_flag=True, help="Give an existing role these permissions instead of those it has.")
def create(role: str, permissions: tuple[str, ...], replace: bool) -> None:
    """Make ROLE, with PERMISSIONS such as posts:edit."""

    def verb(unit: Unit) -> None:
        if actions.exists(unit, role) and not replace:
            raise Conflict(_("There is a role {role} already. --replace gives it other permissions.", role=role))
        actions.create(unit, role, permissions)

    here.house.run(verb)
    say(f"The role {role} permits: {', '.join(permissions) or 'nothing yet'}.")


@roles.command("list")
@json_option
def list_roles(in_json: bool) -> None:
    """Every role, its permissions, and how many people have it."""
    found = actions.all_roles(here.house)
    if in_json:
        as_json([{"name": r.name, "permissions": list(r.permissions), "members": r.members} for r in found])
        return
    rows = [(role.name, role.permissions, role.members) for role in found]
    table(("Role", "Permissions", "Members"), rows, empty="No roles yet. `flask housekey roles create` makes one.")


@roles.command("grant")
@user_argument
@click.argument("role", type=PLAIN)
def grant(user: str, role: str, by_id: bool) -> None:
    """Give USER a ROLE. `admin` is built in: it permits users:manage."""
    found = find_user(here.house, user, by_id)
    here.house.run(lambda unit: actions.appoint(unit, found.id, role))
    say(f"{called(found)} has the role {role}.")


@roles.command("revoke")
@user_argument
@click.argument("role", type=PLAIN)
def revoke(user: str, role: str, by_id: bool) -> None:
    """Take a ROLE from USER. Counts from the user's next request on."""
    found = find_user(here.house, user, by_id)

    def verb(unit: Unit) -> None:
        actions.require(unit, role)
        actions.revoke(unit, found.id, role)

    here.house.run(verb)
    say(f"{called(found)} doesn't have the role {role}.")


@roles.command("delete")
@click.argument("role", type=PLAIN)
@yes_option
def delete(role: str, yes: bool) -> None:
    """Take ROLE from everybody and remove it."""
    here.house.run(lambda unit: actions.require(unit, role))
    members = members_of(here.house, role)
    confirm(f"Delete the role {role}? It has {members} members.", yes)
    here.house.run(lambda unit: actions.delete(unit, role))
    say(f"The role {role} is gone.")


def members_of(house: House, role: str) -> int:
    """How many people have a role."""
    return sum(found.members for found in actions.all_roles(house) if found.name == role)
