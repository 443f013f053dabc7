"""The templates of mails: `housekey/<capability>/mails/<name>.txt` and `.html`, which a host may replace.

Each is rendered for its reader and not for whoever caused it: of the request nothing goes in but the language of
somebody who reads it and has said none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Flask

from housekey.house import House
from housekey.kernel.dates import time_text
from housekey.kernel.mail import Letter, LetterRenderer, Reader, Rendered
from housekey.kernel.texts import speaking
from housekey.web.answers import translate, translate_many
from housekey.web.links import absolute_url, site_address
from housekey.web.readers import RTL, first_language, folder_of
from housekey.web.settings import HouseSettings


class TemplateRenderer(LetterRenderer):
    """Renders the letters of one app."""

    def __init__(self, app: Flask, house: House) -> None:
        self._app, self._house = app, house

    @property
    def _settings(self) -> HouseSettings:
        return self._house.settings[HouseSettings]

    def render(self, letter: Letter, reader: Reader) -> Rendered:
        """Subject, text and HTML, in the reader's language."""
        with speaking(reader.language, folder_of(self._app, self._settings)):
            context = {**letter.facts, **self._context(reader)}
            return Rendered(
                subject=self._rendered(f"{letter.template}.txt", {**context, "part": "subject"}).strip(),
                text=self._rendered(f"{letter.template}.txt", {**context, "part": "text"}).strip() + "\n",
                html=self._rendered(f"{letter.template}.html", context),
            )

    def _rendered(self, template: str, context: Mapping[str, Any]) -> str:
        return self._app.jinja_env.get_template(template).render(context)

    def _context(self, reader: Reader) -> dict[str, Any]:
        """What every mail template finds, besides the letter's own facts."""
        return {
            "t": translate,
            "tn": translate_many,
            "link": self._link,
            "url_for": self._link,  # Flask's own would build on the request's Host
            "when": lambda moment: str(time_text(moment, reader.time_zone)),
            "site_name": self._site_name,
            "site_address": site_address(self._app, self._settings),
            "language": reader.language,
            "direction": "rtl" if reader.language.split("-")[0] in RTL else "ltr",
        }

    def _link(self, endpoint: str, **values: Any) -> str:
        """`link("reset", token=token)`: the whole address of a page of ours; with a dot, of one of the host's."""
        name = endpoint if "." in endpoint else f"housekey.{endpoint}"
        return absolute_url(self._app, self._settings, name, **values)

    @property
    def _site_name(self) -> str:
        return self._settings.site_name or self._app.name

    def default_sender(self) -> str:
        host = urlsplit(site_address(self._app, self._settings)).hostname
        name = "".join(c for c in self._site_name if c not in '<>"')
        return f"{name} <no-reply@{host}>"

    def language(self, *wishes: str | None) -> str:
        offered = self._settings.languages
        return next((wish for wish in wishes if wish in offered), first_language(self._settings))
