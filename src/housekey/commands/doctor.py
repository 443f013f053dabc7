"""`flask housekey doctor`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError

from housekey.commands.diagnosis import database, geo, hashing, languages, mail, site, webhooks
from housekey.commands.diagnosis.finding import FAIL, Finding, Level
from housekey.commands.options import json_option
from housekey.commands.terminal import as_json, say, say_wrapped
from housekey.house import House
from housekey.web.here import here

COLOURS: dict[Level, str] = {"ok": "green", "warn": "yellow", "fail": "red"}


CURE = " " * 6


@click.command("doctor")
@click.option(
    "--threads",
    type=click.IntRange(1),
    help="Threads of one worker of your server, to judge the hash pool by. Default: what GUNICORN_CMD_ARGS says, or 8.",
)
@json_option
@with_appcontext
def doctor(threads: int | None, in_json: bool) -> None:
    """Whether this app is set up safely and well. Each line is ok, warn or fail, and says the cure.

    The exit code is 1 if a line fails. Run it with the settings and the environment of the real server.
    """
    found = list(examine(here.house, threads))
    if in_json:
        as_json([{"level": f.level, "subject": f.subject, "finding": f.text, "cure": f.cure or None} for f in found])
    else:
        _report(found)
    if any(finding.level == FAIL for finding in found):
        sys.exit(1)


def examine(house: House, threads: int | None) -> Iterator[Finding]:
    """Everything, in the order in which one would put it right."""
    yield from site.examine(current_app._get_current_object(), house)  # type: ignore[attr-defined]
    yield from languages.examine(current_app._get_current_object(), house)  # type: ignore[attr-defined]
    yield from mail.examine(house)
    yield from geo.examine(house)
    yield from webhooks.examine(house)
    yield from hashing.examine(house, threads)
    try:
        yield from database.examine(house)
    except DBAPIError as error:
        yield Finding(
            FAIL,
            "database",
            f"doesn't answer: {error.orig}",
            "Check SQLALCHEMY_DATABASE_URI, that the server runs, and what the database user may do.",
        )


def _report(found: list[Finding]) -> None:
    for finding in found:
        level = click.style(finding.level.ljust(4), fg=COLOURS[finding.level])
        say(f"  {finding.subject} {finding.text}", before=level)
        if finding.cure:
            say_wrapped(finding.cure, CURE)
    counts = Counter(finding.level for finding in found)
    say(", ".join(f"{counts[level]} {level}" for level in COLOURS))
