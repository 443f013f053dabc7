"""What the mails of a test's app hold."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask

from housekey.commands import cli
from housekey.testing.mailbox import Mailbox

CODE = re.compile(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b")
OURS = {"Sec-Fetch-Site": "same-origin"}
"""What a browser says of a form on a page of ours."""


def token_in(app: Flask, to: str) -> str:
    """The token of the link in the latest mail to an address."""
    return parse_qs(urlsplit(Mailbox(app).last_link(to=to)).query)["token"][0]


def code_in(app: Flask, to: str) -> str:
    """The code in it."""
    found = CODE.search(Mailbox(app).last(to=to).text)
    assert found, "the mail holds no code"
    return found[0]


def operator(app: Flask, *words: str) -> Any:
    """`flask housekey …`."""
    return app.test_cli_runner().invoke(cli, words)
