"""`flask housekey permissions`."""

from __future__ import annotations

from dataclasses import dataclass

from flask.cli import AppGroup

from housekey.capabilities.roles import actions
from housekey.commands.options import json_option
from housekey.commands.terminal import as_json, table
from housekey.web.here import here, state

permissions = AppGroup("permissions", help="What roles can permit.")


@dataclass(frozen=True)
class Known:
    """A permission, what it allows (empty for the app's own), and the roles that have it."""

    name: str
    allows: str
    roles: tuple[str, ...]


@permissions.command("list")
@json_option
def list_permissions(in_json: bool) -> None:
    """Every permission: Housekey's own, and those that roles of this app name."""
    found = all_permissions()
    if in_json:
        as_json([{"name": p.name, "allows": p.allows or None, "roles": list(p.roles)} for p in found])
        return
    rows = [(p.name, p.roles, p.allows) for p in found]
    table(("Permission", "Roles", "Allows"), rows, empty="No permissions yet.")


def all_permissions() -> list[Known]:
    """By name."""
    roles = actions.all_roles(here.house)
    meanings = {name: meaning for capability in state().capabilities for name, meaning in capability.permissions}
    names = sorted({*meanings, *(name for role in roles for name in role.permissions)})
    return [
        Known(name, str(meanings.get(name, "")), tuple(r.name for r in roles if name in r.permissions))
        for name in names
    ]
