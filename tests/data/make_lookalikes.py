"""Makes src/housekey/kernel/lookalikes.txt from confusables.json.xz: `python tests/data/make_lookalikes.py`.

confusables.json holds both directions of each pair of Unicode's confusables.txt, so a character that is written in
many ways is the prototype of them all; of a lone pair, the shorter and lower one is.
"""

import json
import lzma
import unicodedata
from collections import defaultdict
from pathlib import Path

from precis_i18n import get_profile

HERE = Path(__file__).parent
TARGET = HERE.parent.parent / "src/housekey/kernel/lookalikes.txt"
HEAD = """\
# Look-alikes that a username can hold: a prototype, then the characters that look like it, as code points.
# Made by tests/data/make_lookalikes.py from confusable_homoglyphs and so from Unicode's confusables.txt;
# their licences are in lookalikes.LICENSE.
"""


def pairs() -> list[tuple[str, str]]:
    """(look-alike, prototype) for every pair that the data holds."""
    table = json.loads(lzma.decompress((HERE / "confusables.json.xz").read_bytes()))
    looks: defaultdict[str, set[str]] = defaultdict(set)
    for one, others in table.items():
        for other in others:
            looks[_bare(one)].add(_bare(other["c"]))
    return sorted((one, other) for one, others in looks.items() for other in others if _stands_for(other, one, looks))


def _stands_for(prototype: str, one: str, looks: dict[str, set[str]]) -> bool:
    """The middle of a star; in a lone pair, the sequence (rn for m) or the lower code point (a for its twins)."""
    if len(one) > 1 or len(looks[one]) > 1:
        return False
    return len(looks[prototype]) > 1 or len(prototype) > 1 or prototype < one


def _bare(text: str) -> str:
    """The data wraps characters that are written from right to left in direction marks."""
    return text.replace("\u200e", "").replace("\u200f", "")


def in_usernames(character: str) -> bool:
    """Whether it can stand in a decomposed username (RFC 8264 §4.2)."""
    if unicodedata.normalize("NFD", character) != character:
        return False
    if unicodedata.combining(character):
        return True
    try:
        return bool(get_profile("IdentifierClass").enforce(character))
    except UnicodeEncodeError:
        return False


def table() -> str:
    rows: defaultdict[str, list[str]] = defaultdict(list)
    for one, prototype in pairs():
        if in_usernames(one):
            rows[prototype].append(one)
    lines = (" ".join(map(_code, (prototype, *sorted(ones)))) for prototype, ones in sorted(rows.items()))
    return HEAD + "\n".join(lines) + "\n"


def _code(text: str) -> str:
    return "+".join(f"{ord(c):X}" for c in text)


if __name__ == "__main__":
    TARGET.write_text(table(), "utf-8")
