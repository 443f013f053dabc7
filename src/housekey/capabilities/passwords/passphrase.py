"""A passphrase to suggest: random words, long and still easy to remember and to type.

words.txt holds some 2,400 short English words, gathered for Housekey and under its licence: things, plants,
animals, weather, and nothing to blush at.
"""

from __future__ import annotations

import math
import secrets
from functools import lru_cache
from importlib import resources
from typing import Final

BITS: Final = 64
"""What a suggestion holds at least: beyond guessing even where an old, quick hash was stolen."""
SEPARATOR: Final = "-"


def suggest(min_length: int = 15) -> str:
    """Six random words joined by hyphens, more if `min_length` characters ask for it: "amber-otter-…"."""
    chosen: list[str] = []
    while len(chosen) < words_needed() or len(SEPARATOR.join(chosen)) < min_length:
        chosen.append(secrets.choice(words()))
    return SEPARATOR.join(chosen)


def words_needed() -> int:
    """How many words hold `BITS` bits."""
    return math.ceil(BITS / math.log2(len(words())))


@lru_cache(maxsize=1)
def words() -> tuple[str, ...]:
    """The list, read when it is first needed."""
    return tuple(resources.files(__package__).joinpath("words.txt").read_text("ascii").split())
