"""What a new password must be. All faults are told at once, each with its reason and its cure.

There are no composition rules, and never will be (NIST SP 800-63B-4 §3.1.1.2, ASVS 6.2.5).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from housekey.capabilities.passwords.blocklist import is_common
from housekey.capabilities.passwords.settings import PasswordSettings
from housekey.errors import Fault
from housekey.kernel.texts import text as _

LITTLE = 8
"""Characters: less than the shortest password that NIST allows at all is "little" beside one's own words."""
SHORTEST_WORD = 3
"""Characters of an own word that counts; two where each is a whole syllable, as in Chinese."""
LONGEST_WORD = 128
"""Characters of an own word that are looked at; bounds the work."""

_BORDERS = re.compile(r"^[\W_]+|[\W_]+$")
"""Signs that joined a word that was taken out."""


def judge(
    password: str, *, min_length: int, settings: PasswordSettings, own_words: Iterable[str | None] = ()
) -> list[Fault]:
    """Every fault of a new password; an empty list if it may be used.

    `own_words`: the person's name, addresses and username, and the site's name (`settings.site_words` are
    added). Every code point counts as one character (NIST §3.1.1.2).
    """
    if len(password) > settings.max_length:
        return [too_long(settings.max_length)]
    return list(_faults(password, min_length, settings, [*own_words, *settings.site_words]))


def too_long(max_length: int) -> Fault:
    """The fault of a password beyond `max_length`; the only one told, for nothing else is looked at then."""
    return Fault("too_long", _("This is longer than {count} characters. Please shorten it.", count=max_length))


def _faults(
    password: str, min_length: int, settings: PasswordSettings, own_words: Iterable[str | None]
) -> Iterator[Fault]:
    if len(password) < min_length:
        yield Fault(
            "too_short",
            _(
                "Use at least {count} characters, since short passwords are quickly guessed. "
                "Four or more random words make a long password that is easy to remember.",
                count=min_length,
            ),
        )
    if settings.blocklist and is_common(password, settings.blocklist_words):
        yield Fault(
            "too_common",
            _("This password is on the lists that attackers try first. Choose one that nobody else would use."),
        )
    if is_mainly(password, own_words, settings):
        yield Fault(
            "contains_own_words",
            _(
                "This is little more than your name, your address or the name of this site, "
                "which are guessed first. Choose other words, or add more of them."
            ),
        )


def is_mainly(password: str, own_words: Iterable[str | None], settings: PasswordSettings) -> bool:
    """Whether a password is made mainly of the person's own words (ASVS 6.2.11).

    The words are taken out. It is, if what is left is a common password, or is little and also either
    no longer than what was taken or without a letter: "annsmith2024", but not a long passphrase with "ann" in it,
    and not "customer" for a Tom.
    """
    parts = sorted(set(_parts(own_words)), key=len, reverse=True)
    if not parts:
        return False
    folded = _fold(password)
    rest = re.sub("|".join(map(re.escape, parts)), "", folded)
    taken = len(folded) - len(rest)
    if not taken:
        return False
    if settings.blocklist and is_common(_BORDERS.sub("", rest), settings.blocklist_words):
        return True
    return len(rest) < LITTLE and (len(rest) <= taken or not any(map(str.isalpha, rest)))


def _parts(own_words: Iterable[str | None]) -> Iterator[str]:
    """Each word as a whole and in its pieces: "ann.smith@example.org" also gives ann, smith and example."""
    for word in own_words:
        whole = _fold(word or "")[:LONGEST_WORD].strip()
        for part in (whole, *re.split(r"[\W_]+", whole)):
            if len(part) >= (SHORTEST_WORD if part.isascii() else SHORTEST_WORD - 1):
                yield part


def _fold(text: str) -> str:
    """For comparing only, so that é in one code point or two, and Å in any case, are one; never for hashing."""
    return unicodedata.normalize("NFKC", text).casefold()
