"""Proofs, and what a list of them is worth. Nothing else says how well somebody is known: no flag `mfa_done`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

HOST = "host"
"""The method of a host that has checked the person itself and says so by `login_user`."""


BRIDGE = "bridge"
"""The method of one who was logged in before Housekey came, by a cookie of Flask-Login's."""


class Kind(StrEnum):
    """Which kind of factor a proof shows (NIST SP 800-63B-4 §2)."""

    KNOWLEDGE = "knowledge"
    POSSESSION = "possession"
    VERIFIED = "verified"
    """Possession of a key that itself has verified its user: two kinds in one."""


@dataclass(frozen=True)
class Proof:
    """One successful check: who, by which method (`amr`), which kind of factor, when, over which channel."""

    user_id: Any
    method: str
    kind: Kind
    at: datetime
    channel: str = ""

    def record(self) -> dict[str, Any]:
        """As JSON, for sessions and parked attempts, whose rows name the user."""
        return {"method": self.method, "kind": self.kind.value, "at": self.at.isoformat(), "channel": self.channel}


def restored(records: Sequence[dict[str, Any]], user_id: Any) -> tuple[Proof, ...]:
    """Proofs from a row."""
    return tuple(
        Proof(user_id, r["method"], Kind(r["kind"]), datetime.fromisoformat(r["at"]), r["channel"]) for r in records
    )


def assurance_level(proofs: Sequence[Proof]) -> int:
    """The AAL that these proofs reach: 2 needs two kinds, over two channels; 3 is not claimed here."""
    kinds = {proof.kind for proof in proofs}
    if Kind.VERIFIED in kinds:
        return 2
    channels = {proof.channel or proof.method for proof in proofs}
    return 2 if len(kinds) > 1 and len(channels) > 1 else min(1, len(proofs))


def methods(proofs: Sequence[Proof]) -> tuple[str, ...]:
    """The methods used, each once."""
    return tuple(dict.fromkeys(proof.method for proof in proofs))


def amr(proofs: Sequence[Proof]) -> tuple[str, ...]:
    """The same as JSON tells them, with "mfa" where they are of two kinds (RFC 8176 §2)."""
    return (*methods(proofs), *(("mfa",) if assurance_level(proofs) > 1 else ()))
