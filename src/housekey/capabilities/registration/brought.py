"""What somebody registers with instead of a password, such as a passkey. It waits as the hash of a password does, and
opens nothing before there is an account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from housekey.house import Unit
from housekey.login import Kind


@dataclass(frozen=True)
class Brought:
    """`method`: its word in proofs; `shows`: what it has proved just now; `record`: the rest, as JSON can keep it."""

    method: str
    shows: Kind
    record: Mapping[str, Any] = field(repr=False)

    @property
    def as_json(self) -> dict[str, Any]:
        return {"method": self.method, "shows": self.shows.value, "record": dict(self.record)}

    @classmethod
    def restored(cls, kept: Mapping[str, Any]) -> Brought:
        return cls(kept["method"], Kind(kept["shows"]), kept["record"])


@dataclass
class Keepers:
    """What gives it to a new account, by its method; capabilities add theirs at their start."""

    by_method: dict[str, Callable[[Unit, Any, Mapping[str, Any]], None]] = field(default_factory=dict)

    def keep(self, unit: Unit, user_id: Any, brought: Brought) -> None:
        """In the transaction that makes the account."""
        self.by_method[brought.method](unit, user_id, brought.record)
