"""Usernames that look alike, by UTS #39 (Unicode Security Mechanisms) §4.

What UTS #39 calls confusable is confusable here, nothing more: Cyrillic а and Latin a; 0 and O; 1, l, I and |;
m and rn. Not there, and so not here: vv and w, cl and d, 5 and S, é and e.

A name is judged as it is shown, first with its capitals and then without: PaypaI (with a capital i) is like paypal,
paypai isn't; the Cyrillic ВОВ is like bob. So give `skeleton` the name as its owner wrote it, not its key.
"""

from __future__ import annotations

import hashlib
import unicodedata
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("lookalikes.txt")
SKELETON_LENGTH = 254
"""Characters that a skeleton may have: one character may stand for up to 20."""
_ROUNDS = 3
"""Lower case changes the look of some letters, whose look may be that of capitals; a test shows that three suffice."""


def skeleton(username: str) -> str:
    """Equal for two names that look alike; at most `SKELETON_LENGTH` characters, all printable. Never raises."""
    if len(username) > SKELETON_LENGTH:
        return hashlib.sha256(username.encode("utf-8", "surrogatepass")).hexdigest()
    look = username
    for _round in range(_ROUNDS):
        look = _in_lower_case(_prototypes(look))
    return look if len(look) <= SKELETON_LENGTH else hashlib.sha256(look.encode()).hexdigest()


def _prototypes(text: str) -> str:
    """`skeleton(X)` of UTS #39 §4: decompose, drop what is invisible, replace, decompose."""
    table = prototypes()
    seen = (c for c in unicodedata.normalize("NFD", text) if c.isprintable())
    return unicodedata.normalize("NFD", "".join(table.get(c, c) for c in seen))


def _in_lower_case(text: str) -> str:
    # Letter by letter: the lower case of a whole word has another sigma at its end.
    return "".join(c.lower() for c in text)


@cache
def prototypes() -> dict[str, str]:
    """The character or characters that stand for each character that looks like them."""
    rows = (line.split(" ") for line in TABLE.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    return {_characters(source): _characters(target) for target, *sources in rows for source in sources}


def _characters(code: str) -> str:
    return "".join(chr(int(point, 16)) for point in code.split("+"))
