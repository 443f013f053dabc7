"""A batch of people becomes rows of the host's `User` and of ours, a few statements for all of them.

Mapper events would cost some twenty statements a user, so they are not run; what ours do is done here for the batch.
The host's constructor and its `@validates` are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from housekey.capabilities.importing.columns import defaults_itself, must_be_filled
from housekey.capabilities.importing.events import UsersImported
from housekey.capabilities.importing.people import Person
from housekey.capabilities.registration.settings import RegistrationSettings
from housekey.capabilities.roles import actions as roles
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.store import user_sync
from housekey.store.making import new_user
from housekey.store.schema import Schema
from housekey.store.user_model import Hooks

LONGEST_REASON = 200
Row = dict[str, Any]


def fill(house: House, person: Person) -> None:
    """Let the host's class make its object of the row, and keep what the INSERT needs; its refusal is a fault."""
    schema = house.store.schema
    try:
        user = new_user(schema, person.values)
        if Hooks.inserting is not None:
            Hooks.inserting(schema, user)
    except Exception as error:  # the host's own code, which may raise anything
        reason = str(error).partition("\n")[0][:LONGEST_REASON]
        text = f"{schema.user.__name__} refuses this row: {type(error).__name__}: {reason}"
        person.fault("", "refused_by_model", text, "Correct the row, or see what the model asks for.")
        return
    state = sa.inspect(user).dict
    for name, column in schema.mapper.columns.items():
        if name in state:
            person.values[name] = state[name]
        elif isinstance(column, sa.Column) and not column.primary_key and not defaults_itself(column):
            person.values.setdefault(name, None)
        if person.values.get(name) is None and _asks_for_value(schema, column):
            text, cure = "This column needs a value in every row.", "Give one, or let the model have a default."
            person.fault(name, "missing", text, cure)


def _asks_for_value(schema: Schema, column: Any) -> bool:
    is_plain = isinstance(column, sa.Column) and not column.primary_key and column is not schema.mapper.polymorphic_on
    return is_plain and must_be_filled(column)


def insert(unit: Unit, people: Sequence[Person]) -> None:
    """Everything about these people, in the transaction of `unit`."""
    keys = _insert_users(unit, people)
    connection = unit.session.connection(bind_arguments=unit.house.store.bind_arguments)
    user_sync.forget_leftovers(connection, unit.schema, keys)  # SQLite gives a deleted user's number to the next one
    named = [(key, p.values.get("email"), p.values.get("username")) for key, p in zip(keys, people, strict=True)]
    user_sync.adopt(connection, unit.schema, named, user_sync.MADE_HERE)
    both = list(zip(keys, people, strict=True))
    _insert_hashes(unit, both)
    _note_states(unit, both)
    _grant(unit, both)
    unit.publish(UsersImported(count=len(keys), user_ids=tuple(keys), at=clock.now()))


def _insert_users(unit: Unit, people: Sequence[Person]) -> list[Any]:
    """Their keys, in the order of `people`."""
    groups: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, person in enumerate(people):
        groups[tuple(sorted(person.values))].append(number)
    keys: dict[int, Any] = {}
    for numbers in groups.values():
        keys |= zip(numbers, _insert_alike(unit, [people[n].values for n in numbers]), strict=True)
    return [keys[number] for number in range(len(people))]


def _insert_alike(unit: Unit, rows: list[Row]) -> list[Any]:
    """Rows with the same columns. MySQL has no RETURNING: there each is a statement."""
    schema, bind = unit.schema, unit.session.get_bind(mapper=unit.schema.mapper)
    if bind.dialect.name == "sqlite" and schema.key is schema.key.table.autoincrement_column:
        return _insert_numbered(unit, rows)
    if bind.dialect.insert_executemany_returning_sort_by_parameter_order:
        statement = sa.insert(schema.user).returning(schema.key, sort_by_parameter_order=True)
        return list(unit.execute(statement, rows).scalars())
    return [_insert_one(unit, schema, row) for row in rows]


def _insert_numbered(unit: Unit, rows: list[Row]) -> list[Any]:
    """SQLite doesn't say which number went to which row of many, but it has one writer, and that is us: the next
    numbers are known."""
    key, name = unit.schema.key, unit.schema.mapper.get_property_by_column(unit.schema.key).key
    highest = unit.execute(sa.select(sa.func.max(key))).scalar() or 0
    if key.table.dialect_options["sqlite"]["autoincrement"]:
        used = sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name").bindparams(name=key.table.name)
        highest = max(highest, unit.execute(used).scalar() or 0)
    keys = list(range(highest + 1, highest + 1 + len(rows)))
    unit.execute(sa.insert(unit.schema.user), [{**row, name: number} for row, number in zip(rows, keys, strict=True)])
    return keys


def _insert_one(unit: Unit, schema: Schema, row: Row) -> Any:
    columns = {schema.mapper.columns[name].name: value for name, value in row.items()}
    return unit.execute(sa.insert(schema.key.table).values(columns)).inserted_primary_key[0]  # type: ignore[index]


def _insert_hashes(unit: Unit, people: Sequence[tuple[Any, Person]]) -> None:
    moment = clock.now()
    rows = [{"user_id": key, "hash": p.hash, "changed_at": moment} for key, p in people if p.hash is not None]
    if rows:
        unit.execute(sa.insert(unit.tables["passwords"]), rows)


def _note_states(unit: Unit, people: Sequence[tuple[Any, Person]]) -> None:
    """Who has proved the address, and who is shut out."""
    identifiers, accounts = unit.tables["identifiers"], unit.tables["accounts"]
    verified = [{"whose": key, "moment": p.verified_at} for key, p in people if p.verified_at is not None]
    if verified:
        email = (identifiers.c.user_id == sa.bindparam("whose")) & (identifiers.c.kind == "email")
        _connection(unit).execute(
            sa.update(identifiers).where(email).values(verified_at=sa.bindparam("moment")), verified
        )
    disabled = [{"whose": key, "moment": p.disabled_at} for key, p in people if p.disabled_at is not None]
    if disabled:
        mine = accounts.c.user_id == sa.bindparam("whose")
        _connection(unit).execute(sa.update(accounts).where(mine).values(disabled_at=sa.bindparam("moment")), disabled)


def _connection(unit: Unit) -> sa.Connection:
    return unit.session.connection(bind_arguments=unit.house.store.bind_arguments)


def _grant(unit: Unit, people: Sequence[tuple[Any, Person]]) -> None:
    default = unit.house.settings[RegistrationSettings].default_role
    held = [(key, role) for key, p in people for role in dict.fromkeys([*p.roles, *([default] if default else [])])]
    roles.grant_many(unit, held)
