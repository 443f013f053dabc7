"""Column types that behave alike on SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

DIGEST_BYTES = 32
KEY_LENGTH = 254
"""RFC 5321 §4.5.3.1.3: a mail path of 256 octets, without its angle brackets."""


class UtcDateTime(sa.TypeDecorator[datetime]):
    """Moments in UTC with microseconds; aware in Python, without a zone in the database.

    MariaDB's DATETIME drops fractions unless told otherwise, so that a deadline would come early.
    """

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name in ("mysql", "mariadb"):
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(sa.DateTime())

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def digest_type() -> sa.types.TypeEngine[bytes]:
    """SHA-256 digests. MariaDB can't index a BLOB without a length."""
    return sa.LargeBinary(DIGEST_BYTES).with_variant(mysql.BINARY(DIGEST_BYTES), "mysql", "mariadb")


def key_type(length: int = KEY_LENGTH) -> sa.types.TypeEngine[str]:
    """Texts that are equal only if every byte is: MariaDB's default collation takes `é` for `e` (flaw 21)."""
    exact = mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin")
    return sa.String(length).with_variant(exact, "mysql", "mariadb")
