"""A link of a mail, as its verbs hand it around, and how one is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hmac import compare_digest
from typing import Any

import sqlalchemy as sa

from housekey.house import House
from housekey.kernel import clock, tokens
from housekey.kernel.names import email_key


@dataclass(frozen=True)
class Issued:
    """What goes into the mail, and nowhere else. `code` is empty where no browser has asked; it works for
    `code_minutes`, rounded down."""

    id: str
    token: str = field(repr=False)
    code: str = field(repr=False)
    code_minutes: int
    expires_at: datetime

    @property
    def facts(self) -> dict[str, Any]:
        """What the mail's template needs."""
        return {"token": self.token, "expires_at": self.expires_at, **self.code_facts}

    @property
    def code_facts(self) -> dict[str, Any]:
        """The same, of a mail that holds a code alone."""
        return {"code": self.code, "code_minutes": self.code_minutes}


@dataclass(frozen=True)
class Link:
    """A link that works still. `asker` is the digest of what the browser that asked holds."""

    id: str
    purpose: str
    user_id: Any
    security_version: int | None
    recipient: bytes = field(repr=False)
    email: str | None
    details: Mapping[str, Any] = field(repr=False)
    asker: bytes | None = field(repr=False)
    created_at: datetime
    expires_at: datetime

    def was_asked_by(self, browser: str | None) -> bool:
        """Whether the browser that holds this token is the one that asked for the mail."""
        return self.asker is not None and browser is not None and compare_digest(tokens.digest(browser), self.asker)


def recipients(house: House, email: str) -> list[bytes]:
    """As an address stands in `recipient`: under the newest key, and as it stood before the key changed."""
    return house.keyed_digests(f"recipient|{email_key(email)}")


def all_recipients(house: House, link: Link) -> list[bytes]:
    """The same for the one whom a link was mailed to; of a decoy nobody knows but what stands there."""
    known = recipients(house, link.email) if link.email else []
    return list(dict.fromkeys([*known, link.recipient]))


def live(table: sa.Table) -> tuple[Any, Any]:
    return table.c.spent_at.is_(None), table.c.expires_at > clock.now()


def reading(table: sa.Table) -> sa.Select[Any]:
    return sa.select(*(table.c[name] for name in Link.__dataclass_fields__))
