"""From an event to what is sent: ids and stable words, nobody's address, name or device."""

from __future__ import annotations

import dataclasses
import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from housekey.capabilities.webhooks.names import name_of
from housekey.events import Event, fields_of, personal_fields
from housekey.kernel import clock

KEYS = frozenset({"user_id", "user_ids", "actor", "inviter"})
"""Keys of users: text, whatever the host's own type is, as everywhere in JSON."""
MOMENT = "at"


@dataclass(frozen=True)
class Message:
    """What waits in the outbox. The payload is the very text that is sent at each try; it is signed when it is."""

    id: str
    url: str = field(repr=False)
    payload: str = field(repr=False)

    def packed(self) -> bytes:
        return json.dumps(dataclasses.asdict(self)).encode()

    @classmethod
    def unpacked(cls, body: bytes) -> Message:
        return cls(**json.loads(body))


def new_id() -> str:
    """The `webhook-id`: the same for all receivers and all tries, so that nobody need do a thing twice. Random, and
    letters and digits alone, for it stands in headers and in people's logs."""
    return f"msg_{secrets.token_hex(16)}"


def payload_of(event: Event) -> str:
    """The body, for every receiver alike."""
    kind, said = type(event), fields_of(event)
    data = {name: said[name] for name in sent_of(kind, said)}
    return payload(name_of(kind), said.get(MOMENT) or clock.now(), data)


def sent_of(kind: type[Event], names: Collection[str]) -> list[str]:
    """Which of an event's fields are sent."""
    left_out = personal_fields(kind) | {MOMENT}
    return [name for name in names if name not in left_out]


def payload(name: str, moment: datetime, data: Mapping[str, Any]) -> str:
    told = {key: _key(value) if key in KEYS else _plain(value) for key, value in data.items()}
    return json.dumps({"type": name, "timestamp": _plain(moment), "data": told}, separators=(",", ":"))


def _key(user_id: Any) -> Any:
    if isinstance(user_id, (list, tuple)):
        return [_key(one) for one in user_id]
    return None if user_id is None else str(user_id)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return _plain(value.value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(part) for part in value]
    return str(value)
