"""Every secret that an app makes or is told while a test drives it, and all that is logged meanwhile.

seen = Secrets(app)                       # its clients from now on tell what they send and get
with everything_logged() as lines: …
seen.found_in(lines)                      # which of them stand there, in whatever spelling
"""

from __future__ import annotations

import base64
import io
import json
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from housekey.logs import JsonFormatter
from housekey.testing.mailbox import Mailbox
from rig.mailed import CODE
from rig.people import house_of

SECRET_FIELDS = frozenset({"password", "current", "new", "token", "code"})
FORM_TOKEN = re.compile(r'name="_csrf" value="([^"]+)"|name="csrf-token" content="([^"]+)"')
LINK_TOKEN = re.compile(r"[?&]token=([\w-]+)")
CODE_ON_A_PAGE = re.compile(r"<code[^>]*>([^<]+)</code>")
"""The key of an authenticator app, recovery codes."""
SHOWN_AS_JSON = frozenset({"secret", "uri", "challenge", "codes", "recovery_codes"})
SHORTEST = 8
"""Characters: a shorter text stands in a log by chance."""
OF_THE_MAIL_SERVER = ("mail.log", "mail.debug")
"""The other end of the line, which reads the mails."""
DIGESTS = {
    "sessions": ["token"], "attempts": ["token"], "devices": ["token"], "links": ["token", "asker", "code"],
    "passwords": ["hash"], "authenticator_apps": ["seed"], "recovery_codes": ["digest"], "recovery_code_sets": ["salt"],
    "trusted_devices": ["token"], "kept_forms": ["form"], "outbox": ["body"],
}  # fmt: skip


class Secrets:
    """All secrets of one app, each with a word for what it is."""

    def __init__(self, app: Flask, **given: str) -> None:
        self._app = app
        self.kinds: dict[str, str] = {}
        self.note("SECRET_KEY", str(app.secret_key))
        for kind, value in given.items():
            self.note(kind, value)
        app.test_client_class = client_of(self)

    def note(self, kind: str, value: str) -> None:
        if len(value) >= SHORTEST:
            self.kinds[value] = kind

    def sent(self, fields: Any) -> None:
        for name, value in (fields or {}).items():
            if name in SECRET_FIELDS and isinstance(value, str):
                self.note(f"typed {name}", value)
                for quote in "'\"":  # six digits alone stand in a log by chance
                    self.note(f"typed {name}", f"{quote}{value}{quote}")
            if name == "credential":
                self.signed(json.loads(value) if isinstance(value, str) else value)

    def signed(self, credential: Any) -> None:
        """What a passkey has said: a second time it is worth nothing, and still nobody has to read it."""
        for name in ("clientDataJSON", "signature", "authenticatorData", "attestationObject"):
            self.note(f"passkey's {name}", credential["response"].get(name, ""))

    def got(self, response: TestResponse) -> None:
        for line in response.headers.getlist("Set-Cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.note(f"cookie {name}", morsel.value)
                self.note(f"cookie {name}", morsel.value.rpartition(".")[2])
        if response.mimetype == "text/html":
            for found in FORM_TOKEN.finditer(response.text):
                self.note("form token", found[1] or found[2])
            for code in CODE_ON_A_PAGE.findall(response.text):
                self.shown("on a page", code)
        elif response.is_json:
            for name in SHOWN_AS_JSON & set(response.get_json() if isinstance(response.get_json(), dict) else ()):
                self.shown(name, response.get_json()[name])

    def shown(self, kind: str, value: Any) -> None:
        """A text, or several; also as it is typed in one piece."""
        for text in [value] if isinstance(value, str) else value if isinstance(value, list) else ():
            self.note(kind, text)
            self.note(kind, text.replace("-", "").replace(" ", ""))

    def look_into(self) -> None:
        """What the mails say, and what lies in the database by now."""
        for mail in Mailbox(self._app).messages:
            for token in LINK_TOKEN.findall(mail.text):
                self.note("link token", token)
            for code in CODE.findall(mail.text):
                self.note("mailed code", code)
                self.note("mailed code", code.replace("-", ""))
        house = house_of(self._app)
        with self._app.app_context(), house.read() as connection:
            for table, columns in DIGESTS.items():
                for column in columns:
                    for value in connection.scalars(sa.select(house.store.tables[table].c[column])):
                        for spelling in spellings(value):
                            self.note(f"stored {table}.{column}", spelling)

    def found_in(self, text: str) -> dict[str, str]:
        """Those that stand in it, with the line."""
        return {
            f"{kind}: {secret}": next(line for line in text.splitlines() if secret in line)
            for secret, kind in self.kinds.items()
            if secret in text
        }


def spellings(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif value is not None:
        yield from (value.hex(), value.hex().upper(), base64.b64encode(value).decode(), repr(value)[2:-1])
        yield base64.urlsafe_b64encode(value).decode().rstrip("=")


def client_of(secrets: Secrets) -> type[FlaskClient]:
    class Watched(FlaskClient):
        def open(self, *arguments: Any, **options: Any) -> TestResponse:
            secrets.sent(options.get("json"))
            secrets.sent(options.get("data"))
            response = super().open(*arguments, **options)
            secrets.got(response)
            return response

    return Watched


class Kept(logging.Handler):
    """Every record in two spellings: for people, and as JSON."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines = io.StringIO()
        self.names: set[str] = set()
        self._spellings = (logging.Formatter("%(name)s %(message)s %(args)r"), JsonFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        if record.name in OF_THE_MAIL_SERVER:
            return
        self.names.add(record.name)
        for formatter in self._spellings:
            self.lines.write(formatter.format(record) + "\n")

    @property
    def text(self) -> str:
        return self.lines.getvalue()

    @property
    def events(self) -> set[str]:
        """The names of the events that were told."""
        found = (json.loads(line) for line in self.text.splitlines() if line.startswith("{"))
        return {line["event"] for line in found if line["logger"] == "housekey.events"}


@contextmanager
def everything_logged() -> Iterator[Kept]:
    """All loggers at DEBUG; SQLAlchemy's engine at INFO, for at DEBUG it writes every row that it reads."""
    root, engine, kept = logging.getLogger(), logging.getLogger("sqlalchemy.engine"), Kept()
    levels = root.level, engine.level
    root.addHandler(kept)
    root.setLevel(logging.DEBUG)
    engine.setLevel(logging.INFO)
    try:
        yield kept
    finally:
        root.removeHandler(kept)
        root.setLevel(levels[0])
        engine.setLevel(levels[1])
