"""The log as JSON: one's own history, and all of it for those who may read it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from housekey.capabilities.audit import figures, history
from housekey.capabilities.audit.inputs import ActivityQuery, HistoryQuery
from housekey.capabilities.audit.pages import READ_AUDIT, activity
from housekey.capabilities.audit.reading import Recorded
from housekey.capabilities.audit.sentences import level, sentence
from housekey.kernel import devices
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.routes import LOGGED_IN, Routes, permission
from housekey.web.shapes import CountryShape, DeviceShape, Moment, country_shape

api = Routes(tag="audit")
Next = Annotated[str | None, Meta(description="Give it as `before` to get the next page; null on the last one.")]


class Happened(Struct, kw_only=True):
    """Something that happened on an account."""

    at: Moment
    event: Annotated[str, Meta(examples=["LoggedIn"])]
    text: Annotated[str, Meta(description="A sentence, in the reader's language.")]
    level: Annotated[str, Meta(description="How much it should catch the eye: bad, warn, info or good.")]
    outcome: Literal["success", "failure"]
    reason: Annotated[str | None, Meta(description="A stable word that says why.")]
    address: str | None
    country: CountryShape | None
    device: DeviceShape | None


class OwnHappened(Happened, kw_only=True):
    """The same, as the one sees it who has the account."""

    by: Annotated[str, Meta(description="you, someone (not logged in), administrator, operator or site")]
    current: Annotated[bool, Meta(description="Whether it happened in the session that asks.")]


class RecordedHappened(Happened, kw_only=True):
    """The same, as those see it who may read the log."""

    owasp: Annotated[str | None, Meta(description="The word of OWASP's Logging Vocabulary.")]
    subject: Annotated[str | None, Meta(description="The key of the user on whose account it happened.")]
    actor: Annotated[str | None, Meta(description="The key of the user who did it.")]
    actor_kind: Annotated[str, Meta(description="user, anonymous, operator or app")]
    session: Annotated[str | None, Meta(description="Names the session; grants nothing.")]
    details: dict[str, Any]


class HistoryPage(Struct, kw_only=True):
    """One's own history, the latest first."""

    entries: list[OwnHappened]
    next: Next


class ActivityPage(Struct, kw_only=True):
    """What happened on all accounts, the latest first."""

    entries: list[RecordedHappened]
    next: Next


class DayShape(Struct, kw_only=True):
    """One day, in UTC."""

    day: Annotated[str, Meta(examples=["2026-11-01"])]
    logins: int
    refusals: Annotated[dict[str, int], Meta(description="Refused logins, by reason.")]


class DayList(Struct, kw_only=True):
    """Logins and refusals of the last 30 days, each of them, the first one first."""

    days: list[DayShape]


@api.get("/history", access=LOGGED_IN, answers={200: HistoryPage})
def list_history(query: HistoryQuery) -> HistoryPage:
    """List what happened on your account."""
    identity = demand()
    page = history.own(here.house, identity.user_id, query.before or None)
    return HistoryPage(entries=[_own(entry, identity.session_id) for entry in page.entries], next=page.next)


def _own(entry: Recorded, session_id: str | None) -> OwnHappened:
    current = entry.session is not None and entry.session == session_id
    return OwnHappened(**_common(entry, history.shows_place(entry)), by=history.by(entry), current=current)


def _common(entry: Recorded, placed: bool) -> dict[str, Any]:
    device = devices.describe(entry.user_agent) if placed and entry.user_agent else None
    return {
        "at": entry.at,
        "event": entry.event,
        "text": sentence(entry),
        "level": level(entry),
        "outcome": entry.outcome,
        "reason": entry.reason,
        "address": entry.address if placed else None,
        "country": country_shape(entry.address) if placed else None,
        "device": DeviceShape(name=device.name, kind=device.kind) if device else None,
    }


@api.get("/admin/activity", access=permission(READ_AUDIT), answers={200: ActivityPage})
def list_activity(query: ActivityQuery) -> ActivityPage:
    """List what happened on all accounts, fifty at a time."""
    page = activity(query)
    return ActivityPage(entries=[_recorded(entry) for entry in page.entries], next=page.next)


def _recorded(entry: Recorded) -> RecordedHappened:
    return RecordedHappened(
        **_common(entry, True),
        owasp=entry.owasp,
        subject=entry.subject,
        actor=entry.actor,
        actor_kind=entry.actor_kind,
        session=entry.session,
        details=entry.details,
    )


@api.get("/admin/activity/days", access=permission(READ_AUDIT), answers={200: DayList})
def count_activity() -> DayList:
    """Count logins and refusals of the last 30 days."""
    days = figures.by_day(here.house)
    return DayList(days=[DayShape(day=str(d.day), logins=d.logins, refusals=dict(d.refusals)) for d in days])
