"""Texts for people, translated when they are shown and not when they are written.

`text("Log in")` marks a sentence for extraction (Babel keyword `text`) and stays a plain object until
`str()` is asked of it, inside a request whose language is known.
"""

from __future__ import annotations

import gettext
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

LOCALE = Path(__file__).parent.parent / "locale"
language: ContextVar[str] = ContextVar("housekey_language", default="en")
"""The language of the one who reads now; set by the web layer and by the mailer."""


class Text:
    """A sentence that is translated at `str()`; named places are filled in afterwards."""

    __slots__ = ("_places", "message")

    def __init__(self, message: str, **places: Any) -> None:
        self.message, self._places = message, places

    def __str__(self) -> str:
        translated = catalogue(language.get()).gettext(self.message)
        return translated.format(**self._places) if self._places else translated

    def __repr__(self) -> str:
        return f"text({self.message!r})"

    def __html__(self) -> str:
        from markupsafe import escape

        return str(escape(str(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and (self.message, self._places) == (other.message, other._places)

    def __hash__(self) -> int:
        return hash(self.message)


def text(message: str, **places: Any) -> Text:
    """Mark a sentence: `text("At least {count} characters.", count=15)`."""
    return Text(message, **places)


@lru_cache(maxsize=32)
def catalogue(code: str) -> gettext.NullTranslations:
    """The catalogue of a language, or one that leaves English as it is."""
    return gettext.translation("housekey", LOCALE, [code], fallback=True)


def languages() -> tuple[str, ...]:
    """The languages that Housekey speaks, English first."""
    found = sorted(path.parent.parent.name for path in LOCALE.glob("*/LC_MESSAGES/housekey.mo"))
    return ("en", *found)
