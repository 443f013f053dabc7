"""`flask housekey …`: what an operator does on the server.

Flask finds the group through the entry point `flask.commands`. A command is imported when it is used or described.
Exit codes: 0 done, 1 refused (the reason and the cure on stderr), 2 wrong usage.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from importlib import import_module

import click
from flask.cli import ScriptInfo

from housekey.commands.refusals import told
from housekey.kernel.circumstances import Circumstances, under

OWN = {
    "db": "housekey.commands.db:db",
    "users": "housekey.commands.users:users",
    "roles": "housekey.commands.roles:roles",
    "permissions": "housekey.commands.permissions:permissions",
    "sessions": "housekey.commands.sessions:sessions",
    "outbox": "housekey.commands.outbox:outbox",
    "deliver": "housekey.commands.deliver:deliver",
    "mail": "housekey.commands.mail:mail",
    "webhooks": "housekey.commands.webhooks:webhooks",
    "audit": "housekey.commands.audit:audit",
    "explain-login": "housekey.commands.explain_login:explain_login",
    "seal": "housekey.commands.seal:seal",
    "sweep": "housekey.commands.sweep:sweep",
    "settings": "housekey.commands.settings:settings",
    "routes": "housekey.commands.routes:routes",
    "doctor": "housekey.commands.doctor:doctor",
}
"""In the order in which help lists them."""


class Housekeeping(click.Group):
    """Our own commands, then those that the capabilities of the app bring."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(dict.fromkeys([*OWN, *_brought(ctx)]))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in OWN:
            module, _, name = OWN[cmd_name].partition(":")
            found: click.Command = getattr(import_module(module), name)
            return found
        found_there = _brought(ctx).get(cmd_name)
        if found_there is not None:
            ctx.with_resource(ctx.ensure_object(ScriptInfo).load_app().app_context())
        return found_there

    def invoke(self, ctx: click.Context) -> object:
        with told(), under(by_operator()):
            return super().invoke(ctx)


def by_operator() -> Circumstances:
    """Who types commands: the account of the operating system, not what the environment says it is."""
    return Circumstances(kind="operator", operator=_account())


def _account() -> str:
    try:
        import pwd
    except ImportError:  # Windows
        return getpass.getuser()
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user need not have a name
        return f"uid {os.getuid()}"


def _brought(ctx: click.Context) -> Mapping[str, click.Command]:
    """What capabilities bring, by name. An app that can't be loaded must not take the help away."""
    from housekey.web.here import EXTENSION

    try:
        app = ctx.ensure_object(ScriptInfo).load_app()
    except Exception as error:
        click.secho(f"Error: {error}\n", err=True, fg="red")
        return {}
    state = app.extensions.get(EXTENSION)
    commands = [command for capability in state.capabilities for command in capability.commands] if state else []
    return {command.name: command for command in commands if command.name}


@click.group(cls=Housekeeping)
def cli() -> None:
    """Accounts: users, roles, sessions, and whether all is well."""
