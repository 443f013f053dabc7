"""In which language the one who reads now is spoken to: the account's own, else what the browser asks for."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, current_app, request

from housekey.errors import ConfigurationError
from housekey.kernel.texts import ENGLISH, language, own_folder
from housekey.web.here import asked_so_far, here
from housekey.web.settings import HouseSettings

OURS = "housekey"
RTL = ("ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi")


def folder_of(app: Flask, settings: HouseSettings) -> Path | None:
    """Where a host keeps catalogues of its own; a relative path begins at its app."""
    return Path(app.root_path, settings.locale_folder) if settings.locale_folder else None


def check_folder(app: Flask, settings: HouseSettings) -> None:
    """A folder that isn't there would leave everybody with English, in silence. Raises `ConfigurationError`."""
    folder = folder_of(app, settings)
    if folder is not None and not folder.is_dir():
        raise ConfigurationError(
            f"HOUSEKEY_LOCALE_FOLDER: there is no folder {folder}. Make it, with de/LC_MESSAGES/housekey.mo in it for "
            "German, or remove the setting."
        )


def first_language(settings: HouseSettings) -> str:
    """Of whoever has said nothing that the site speaks."""
    return next(iter(settings.languages), ENGLISH)


def speak_as_browser_asks() -> None:
    """Before a page of ours, as long as nobody knows who is there."""
    settings = here.settings
    own_folder.set(folder_of(current_app, settings))
    language.set(request.accept_languages.best_match(settings.languages) or first_language(settings))


def speak_as_account_asks(wish: str | None) -> None:
    """Once it is known who reads. A language that the site no longer offers isn't spoken."""
    if wish is not None and wish in here.settings.languages:
        own_folder.set(folder_of(current_app, here.settings))
        language.set(wish)


def speak_outside_our_pages() -> None:
    """Before an answer of ours in a host's view, or where there is no view: nobody has looked at the browser yet."""
    if request.blueprint is not None and request.blueprint.partition(".")[0] == OURS:
        return
    speak_as_browser_asks()
    found = asked_so_far()
    if found is not None and found.record is not None:
        speak_as_account_asks(found.record.language)


def be_silent() -> None:
    """After a request: its thread serves another reader next."""
    language.set(ENGLISH)
    own_folder.set(None)
