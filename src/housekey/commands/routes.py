"""`flask housekey routes`."""

from __future__ import annotations

from dataclasses import dataclass

import click
from flask import current_app
from flask.cli import with_appcontext

from housekey.commands.options import json_option
from housekey.commands.terminal import as_json, table
from housekey.web.here import state
from housekey.web.routes import ANYONE, Access, Route

OURS = "housekey"


@dataclass(frozen=True)
class Served:
    """One method of one path, as the app serves it."""

    method: str
    path: str
    endpoint: str
    access: str


@click.command("routes")
@json_option
@with_appcontext
def routes(in_json: bool) -> None:
    """Every page and call of Housekey in this app, and who may use it."""
    found = all_routes()
    if in_json:
        as_json([{"method": r.method, "path": r.path, "endpoint": r.endpoint, "access": r.access} for r in found])
        return
    table(
        ("Method", "Path", "Endpoint", "Access"),
        [(r.method, r.path, r.endpoint, r.access) for r in found],
        empty="Housekey serves nothing here.",
    )


def all_routes() -> list[Served]:
    """What Flask really serves, with the access that each route declares; by path."""
    declared = {
        **{f"{OURS}.{route.name}": route for capability in state().capabilities for route in capability.pages or ()},
        **{f"{OURS}.api.{route.name}": route for group in state().api_routes for route in group},
    }
    found = [
        Served(method, rule.rule, rule.endpoint, described(declared.get(rule.endpoint)))
        for rule in current_app.url_map.iter_rules()
        if rule.endpoint.startswith((f"{OURS}.", f"{OURS}_"))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]
    return sorted(found, key=lambda route: (route.path, route.method))


def described(route: Route | None) -> str:
    """Who may use a route, in words."""
    access: Access = route.access if route else ANYONE
    if access.permission:
        return f"permission {access.permission}" + (", fresh" if access.fresh else "")
    return "fresh" if access.fresh else "logged in" if access.logged_in else "anyone"
