"""Long work in small transactions: no lock is held for long, and what is done stays done if it is interrupted."""

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Told after each batch: how much is done, and of how much."""
BATCH = 500
"""Rows in one transaction; SQLite takes at most 999 parameters in a statement on old builds, and a batch of this
size takes some ten milliseconds."""
