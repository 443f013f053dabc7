"""A guard that stands above the route: Flask has registered the view without it, and the page is open to everybody."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from weakref import WeakSet

from flask import Flask

log = logging.getLogger("housekey")
ABOVE_THE_ROUTE = (
    "OPEN TO EVERYBODY: the view “%s” has a guard, and is registered without it. Decorators work from the bottom up: "
    "put the route on top, and @login_required and its like below it."
)
_guarded: WeakSet[Callable[..., Any]] = WeakSet()


def note(view: Callable[..., Any]) -> None:
    """A guard was put around this view."""
    with suppress(TypeError):  # a callable object that has no hash or can't be referred to weakly
        _guarded.add(view)


def warn_of_open_views(app: Flask) -> None:
    """Told, not refused: a view may be open at one address on purpose, and guarded at another."""
    for endpoint, view in app.view_functions.items():
        with suppress(TypeError):
            if view in _guarded:
                log.warning(ABOVE_THE_ROUTE, endpoint)
