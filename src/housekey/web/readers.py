"""In which language the one who reads now is spoken to: the account's own, else what the browser asks for."""

from __future__ import annotations

from flask import request

from housekey.kernel.texts import language
from housekey.web.here import here

ENGLISH = "en"


def speak_as_browser_asks() -> None:
    """Before a page of ours, as long as nobody knows who is there."""
    offered = here.settings.languages
    language.set(request.accept_languages.best_match(offered) or next(iter(offered), ENGLISH))


def speak_as_account_asks(wish: str | None) -> None:
    """Once it is known who reads. A language that the site no longer offers isn't spoken."""
    if wish is not None and wish in here.settings.languages:
        language.set(wish)


def be_silent() -> None:
    """After a request: its thread serves another reader next."""
    language.set(ENGLISH)
