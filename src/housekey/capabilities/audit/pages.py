"""“Security history” for everybody, “Activity” for those who may read the log."""

from __future__ import annotations

from typing import Any

from housekey.capabilities.audit import figures, history
from housekey.capabilities.audit.history import Page
from housekey.capabilities.audit.inputs import ActivityQuery, HistoryQuery, filter_of
from housekey.capabilities.audit.reading import Recorded
from housekey.capabilities.audit.sentences import known_events, level, sentence
from housekey.kernel import devices
from housekey.kernel.texts import Text
from housekey.kernel.texts import text as _
from housekey.store import users
from housekey.web.answers import render
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.routes import LOGGED_IN, Routes, permission
from housekey.web.shapes import country_shape

pages = Routes()
READ_AUDIT = "audit:read"
PAGE = 50
BY: dict[str, Text | None] = {
    "you": None,
    "someone": _("by someone who wasn't logged in"),
    "administrator": _("by an administrator"),
    "operator": _("by the site's operator"),
    "site": _("by the site"),
}


@pages.get("/history", name="history", access=LOGGED_IN)
def history_of_oneself(query: HistoryQuery) -> str:
    """Security history."""
    identity = demand()
    page = history.own(here.house, identity.user_id, query.before or None)
    lines = [_line(entry, identity.session_id) for entry in page.entries]
    return render("audit/history.html", entries=lines, next=page.next, later=bool(query.before))


def _line(entry: Recorded, session_id: str | None) -> dict[str, Any]:
    placed, said = history.shows_place(entry), BY[history.by(entry)]
    return {
        "at": entry.at,
        "text": sentence(entry),
        "level": level(entry),
        "by": str(said) if said else None,
        "device": devices.describe(entry.user_agent).name if placed and entry.user_agent else None,
        "address": entry.address if placed else None,
        "place": _place(entry) if placed else None,
        "here": entry.session is not None and entry.session == session_id,
    }


@pages.get("/admin/activity", access=permission(READ_AUDIT))
def admin_activity(query: ActivityQuery) -> str:
    """Activity."""
    page = activity(query)
    days = figures.by_day(here.house)
    names = names_of(page)
    return render(
        "audit/activity.html",
        entries=[row_of(entry, names) for entry in page.entries],
        next=page.next,
        query={name: getattr(query, name) for name in ActivityQuery.__struct_fields__ if name != "before"},
        events=[("", _("All")), *((name, name) for name in told_events())],
        days=days,
        reasons=sorted({reason for day in days for reason in day.refusals}),
        logins=figures.logins_chart(days),
        refusals=figures.refusals_chart(days),
    )


def told_events() -> list[str]:
    """The names of events that the log can tell, for a filter."""
    return sorted(name for name, event in known_events().items() if event.told is not None)


def activity(query: ActivityQuery) -> Page:
    """The entries of a page, for either face."""
    return history.page(here.house, filter_of(here.house, query), PAGE)


def names_of(page: Page) -> dict[str, str]:
    """What the people of a page are called, by their keys; those who are gone have no name."""
    house = here.house
    keys = {key for entry in page.entries for key in (entry.subject, entry.actor) if key is not None}
    ids = [user_id for key in keys if (user_id := house.store.parse_key(key)) is not None]
    if not ids:
        return {}
    schema = house.store.schema
    with house.read() as connection:
        rows = connection.execute(users.facts_query(schema).where(schema.key.in_(ids))).all()
    found = [users.facts(row) for row in rows]
    return {user.key: user.name for user in found}


def row_of(entry: Recorded, names: dict[str, str]) -> dict[str, Any]:
    """An entry as those see it who may read the log."""
    return {
        "at": entry.at,
        "text": sentence(entry),
        "level": level(entry),
        "outcome": entry.outcome,
        "event": entry.event,
        "reason": entry.reason,
        "subject": entry.subject,
        "subject_name": names.get(entry.subject or ""),
        "actor": _actor(entry, names),
        "device": devices.describe(entry.user_agent).name if entry.user_agent else None,
        "address": entry.address,
        "place": _place(entry),
    }


def _place(entry: Recorded) -> str | None:
    country = country_shape(entry.address)
    return country.name if country else None


def _actor(entry: Recorded, names: dict[str, str]) -> str | None:
    """Where it is another one than the user on whose account it happened."""
    if entry.actor_kind == "operator":
        return str(_("operator {name}", name=entry.personal.get("operator", "")))
    if entry.actor is None or entry.actor == entry.subject:
        return None
    return names.get(entry.actor, entry.actor)
