"""“Your account”."""

from __future__ import annotations

from typing import Any

from flask import url_for

from housekey.capability import LEVELS, OverviewItem
from housekey.web.answers import render
from housekey.web.guards import demand
from housekey.web.here import here, state
from housekey.web.routes import LOGGED_IN, Routes

pages = Routes()


@pages.get("/", access=LOGGED_IN)
def overview() -> str:
    """Your account at a glance, worst first."""
    identity = demand()
    found = [item for say in state().overview for item in say(here.house, identity)]
    found.sort(key=lambda item: LEVELS.index(item.level))
    return render("overview/home.html", items=[_shown(item) for item in found])


def _shown(item: OverviewItem) -> dict[str, Any]:
    """The item as `overview/home.html` draws it."""
    action = item.action
    return {
        "level": item.level,
        "title": item.title,
        "text": item.text,
        "action_label": action.label if action else None,
        "action_url": url_for(action.endpoint) if action else None,
    }
