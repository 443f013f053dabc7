"""A session as pages draw it (`sessions/card.html`)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from housekey.kernel import clock, devices
from housekey.store.sessions import SessionFacts
from housekey.web.shapes import country_shape

ACTIVE_WITHIN = timedelta(minutes=5)
"""Seen so recently that people would say: it is being used now."""


def session_card(session: SessionFacts, current_id: str | None) -> dict[str, Any]:
    """What the card shows."""
    country = country_shape(session.address)
    return {
        "id": session.id,
        "device": devices.describe(session.user_agent),
        "address": session.address,
        "place": country.name if country else "",
        "current": session.id == current_id,
        "active_now": clock.now() - session.last_seen_at < ACTIVE_WITHIN,
        "last_seen_at": session.last_seen_at,
        "created_at": session.created_at,
    }
