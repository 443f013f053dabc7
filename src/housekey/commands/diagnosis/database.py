"""The database: which one it is, whether its tables are there, and whether all its users can log in."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from importlib.util import find_spec

import sqlalchemy as sa

from housekey.capabilities.passwords.settings import PasswordSettings
from housekey.capabilities.registration.columns import unfilled
from housekey.capabilities.registration.settings import RegistrationSettings
from housekey.commands.diagnosis import mail, passkeys, sealed, users_table
from housekey.commands.diagnosis.finding import FAIL, OK, WARN, Finding, Level
from housekey.house import House
from housekey.store import orphans, upgrading

FEWEST_MS = 5_000
"""How long a writer on SQLite should wait for another one; Python's own default."""
SHOWN = 5
"""Differences that are told; the rest are counted."""
BCRYPT = ("$2_$%", "bcrypt%")
"""How bcrypt's own hashes begin, and Django's."""


def examine(house: House) -> Iterator[Finding]:
    """All of it. Raises SQLAlchemy's `DBAPIError` if the database doesn't answer."""
    with house.read() as connection:
        yield kind(connection)
        if connection.dialect.name == "sqlite":
            yield from pragmas(connection)
        unreadable = list(users_table.examine(connection, house.store.schema))
    yield from unreadable
    yield quoting(house.store.engine)
    yield from registration(house)
    state = upgrading.check(house.store)
    yield tables(state)
    if state.version is not None and not (state.differences or unreadable):
        yield adoption(state)
        yield gone_users(house)
        yield from stuck_users(house)
        yield from bcrypt(house)
        yield from passkeys.examine(house)
        yield from default_role(house)
        yield from mail.outbox(house)
        yield from sealed.examine(house)


def kind(connection: sa.Connection) -> Finding:
    """Its name and version."""
    dialect = connection.dialect
    version = sqlite3.sqlite_version_info if dialect.name == "sqlite" else dialect.server_version_info or ()
    name = "mariadb" if getattr(dialect, "is_mariadb", False) else dialect.name
    about = f"is {name} {'.'.join(map(str, version))}"
    if dialect.name == "sqlite" and connection.engine.url.database in (None, "", ":memory:"):
        cure = "Set SQLALCHEMY_DATABASE_URI to a file or a server."
        return Finding(WARN, "database", f"{about}, in memory: every account is gone when the server stops.", cure)
    return Finding(OK, "database", f"{about}.")


def pragmas(connection: sa.Connection) -> Iterator[Finding]:
    """What Housekey sets on an engine of its own, and leaves alone on the host's."""
    mode = str(connection.exec_driver_sql("PRAGMA journal_mode").scalar())
    on_file = connection.engine.url.database not in (None, "", ":memory:")
    if on_file:
        cure = _pragma("journal_mode=WAL")
        yield _judged(mode == "wal", "journal_mode", mode, "readers wait for the writer", cure)
    keys = bool(connection.exec_driver_sql("PRAGMA foreign_keys").scalar())
    yield _judged(
        keys,
        "foreign_keys",
        "on" if keys else "off",
        "a user who is deleted in bulk leaves rows here that the next one of that number inherits",
        _pragma("foreign_keys=ON"),
    )
    wait = int(connection.exec_driver_sql("PRAGMA busy_timeout").scalar() or 0)
    cure = _pragma("busy_timeout=10000")
    yield _judged(wait >= FEWEST_MS, "busy_timeout", f"{wait} ms", "writers give up while another one writes", cure)


def _pragma(text: str) -> str:
    return f'Run "PRAGMA {text}" on each new connection of your engine (SQLAlchemy\'s event "connect").'


def _judged(good: bool, name: str, value: str, harm: str, cure: str) -> Finding:
    subject = f"SQLite {name}"
    return Finding(OK, subject, f"is {value}.") if good else Finding(WARN, subject, f"is {value}: {harm}.", cure)


def quoting(engine: sa.Engine) -> Finding:
    """What an error of the database writes into the log."""
    if engine.hide_parameters:
        return Finding(OK, "database errors", "quote no values into the log.")
    about = "quote the values of a statement that failed into the log, hashes of passwords among them."
    cure = "Make your engine with hide_parameters=True; with Flask-SQLAlchemy by SQLALCHEMY_ENGINE_OPTIONS."
    return Finding(WARN, "database errors", about, cure)


def tables(state: upgrading.State) -> Finding:
    """Whether they are those of this release."""
    if state.version is None:
        return Finding(FAIL, "tables", "are not there, or nobody has noted their revision.", _UPGRADE)
    if state.version != state.latest:
        return Finding(FAIL, "tables", f"are at revision {state.version}; this release needs {state.latest}.", _UPGRADE)
    if state.differences:
        more = len(state.differences) - SHOWN
        told = "; ".join(state.differences[:SHOWN]) + (f"; and {more} more" if more > 0 else "")
        return Finding(FAIL, "tables", f"differ: {told}.", "See flask housekey db check.")
    return Finding(OK, "tables", f"are at revision {state.version}, the newest.")


_UPGRADE = "Run: flask housekey db upgrade"


def adoption(state: upgrading.State) -> Finding:
    """Users that were made behind SQLAlchemy's back can't log in by their names."""
    if state.unadopted:
        about = f"{state.unadopted} have no account yet, and can't log in."
        return Finding(WARN, "users", about, f"{_UPGRADE}. It takes them on.")
    return Finding(OK, "users", "all have an account.")


def gone_users(house: House) -> Finding:
    """The next user who gets the number of one that was deleted behind SQLAlchemy's back would inherit the account."""
    with house.read() as connection:
        found = orphans.count(connection, house.store.schema)
    if not found:
        return Finding(OK, "rows of deleted users", "are none.")
    told = ", ".join(f"{number} in {name}" for name, number in found.items())
    about = f"are left ({told}): a new user of the same number would inherit them, the password among them."
    cure = "Run: flask housekey sweep. Then delete users by the ORM, or hold foreign keys."
    return Finding(FAIL, "rows of deleted users", about, cure)


def stuck_users(house: House) -> Iterator[Finding]:
    """Accounts that were closed and can't be erased."""
    accounts = house.store.tables["accounts"]
    stuck = sa.select(accounts.c.user_id).where(accounts.c.erasing_failed_at.is_not(None)).order_by(accounts.c.user_id)
    with house.read() as connection:
        keys = [str(key) for key in connection.scalars(stuck)]
    if not keys:
        return
    told = ", ".join(keys[:SHOWN]) + (f" and {len(keys) - SHOWN} more" if len(keys) > SHOWN else "")
    cure = "Remove or re-own your rows of such a user in a listener of UserDeleted; the next sweep tries again."
    yield Finding(FAIL, "closed accounts", f"could not be erased, and are shut: {told}.", cure)


def registration(house: House) -> Iterator[Finding]:
    """Whether our page could fill the host's `User`. Where registration is open, the app refuses to serve without that;
    where it is closed, only invitations need it."""
    found = unfilled(house)
    if found is not None:
        level: Level = FAIL if house.settings[RegistrationSettings].open else WARN
        yield Finding(level, "registration", f"can make no account: {found.what}.", f"{found.cure}.")


def default_role(house: House) -> Iterator[Finding]:
    """Whether what `HOUSEKEY_REGISTRATION_DEFAULT_ROLE` names is there; a slip of the pen would be made too."""
    name = house.settings[RegistrationSettings].default_role
    if name is None:
        return
    roles = house.store.tables["roles"]
    with house.read() as connection:
        found = connection.scalar(sa.select(roles.c.name).where(roles.c.name == name))
    if found is None:
        cure = f"Check how it is spelt, and say what it permits: flask housekey roles create {name} …"
        yield Finding(WARN, "default role", f"“{name}” isn't there; the next account makes it, without rights.", cure)
    else:
        yield Finding(OK, "default role", f"“{name}” is there.")


def bcrypt(house: House) -> Iterator[Finding]:
    """Old hashes that this installation can't verify."""
    count = stored_in_bcrypt(house)
    if not count:
        return
    about = f"{count} {'is' if count == 1 else 'are'} stored, from an older app"
    if find_spec("bcrypt") is None:
        yield Finding(
            FAIL, "bcrypt hashes", f"{about}: their users can't log in.", 'Run: pip install "housekey[bcrypt]"'
        )
    else:
        yield Finding(OK, "bcrypt hashes", f"{about}; each is made anew at its user's next login.")


def stored_in_bcrypt(house: House) -> int:
    """In our table, and in the host's own column where one is named."""
    legacy = house.settings[PasswordSettings].legacy_column
    own = house.store.tables["passwords"].c.hash
    columns = [own, *([house.store.schema.mapper.columns[legacy]] if legacy else [])]
    with house.read() as connection:
        return sum(
            connection.scalar(sa.select(sa.func.count()).where(sa.or_(*(c.like(start) for start in BCRYPT)))) or 0
            for c in columns
            if isinstance(c.type, sa.String)
        )
