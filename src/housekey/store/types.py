"""Column types that behave alike on SQLite, PostgreSQL and MariaDB.

MariaDB's own words are written out: its dialect's types would have it imported in every process, which takes a tenth of
what `import housekey` adds to its libraries.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

DIGEST_BYTES = 32
KEY_LENGTH = 254
"""RFC 5321 §4.5.3.1.3: a mail path of 256 octets, without its angle brackets."""
K = TypeVar("K", bound=type[sa.types.TypeEngine[Any]])


def on_mariadb(word: str) -> Callable[[K], K]:
    """What MariaDB calls this type; `{0.length}` is its length."""

    def translate(kind: K) -> K:
        compiles(kind, "mysql", "mariadb")(lambda this, _compiler, **_options: word.format(this))
        return kind

    return translate


@on_mariadb("DATETIME(6)")
class _Moment(sa.DateTime):
    """MariaDB's DATETIME drops fractions unless told otherwise, so that a deadline would come early."""


@on_mariadb("BINARY({0.length})")
class _Digest(sa.LargeBinary):
    """MariaDB can't index a BLOB without a length."""


@on_mariadb("VARCHAR({0.length}) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
class _Key(sa.String):
    """MariaDB's default collation takes `é` for `e` (flaw 21)."""


class UtcDateTime(sa.TypeDecorator[datetime]):
    """Moments in UTC with microseconds; aware in Python, without a zone in the database."""

    impl = _Moment
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def digest_type() -> sa.types.TypeEngine[bytes]:
    """SHA-256 digests."""
    return _Digest(DIGEST_BYTES)


def key_type(length: int = KEY_LENGTH) -> sa.types.TypeEngine[str]:
    """Texts that are equal only if every byte is."""
    return _Key(length)
