"""Databases of one kind, each filled like a template that is made once."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rig.engines import engines_closed

Schema = Callable[[str], object]


class Databases(ABC):
    """Makes and drops the databases of one kind, for one test process."""

    def __init__(self) -> None:
        self._templates: dict[Schema, str] = {}

    @contextmanager
    def fresh(self, schema: Schema | None = None) -> Iterator[str]:
        """The address of a new database, filled by `schema`, that ends with the block."""
        name = self._filled(schema) if schema else self.blank()
        try:
            yield self.address(name)
        finally:
            self.drop(name)

    def close(self) -> None:
        for name in self._templates.values():
            self.drop(name)

    def _filled(self, schema: Schema) -> str:
        if schema not in self._templates:
            name = Databases.blank(self)
            with engines_closed():
                schema(self.address(name))
            self._templates[schema] = name
        return self.copy(self._templates[schema])

    def blank(self) -> str:
        """A database without tables; answers its name."""
        name = random_name()
        self.create(name)
        return name

    @abstractmethod
    def address(self, name: str) -> str: ...
    @abstractmethod
    def create(self, name: str) -> None: ...
    @abstractmethod
    def copy(self, template: str) -> str:
        """A database like this one; answers its name."""

    @abstractmethod
    def drop(self, name: str) -> None: ...


def random_name() -> str:
    return f"housekey_test_{secrets.token_hex(8)}"
