"""Many threads at once, for promises about races."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread
from typing import TypeVar

T = TypeVar("T")
WAIT = 60  # seconds until threads that do not end are called stuck


def together(count: int, act: Callable[[int], T], *, refusals: tuple[type[Exception], ...] = ()) -> list[T | Exception]:
    """Call `act(0)` … `act(count - 1)` at the same moment, each in a thread of its own; their results, in order.

    An exception of the kinds in `refusals` is a result like any other; the others are raised, all of them, as a group.
    """
    start, results, errors = Barrier(count), dict[int, T | Exception](), list[Exception]()

    def run(number: int) -> None:
        try:
            start.wait(WAIT)
            results[number] = act(number)
        except refusals as refusal:
            results[number] = refusal
        except Exception as error:
            errors.append(error)

    threads = [Thread(target=run, args=[number], daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
    if any(thread.is_alive() for thread in threads):
        raise TimeoutError(f"threads still run after {WAIT} s")
    if errors:
        raise ExceptionGroup(f"{len(errors)} of {count} threads failed", errors)
    return [results[number] for number in range(count)]
