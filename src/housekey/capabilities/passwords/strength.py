"""How hard a password is to guess, for the meter beside the field (extra `strength`).

The meter advises; `policy` decides. Without the extra there is no meter: a guess by length and kinds of
characters would praise "Password123!", which is worse than no meter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from housekey.capabilities.passwords.blocklist import is_common
from housekey.kernel.texts import Text
from housekey.kernel.texts import text as _

LONGEST: Final = 32
"""Characters that are rated; the time grows with the square. More can only be stronger."""
LONGEST_IN_DISGUISE: Final = 16
"""The same where many signs may stand for letters, as 4 for a: each combination is tried (100 ms for 48 of them)."""
MANY_SIGNS: Final = 8
_SIGNS: Final = frozenset("0123456789@({[<!|$+%")
MOST_WORDS, LONGEST_WORD = 16, 64

WORDS: Final = (_("Very weak"), _("Weak"), _("Fair"), _("Good"), _("Strong"))
"""For scores 0 to 4."""

COMMON: Final = _("This is a common password.")
REASONS: Final[dict[str, Text]] = {
    "StraightRowsOfKeysAreEasyToGuess": _("Rows of keys are easy to guess."),
    "ShortKeyboardPatternsAreEasyToGuess": _("Short patterns on the keyboard are easy to guess."),
    "RepeatsLikeAaaAreEasyToGuess": _("Repeated characters are easy to guess."),
    "RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess": _("Repeating a piece makes it hardly any stronger."),
    "ThisIsATop10Password": COMMON,
    "ThisIsATop100Password": COMMON,
    "ThisIsACommonPassword": COMMON,
    "ThisIsSimilarToACommonlyUsedPassword": _("This is close to a common password."),
    "SequencesLikeAbcAreEasyToGuess": _("Sequences such as abc or 6543 are easy to guess."),
    "RecentYearsAreEasyToGuess": _("Recent years are easy to guess."),
    "AWordByItselfIsEasyToGuess": _("A single word is easy to guess."),
    "DatesAreOftenEasyToGuess": _("Dates are easy to guess."),
    "NamesAndSurnamesByThemselvesAreEasyToGuess": _("Names are easy to guess."),
    "CommonNamesAndSurnamesAreEasyToGuess": _("Names are easy to guess."),
}
ADD_WORDS: Final = _("Add another word or two.")


@dataclass(frozen=True)
class Strength:
    """`score` from 0 to 4, its word, and for weak ones why or what to do."""

    score: int
    word: Text
    reason: Text | None


def measure(password: str, own_words: Iterable[str | None] = ()) -> Strength | None:
    """Rate a password within 8 ms, or None without the extra.

    `own_words`: the person's name, addresses and username and the site's name, which are easy to guess.
    """
    zxcvbn = _zxcvbn()
    if zxcvbn is None:
        return None
    if is_common(password):
        return Strength(0, WORDS[0], COMMON)
    # A lone surrogate isn't Unicode; the library takes none.
    rated = _rated_part(password).encode("utf-8", "replace").decode()
    result = zxcvbn(rated, _inputs(own_words))
    score = int(result.score)
    return Strength(score, WORDS[score], _reason(result) if score < len(WORDS) - 1 else None)


def is_available() -> bool:
    """Whether the extra is installed."""
    return _zxcvbn() is not None


def _rated_part(password: str) -> str:
    longest = password[:LONGEST]
    return longest if len(_SIGNS.intersection(longest)) <= MANY_SIGNS else password[:LONGEST_IN_DISGUISE]


def _inputs(own_words: Iterable[str | None]) -> list[str]:
    known = [word[:LONGEST_WORD].encode("utf-8", "replace").decode() for word in own_words if word]
    return known[:MOST_WORDS]


def _reason(result: Any) -> Text:
    warning = result.feedback.warning if result.feedback else None
    # The library's members print as sentences; their repr is "Warning.<Name>".
    return REASONS.get(repr(warning).rpartition(".")[2], ADD_WORDS)


def _zxcvbn() -> Any:
    try:
        from zxcvbn_rs_py import zxcvbn
    except ImportError:
        return None
    return zxcvbn
