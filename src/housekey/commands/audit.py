"""`flask housekey audit`."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
from flask.cli import AppGroup

from housekey.capabilities.audit import kept_ends, reading, verifying
from housekey.capabilities.audit.kept_ends import Ends
from housekey.capabilities.audit.reading import Filter, Recorded
from housekey.capabilities.audit.sentences import known_events, sentence
from housekey.capabilities.audit.verifying import Verdict
from housekey.commands.options import PLAIN, find_user, id_option, json_option, limit_option, tell_if_cut
from housekey.commands.progress import progress_bar
from housekey.commands.terminal import as_json, say, shown, table
from housekey.kernel import clock, devices
from housekey.settings import duration
from housekey.web.here import here

audit = AppGroup("audit", help="What happened: the audit log.")
COLUMNS = (
    "at", "event", "owasp", "outcome", "reason", "actor_kind", "actor", "subject", "session", "address", "user_agent",
    "details", "personal", "segment", "position",
)  # fmt: skip
"""Of an export. Their names and order are a promise: new ones come last."""
FORMULA = re.compile(r"(^|;)(?=[\s\"']*[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""A spreadsheet takes a cell that begins so for a formula, and runs it (OWASP, CSV Injection); some take the wide signs
of East Asia. Where numbers have decimal commas, a cell begins behind each semicolon, quoted or not."""


if TYPE_CHECKING:
    MomentType = click.ParamType[datetime]
    EndsType = click.ParamType[Ends]
else:
    MomentType = EndsType = click.ParamType  # takes no argument before click 8.5


class Moment(MomentType):
    """A day or a time, in UTC if it names no zone, or how long ago: 2026-11-01, 2026-11-01T12:00, 7d, 12h."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            pass
        try:
            return clock.now() - duration(value)
        except (ValueError, OverflowError):
            self.fail("Give a day or a time, such as 2026-11-01 or 2026-11-01T12:00, or how long ago: 7d, 12h.")


def filtered(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options by which both commands choose."""
    options = [
        click.option("--user", type=PLAIN, help="On whose account it happened, or who did it: an address or username."),
        id_option,
        click.option("--event", type=PLAIN, help="Only this event, such as LoginRefused."),
        click.option("--outcome", type=click.Choice(["success", "failure"]), help="Only what ended so."),
        click.option("--address", type=PLAIN, help="Only from this address."),
        click.option("--since", type=Moment(), help="Not before: a day, a time, or how long ago (7d)."),
        click.option("--until", type=Moment(), help="Before this day or time."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _filter(user: str | None, by_id: bool, event: str | None, **about: Any) -> Filter:
    if event is not None and event not in known_events():
        raise click.BadParameter(f"There is no event {shown(event)}.", param_hint="--event")
    # A key is taken as it is: the user may be gone, and the entries are there still.
    key = user if by_id or user is None else find_user(here.house, user, False).key
    return Filter(user=key, event=event, **about)


@audit.command("list")
@filtered
@limit_option
@json_option
def list_entries(limit: int, in_json: bool, **about: Any) -> None:
    """What happened, the latest first. Times are UTC."""
    found = reading.read(here.house, _filter(**about), limit)
    tell_if_cut(found, limit)
    if in_json:
        as_json([members(entry) for entry in found])
        return
    rows = [(e.at, sentence(e), e.outcome, e.reason, e.subject, _actor(e), e.address, _device(e)) for e in found]
    headers = ("Time", "What", "Outcome", "Reason", "User", "By", "Address", "Device")
    table(headers, rows, empty="Nothing on record.")


def _actor(entry: Recorded) -> str:
    if entry.actor_kind == "operator":
        return f"operator {entry.personal.get('operator', '')}".rstrip()
    return entry.actor or entry.actor_kind


def _device(entry: Recorded) -> str | None:
    """What a command did came from no device."""
    return devices.describe(entry.user_agent).name if entry.address or entry.user_agent else None


def members(entry: Recorded) -> dict[str, Any]:
    """One entry, by the columns of an export."""
    beside = {name: value for name, value in entry.personal.items() if name not in ("address", "user_agent")}
    values = {name: getattr(entry, name) for name in COLUMNS if name != "personal"}
    return {name: (beside if name == "personal" else values[name]) for name in COLUMNS} | {
        "user_agent": entry.user_agent or None
    }


@audit.command("export")
@filtered
@click.option(
    "--format",
    "kind",
    type=click.Choice(["jsonl", "csv"]),
    default="jsonl",
    show_default=True,
    help="JSON lines, or CSV for a spreadsheet.",
)
def export(kind: str, **about: Any) -> None:
    """Everything that fits, the oldest first: one JSON object a line, or CSV for a spreadsheet."""
    line = _json_line if kind == "jsonl" else _csv_line
    if kind == "csv":
        click.echo(_csv(COLUMNS), nl=False)
    for entry in reading.read_all(here.house, _filter(**about)):
        click.echo(line(members(entry)), nl=False)


def _json_line(values: dict[str, Any]) -> str:
    """In ASCII: no line end and no control character of whoever sent one gets into the line (flaw 60)."""
    return json.dumps(values, ensure_ascii=True, default=_text) + "\n"


def _csv_line(values: dict[str, Any]) -> str:
    return _csv([_cell(value) for value in values.values()])


def _csv(cells: Any) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def _cell(value: Any) -> str:
    """A text that no spreadsheet runs, in one line."""
    text = "" if value is None else _text(value) if not isinstance(value, dict) else json.dumps(value)
    return FORMULA.sub(r"\1'", shown(text))


def _text(value: Any) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)


class KeptEnds(EndsType):
    """What `verify --json` has told on an earlier day, from a file."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Ends:
        try:
            with click.open_file(value, encoding="utf-8") as file:
                return kept_ends.read(file.read())
        except (OSError, ValueError) as error:
            self.fail(f"{value}: {error.strerror if isinstance(error, OSError) else error}.", param, ctx)


@audit.command("verify")
@click.option(
    "--ends", "kept", type=KeptEnds(), help="What --json told on an earlier day: its ends must still be there."
)
@json_option
@click.pass_context
def verify(context: click.Context, kept: Ends | None, in_json: bool) -> None:
    """Look whether anybody without the key has changed the log, and where. Exit code 1 if so. Keep what --json tells
    elsewhere, and give it as --ends, to find a log that was put back, or cut off with an older end."""
    with progress_bar("Verifying") as progress:
        verdict = verifying.verify(here.house, progress, kept)
    (_tell_json if in_json else _tell)(verdict)
    context.exit(0 if verdict.good else 1)


def _tell_json(verdict: Verdict) -> None:
    problems = [{"segment": p.segment, "position": p.position, "text": p.text} for p in verdict.problems]
    as_json(
        {
            "good": verdict.good,
            "entries": verdict.entries,
            "segments": verdict.segments,
            "erased": verdict.erased,
            "swept": verdict.swept,
            "problems": problems,
            "ends": {str(number): end for number, end in verdict.ends.items()},
        }
    )


def _tell(verdict: Verdict) -> None:
    kept = verdict.segments - verdict.swept
    say(f"Entries: {verdict.entries} in {kept} segments; given up after their time: {verdict.swept} segments.")
    if verdict.erased:
        say(f"Without their personal part, which was erased: {verdict.erased}")
    for problem in verdict.problems:
        say(str(problem))
    say("Nobody has changed the log." if verdict.good else f"Problems: {len(verdict.problems)}")
