"""How the `housekey_*` tables of a database differ from those that are declared, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from housekey.store.schema import PREFIX, Schema


def differences(connection: sa.Connection, schema: Schema) -> list[str]:
    """What is missing, too much or of another type. Tables of the host are not looked at."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    options = {
        "version_table": schema.tables["version"].name,
        "version_table_schema": schema.metadata.schema,
        "include_name": lambda name, kind, _parents: _is_ours(name, kind),
        "include_object": lambda _thing, name, kind, *_about: _is_ours(name, kind),
        "include_schemas": schema.metadata.schema is not None,
    }
    context = MigrationContext.configure(connection, opts=options)
    found = list(_flat(compare_metadata(context, schema.metadata)))
    missing = {step[1].name for step in found if step[0] == "add_table"}
    return sorted(_told(step) for step in found if step[0] == "add_table" or _place(step) not in missing)


def _is_ours(name: str | None, kind: str) -> bool:
    return kind != "table" or str(name).startswith(PREFIX)


def _flat(found: Any) -> Iterator[Any]:
    """Alembic answers steps, whose first word is what would mend it, and lists of steps."""
    for step in found:
        if isinstance(step, list):
            yield from _flat(step)
        else:
            yield step


def _told(step: Any) -> str:
    what, noun = str(step[0]).split("_", 1)
    if what == "modify":
        return f"{_place(step)}.{step[3]}: the {noun} is {step[5]!r}, and should be {step[6]!r}"
    named = noun if noun == "table" else f"{noun} {step[-1].name}"
    return f"{_place(step)}: the {named} {'is missing' if what == 'add' else 'is not known here'}"


def _place(step: Any) -> str:
    """The table that a step is about: (what, table), (what, constraint), else (what, schema, name of table, …)."""
    if len(step) > 2:
        return str(step[2])
    return str(step[1].name if isinstance(step[1], sa.Table) else step[1].table.name)
