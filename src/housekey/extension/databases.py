"""Which database an app has: the host's, by the extension that the host uses, or Housekey's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from housekey.errors import ConfigurationError
from housekey.store.database import Database, FlaskSQLAlchemy, FlaskSQLAlchemyLite, PlainSQLAlchemy
from housekey.store.engine import make_engine

DATABASE_FILE = "housekey.sqlite"
LIKE = (
    "Write it like postgresql+psycopg://user:password@host/name (pip install 'housekey[postgres]') or "
    "mariadb+pymysql://user:password@host/name (pip install 'housekey[mariadb]'), or leave it out for an SQLite file."
)


def database_of(app: Flask, db: Any, engine: sa.Engine | None, session: Any, user_model: type | None) -> Database:
    """Raises `ConfigurationError` where the user model must be named and isn't."""
    if db is not None:
        lite = type(db).__module__.startswith("flask_sqlalchemy_lite")
        return FlaskSQLAlchemyLite(app, db, user_model) if lite else FlaskSQLAlchemy(db, user_model)
    if user_model is None:
        raise ConfigurationError("Name your user model: Housekey(app, engine=engine, user_model=User).")
    if engine is not None:
        return PlainSQLAlchemy(engine, session, user_model)
    return PlainSQLAlchemy(_own_engine(app), None, user_model, own=True)


def _own_engine(app: Flask) -> sa.Engine:
    """Raises `ConfigurationError` for an address that is none, or whose driver isn't there; never with the address,
    which may hold a password."""
    try:
        return make_engine(own_url(app))
    except NoSuchModuleError:
        raise ConfigurationError(f"SQLALCHEMY_DATABASE_URI names a kind of database that isn't known. {LIKE}") from None
    except (ArgumentError, ValueError):
        raise ConfigurationError(f"SQLALCHEMY_DATABASE_URI isn't the address of a database. {LIKE}") from None
    except ModuleNotFoundError as missing:
        raise ConfigurationError(
            f"SQLALCHEMY_DATABASE_URI asks for the driver {missing.name}, which isn't installed. {LIKE}"
        ) from None


def own_url(app: Flask) -> str:
    """`SQLALCHEMY_DATABASE_URI`, or an SQLite file in the instance folder."""
    configured = app.config.get("SQLALCHEMY_DATABASE_URI")
    if configured:
        return str(configured)
    folder = Path(app.instance_path)
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / DATABASE_FILE}"
