"""Common passwords, which are tried first by whoever guesses (NIST SP 800-63B-4 §3.1.1.2, ASVS 6.2.4).

The list (common.txt.gz; its origin and licence in common.LICENSE) is read when it is first needed.
"""

from __future__ import annotations

import gzip
from collections.abc import Collection
from functools import lru_cache
from importlib import resources


def is_common(password: str, more: Collection[str] = ()) -> bool:
    """Whether the whole password, in any case, is a common one, one of `more`, or such a one repeated.

    A part that is common doesn't count: "correct horse password staple" is fine.
    """
    folded = password.casefold()
    extra = {word.casefold() for word in more}
    unit = repeated_unit(folded)
    return folded in common() or folded in extra or (len(unit) < len(folded) and _is_trivial(unit, extra))


def _is_trivial(unit: str, extra: Collection[str]) -> bool:
    return len(unit) <= LONGEST_TRIVIAL_UNIT or unit in common() or unit in extra


LONGEST_TRIVIAL_UNIT = 4
"""Characters: "aaaaaaaaaaaaaaa" and "abcdabcdabcdabcd" are in every guesser's list, whatever their length."""


def repeated_unit(text: str) -> str:
    """The shortest piece that `text` consists of when repeated: "abcabc" gives "abc", "abcd" gives itself."""
    return text[: (text + text).find(text, 1)] if text else text


@lru_cache(maxsize=1)
def common() -> frozenset[str]:
    """The shipped list: some 13,000 passwords of at least 8 characters, folded to lower case."""
    packed = resources.files(__package__).joinpath("common.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().split("\n"))
