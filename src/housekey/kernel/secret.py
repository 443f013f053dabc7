"""A text that must not be seen: the type of password fields.

An input struct holds its passwords as `Secret`, so that its `repr` in a log line, a traceback or an error
tracker shows none of them (flaw 19).
"""

from __future__ import annotations

import hmac
from typing import Any, NoReturn


class Secret:
    """Holds a text and shows it only when asked by `reveal()`; can't be pickled, nor written as JSON."""

    __slots__ = ("_hidden",)

    def __init__(self, hidden: str) -> None:
        self._hidden = hidden

    def reveal(self) -> str:
        """The text itself, exactly as received: nothing stripped, nothing normalised (ASVS 6.2.8)."""
        return self._hidden

    def __repr__(self) -> str:
        return "Secret(…)"

    def __len__(self) -> int:
        """The number of code points."""
        return len(self._hidden)

    def __eq__(self, other: object) -> bool:
        """Compares in constant time, and only with another Secret."""
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_bytes(self), _bytes(other))

    def __hash__(self) -> int:
        return hash(self._hidden)

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("A Secret is not stored: keep it out of sessions, caches and job queues.")


def _bytes(secret: Secret) -> bytes:
    return secret.reveal().encode("utf-8", "surrogatepass")
