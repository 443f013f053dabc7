"""Texts for people, translated when they are shown and not when they are written.

`text("Log in")` marks a sentence for extraction and stays a plain object until `str()` is asked of it, inside a request
or a mail whose language is known. Catalogues are gettext's, of the domain `housekey`: a host's own folder is asked
first, ours next, and English is what stands in the code. A catalogue is read when its language is first spoken.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

DOMAIN = "housekey"
LOCALE = Path(__file__).parent.parent / "locale"
ENGLISH = "en"
language: ContextVar[str] = ContextVar("housekey_language", default=ENGLISH)
"""The language of the one who reads now; set by the web layer and by the mailer."""
own_folder: ContextVar[Path | None] = ContextVar("housekey_own_folder", default=None)
"""Where the app that speaks now keeps catalogues of its own."""
_MISFIT = (KeyError, IndexError, ValueError, AttributeError)
"""What `format` raises for places that nothing fills: a slip in a host's catalogue must not become a 500."""


class Text:
    """A sentence that is translated at `str()`; named places are filled in afterwards. With `many` it has a plural,
    chosen by the place `count`."""

    __slots__ = ("_many", "_places", "message")

    def __init__(self, message: str, many: str = "", /, **places: Any) -> None:
        self.message, self._many, self._places = message, many, places

    def __str__(self) -> str:
        if not self._places:
            return self._translated()
        try:
            return self._translated().format(**self._places)
        except _MISFIT:
            return self._in_english().format(**self._places)

    def __html__(self) -> Markup:
        """Escaped, but for places that are markup themselves, such as a `Day`."""
        if not self._places:
            return escape(str(self))
        try:
            return escape(self._translated()).format(**self._places)
        except _MISFIT:
            return escape(self._in_english()).format(**self._places)

    def _translated(self) -> str:
        if not self.message:
            return ""  # gettext would give the head of its catalogue
        spoken = catalogue(language.get(), own_folder.get())
        if not self._many:
            return spoken.gettext(self.message)
        return spoken.ngettext(self.message, self._many, self._places["count"])

    def _in_english(self) -> str:
        return self._many if self._many and self._places["count"] != 1 else self.message

    def __repr__(self) -> str:
        return f"text({self.message!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and (self.message, self._places) == (other.message, other._places)

    def __hash__(self) -> int:
        return hash(self.message)


def text(message: str, **places: Any) -> Text:
    """Mark a sentence: `text("At least {least} characters.", least=15)`."""
    return Text(message, **places)


def plural(one: str, many: str, /, **places: Any) -> Text:
    """Mark a sentence that tells a number: `plural("{count} code is left", "{count} codes are left", count=2)`."""
    return Text(one, many, **places)


@lru_cache(maxsize=64)
def catalogue(code: str, folder: Path | None = None) -> gettext.NullTranslations:
    """The sentences of a language, the host's own before ours; one that has none leaves English as it is."""
    files = [name for place in (folder, LOCALE) if place for name in _files(place, code)]
    first, *others = [_read(name) for name in files] or [gettext.NullTranslations()]
    for other in others:
        first.add_fallback(other)
    return first


def _files(place: Path, code: str) -> Iterator[Path]:
    """`pt-BR` is looked for as pt_BR, and then as pt."""
    whole = code.replace("-", "_")
    for name in dict.fromkeys((whole, whole.partition("_")[0])):
        if (found := place / name / "LC_MESSAGES" / f"{DOMAIN}.mo").is_file():
            yield found


def _read(name: Path) -> gettext.NullTranslations:
    with name.open("rb") as file:
        return gettext.GNUTranslations(file)


def is_spoken(code: str, folder: Path | None = None) -> bool:
    """Whether there are any sentences of a language; English needs none."""
    places = [place for place in (folder, LOCALE) if place]
    return code.partition("-")[0] == ENGLISH or any(next(_files(place, code), None) for place in places)


@contextmanager
def speaking(code: str, folder: Path | None = None) -> Iterator[None]:
    """Texts inside are in this language."""
    tokens = language.set(code), own_folder.set(folder)
    try:
        yield
    finally:
        language.reset(tokens[0])
        own_folder.reset(tokens[1])
