"""Logging out everywhere."""

from __future__ import annotations

from housekey import login
from housekey.web import manager
from housekey.web.here import state
from housekey.web.identity import identify


def log_out_everywhere() -> None:
    """End all that this user was granted, in this browser and in all others; no browser counts as known any more."""
    identity = identify()
    if identity is not None:
        with state().house.write() as unit:
            login.end_all(unit, identity.user_id, "logout_everywhere", forget_devices=True)
    manager.log_out()
