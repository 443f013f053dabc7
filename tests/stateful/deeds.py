"""What may happen next in a state machine, and how often."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import strategies as st

F = TypeVar("F", bound=Callable[..., None])


def deed(weight: int, **arguments: st.SearchStrategy[Any]) -> Callable[[F], F]:
    """Something that may happen next, so often. Hypothesis' own rules would each be left out of half of the runs, and
    then mostly nobody is logged in."""

    def mark(method: F) -> F:
        method.weight, method.arguments = weight, arguments  # type: ignore[attr-defined]
        return method

    return mark


def deeds_of(machine: type) -> list[str]:
    """The names of its deeds, each as often as it weighs."""
    weights = {name: getattr(getattr(machine, name), "weight", 0) for name in sorted(dir(machine))}
    return [name for name, weight in weights.items() for _ in range(weight)]


def happens(machine: Any, names: list[str], data: st.DataObject) -> None:
    """One of them, with what it is to be done with."""
    chosen = getattr(machine, data.draw(st.sampled_from(names), label="deed"))
    chosen(**{key: data.draw(kind, label=key) for key, kind in chosen.arguments.items()})
