"""What the audit log of a test app holds."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from flask import Flask

from rig.people import house_of


def entries(app: Flask, **equal: Any) -> list[dict[str, Any]]:
    """The entries, the first one first, `details` and `personal` as dictionaries: `entries(app, event="LoggedIn")`."""
    house = house_of(app)
    table = house.store.tables["audit_entries"]
    statement = sa.select(table).filter_by(**equal).order_by(table.c.at, table.c.segment, table.c.position)
    with house.read() as connection:
        rows = [dict(row) for row in connection.execute(statement).mappings()]
    for row in rows:
        row["details"] = json.loads(row["details"])
        row["personal"] = json.loads(row["personal"]) if row["personal"] else None
    return rows


def events(app: Flask, **equal: Any) -> list[str]:
    """Their names."""
    return [entry["event"] for entry in entries(app, **equal)]
