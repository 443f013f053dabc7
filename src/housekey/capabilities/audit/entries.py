"""From an event to an entry: who, on whose account, what, when, where, how it ended. Never a secret."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from housekey.capabilities.audit.tables import ADDRESS_LENGTH
from housekey.events import Event, fields_of, personal_fields
from housekey.kernel import clock
from housekey.kernel.circumstances import Circumstances
from housekey.store.types import DIGEST_BYTES

REASONS = ("reason", "why", "by")
"""Fields that say in a stable word why; the first one that an event has fills the column."""
COLUMNS = frozenset({"user_id", "actor", "session_id", "at"})
MOST_ITEMS, LONGEST_TEXT = 50, 1000
"""Of a list and a text in the details: an entry stays small whatever an event brings."""


@dataclass(frozen=True)
class Entry:
    """What becomes a row. `details` and `personal` are canonical JSON."""

    at: datetime
    event: str
    owasp: str | None
    outcome: str
    reason: str | None
    actor_kind: str
    actor: str | None
    subject: str | None
    session: str | None
    details: str
    address: str | None
    personal: str | None
    salt: bytes | None
    personal_hash: bytes

    def content(self, segment: int, position: int, before: bytes) -> bytes:
        """What is signed: all of it but the personal part, which is there by its hash, and the signature before it."""
        return content(vars(self), segment, position, before)

    def row(self) -> dict[str, Any]:
        return dict(vars(self))


SIGNED = ("event", "owasp", "outcome", "reason", "actor_kind", "actor", "subject", "session", "details")


def content(row: Mapping[str, Any], segment: int, position: int, before: bytes) -> bytes:
    """The signed content of a row: JSON, whose brackets and quotes leave no two rows with one content."""
    moment = row["at"].astimezone(UTC).isoformat(timespec="microseconds")
    parts = [1, segment, position, before.hex(), moment, *(row[name] for name in SIGNED), row["personal_hash"].hex()]
    return json.dumps(parts, ensure_ascii=True, separators=(",", ":")).encode()


def hidden(salt: bytes, personal: str) -> bytes:
    """The salted hash that stands for the personal part: there are few addresses, and without a salt all could be
    tried."""
    return hmac.digest(salt, personal.encode(), "sha256")


def entry_of(event: Event, now: Circumstances) -> Entry:
    """An event, and the circumstances in which it happened."""
    told, fields = event.told, fields_of(event)
    personal = _personal(event, fields, now)
    apart = COLUMNS | personal_fields(type(event))
    salt = secrets.token_bytes(DIGEST_BYTES)
    kind, actor = _actor(event, now)
    return Entry(
        at=fields.get("at") or clock.now(),
        event=type(event).__name__[:80],
        owasp=told.owasp if told else None,
        outcome=told.outcome if told else "success",
        reason=next((str(fields[name])[:64] for name in REASONS if fields.get(name)), None),
        actor_kind=kind,
        actor=actor,
        subject=_key(fields.get("user_id")),
        session=_session(fields, now),
        details=canonical({name: fields[name] for name in fields if name not in apart}),
        address=personal.get("address"),
        personal=(text := canonical(personal)),
        salt=salt,
        personal_hash=hidden(salt, text),
    )


def _personal(event: Event, fields: Mapping[str, Any], now: Circumstances) -> dict[str, Any]:
    around = {"address": now.address, "user_agent": now.user_agent, "operator": now.operator}
    said = {name: fields[name] for name in fields if name in personal_fields(type(event))}
    found = {name: value for name, value in (around | said).items() if value}
    if "address" in found:
        found["address"] = str(found["address"])[:ADDRESS_LENGTH]
    return found


def _actor(event: Event, now: Circumstances) -> tuple[str, str | None]:
    """Whom the event itself names, else who is logged in here or types at the server, else the subject itself where
    only it can have done this: nobody is logged in yet while logging in."""
    if (named := getattr(event, "actor", None)) is not None:
        return "user", _key(named)
    if event.told is not None and event.told.by_subject and now.kind in ("anonymous", "user"):
        return "user", _key(getattr(event, "user_id", None))
    return now.kind, _key(now.actor)


def _session(fields: Mapping[str, Any], now: Circumstances) -> str | None:
    session = fields.get("session_id") or now.session_id
    return str(session)[:22] if session else None


def _key(user_id: Any) -> str | None:
    return None if user_id is None else str(user_id)


def canonical(value: Mapping[str, Any]) -> str:
    """JSON in one spelling, in ASCII: every database gives it back as it was."""
    return json.dumps(_plain(value), ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return _plain(value.value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return _few(list(value))
    return str(value)[:LONGEST_TEXT]


def _few(values: list[Any]) -> list[Any]:
    more = len(values) - MOST_ITEMS
    return [_plain(part) for part in values[:MOST_ITEMS]] + ([f"and {more} more"] if more > 0 else [])
