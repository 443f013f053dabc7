"""Whether people are spoken to in the languages that the site offers."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask

from housekey.commands.diagnosis.finding import FAIL, OK, WARN, Finding
from housekey.errors import ConfigurationError
from housekey.house import House
from housekey.kernel.texts import is_spoken
from housekey.web.readers import check_folder, folder_of
from housekey.web.settings import HouseSettings

SUBJECT = "HOUSEKEY_LANGUAGES"


def examine(app: Flask, house: House) -> Iterator[Finding]:
    """A language without a catalogue is offered and then answered in English."""
    settings = house.settings[HouseSettings]
    try:
        check_folder(app, settings)
    except ConfigurationError as error:
        yield Finding(FAIL, SUBJECT, f"can't all be looked up: {error}")
        return
    silent = [code for code in settings.languages if not is_spoken(code, folder_of(app, settings))]
    if silent:
        about = f"offers {', '.join(silent)}, and Housekey has no sentences in {'it' if len(silent) == 1 else 'them'}."
        yield Finding(WARN, SUBJECT, about, "See “Languages” in the docs; until then these people read English.")
    else:
        yield Finding(OK, SUBJECT, f"is {', '.join(settings.languages) or 'English'}.")
