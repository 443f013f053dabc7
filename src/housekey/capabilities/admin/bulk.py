"""The same for several users at once: each in a transaction of its own, so that one refusal undoes nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from housekey.capabilities.admin import actions, finding
from housekey.capabilities.admin.actions import Wanted
from housekey.capabilities.admin.finding import Listed
from housekey.errors import NotFound, Refused
from housekey.house import House

Verb = Callable[[House, Any, Any], None]
"""Takes the keys of the one who acts and of the user."""
VERBS: dict[str, Verb] = {
    "disable": lambda house, actor_id, user_id: actions.change(house, actor_id, user_id, Wanted(disabled=True)),
    "enable": lambda house, actor_id, user_id: actions.change(house, actor_id, user_id, Wanted(disabled=False)),
    "end_sessions": actions.end_sessions,
    "send_reset_link": actions.send_reset_link,
}


@dataclass(frozen=True)
class Result:
    """What became of one of them: `refusal` None if it was done, `user` None if there is none."""

    key: str
    user: Listed | None
    refusal: Refused | None


def carry_out(house: House, actor_id: Any, action: str, keys: Sequence[str]) -> list[Result]:
    """Do it to each, on the word of the user `actor_id`; every single one is judged anew."""
    keys = list(dict.fromkeys(keys))
    found = {user.facts.key: user for user in finding.some(house, keys)}
    return [Result(key, found.get(key), _refusal(house, actor_id, VERBS[action], found.get(key))) for key in keys]


def _refusal(house: House, actor_id: Any, verb: Verb, user: Listed | None) -> Refused | None:
    if user is None:
        return NotFound()
    try:
        verb(house, actor_id, user.facts.id)
    except Refused as refusal:
        return refusal
    return None
