"""What one folder under `capabilities/` fills in, so that the house can use it.

A host adds a capability of its own with the same record: `Housekey(app, capabilities=[mine])`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from housekey.events import LEVELS, Level
from housekey.kernel.texts import Text

__all__ = ["LEVELS", "Capability", "Level", "MenuItem", "OverviewItem"]

if TYPE_CHECKING:
    import click

    from housekey.events import Event
    from housekey.house import House
    from housekey.login.factors import Factor
    from housekey.login.guards import Guard
    from housekey.login.requirements import Requirement
    from housekey.store.schema import Schema
    from housekey.web.identity import Identity
    from housekey.web.routes import Routes


@dataclass(frozen=True, kw_only=True)
class MenuItem:
    """A line in the account pages' menu. `permission` hides it from those who lack it; of the lines for those who look
    after others, what is wanted most often comes `first`."""

    label: Text
    endpoint: str
    permission: str | None = None
    first: bool = False


@dataclass(frozen=True, kw_only=True)
class OverviewItem:
    """A line of the person's overview: what protects the account, or what is missing. `action` leads to the page that
    puts it right; "info" is for what is neither good nor bad."""

    level: Level
    title: Text
    text: Text
    action: MenuItem | None = None


@dataclass(frozen=True, kw_only=True)
class Capability:
    """One thing that Housekey can do.

    name          the one word for folder, routes, settings, templates, tests and docs page
    settings      a frozen dataclass of `setting(...)` fields, with `section = name`
    tables        adds Core tables to the schema; they exist whatever is switched on
    pages, api    the two faces of the same verbs
    commands      click commands or groups below `flask housekey`
    events        the event classes it publishes (for the docs)
    requirement   what must hold before a session may open
    guard         judges tries before and counts them after (throttling)
    factor        a way of proving oneself a second time
    first_factor  a way that is usually the first, and a second step for whoever has begun with a factor
    menu          lines in the account menu
    overview      what it has to say about the account of the one who asks
    permissions   permissions that its pages ask for, with what each allows
    needs         other capabilities whose public verbs it calls
    well_known    views of /.well-known/<name>
    start         called once per app when everything is wired (listeners, services, checks)
    """

    name: str
    settings: type | None = None
    tables: Callable[[Schema], None] | None = None
    pages: Routes | None = None
    api: Routes | None = None
    commands: Sequence[click.Command] = ()
    events: Sequence[type[Event]] = ()
    requirement: Requirement | None = None
    guard: Guard | None = None
    factor: Factor | None = None
    first_factor: Factor | None = None
    menu: Sequence[MenuItem] = ()
    overview: Callable[[House, Identity], Sequence[OverviewItem]] | None = None
    permissions: Sequence[tuple[str, str]] = ()
    needs: Sequence[str] = ()
    well_known: Mapping[str, Callable[[], Any]] = field(default_factory=dict)
    start: Callable[[House], None] | None = None
