"""Who is there already, and whose names clash: with another line of the file, or with a user."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from housekey.capabilities.importing.people import Person
from housekey.kernel.lookalikes import skeleton
from housekey.store import identifiers
from housekey.store.batches import BATCH
from housekey.store.schema import Schema

LOOKS_ALIKE = "username_looks_alike"


@dataclass
class Sorted:
    """People of one batch: those to bring in, those who have an account already, those who can't be brought in."""

    new: list[Person] = field(default_factory=list)
    there: list[Person] = field(default_factory=list)
    refused: list[Person] = field(default_factory=list)


class Seen:
    """What earlier lines have claimed. The first line keeps a name; later ones are told."""

    def __init__(self) -> None:
        self._keys: dict[str, int] = {}
        self._shapes: dict[str, int] = {}

    def claim(self, person: Person) -> None:
        """Note the names of a line, or its faults if an earlier one has them."""
        for key, kind in person.keys.items():
            if key in self._keys:
                text = f"Line {self._keys[key]} has the same {_called(kind)}."
                person.fault(kind, f"{kind}_twice", text, "Keep one of the lines, or give one of them another.")
        if person.faults:
            return
        self._keys.update(dict.fromkeys(person.keys, person.line))
        username = person.values.get("username")
        if username and (first := self._shapes.setdefault(skeleton(username), person.line)) != person.line:
            _warn(person, f"the username of line {first}")


def sort(source: Any, schema: Schema, people: Iterable[Person]) -> Sorted:
    """Compare people with the users there are; `source` is a connection or a session."""
    people, found = list(people), Sorted()
    bearers = _bearers(source, schema, "key", [key for person in people for key in person.keys])
    shapes = {id(p): skeleton(p.values["username"]) for p in people if p.values.get("username")}
    alike = _bearers(source, schema, "skeleton", list(shapes.values()))
    for person in people:
        owners = {bearers.get(key) for key in person.keys}
        if owners == {None}:
            if shapes.get(id(person)) in alike:
                _warn(person, f"that of user {alike[shapes[id(person)]]}")
            found.new.append(person)
        elif len(owners) == 1:
            found.there.append(person)
        else:
            _tell_clash(person, bearers)
            found.refused.append(person)
    return found


def _tell_clash(person: Person, bearers: dict[str, Any]) -> None:
    for key, kind in person.keys.items():
        if key in bearers:
            text = f"User {bearers[key]} has this {_called(kind)} already, and nothing else of this line's names."
            person.fault(kind, f"{kind}_taken", text, "Correct the line, or leave it out if it is the same person.")


def _warn(person: Person, other: str) -> None:
    if all(warning.code != LOOKS_ALIKE for warning in person.warnings):
        cure = "Look whether one of them pretends to be the other. Both are kept as they are."
        person.warn("username", LOOKS_ALIKE, f"This username looks like {other}.", cure)


def _called(kind: str) -> str:
    return "e-mail address" if kind == "email" else kind


def _bearers(source: Any, schema: Schema, column: str, values: Sequence[str]) -> dict[str, Any]:
    """Not too many at once: old builds of SQLite take 999 parameters."""
    rest, found = iter(dict.fromkeys(values)), dict[str, Any]()
    while part := list(islice(rest, BATCH)):
        found |= identifiers.bearers(source, schema, column, part)
    return found
