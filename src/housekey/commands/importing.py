"""`flask housekey users import`."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import click
from flask.cli import with_appcontext

from housekey.capabilities.importing import actions, reading
from housekey.capabilities.importing.columns import known_columns, no_header, taken, unknown_column
from housekey.capabilities.importing.faults import LineFault, Report, UnreadableFile
from housekey.commands.options import PLAIN, json_option, stdin_bytes
from housekey.commands.progress import progress_bar
from housekey.commands.terminal import as_json, say
from housekey.web.here import here

KINDS: dict[str, reading.Kind] = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
SHOWN = 100
"""Lines that are told on a terminal; --json tells all."""
CHUNK = 1024 * 1024


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "--format", "kind", type=click.Choice(["csv", "jsonl"]), help="Default: as the file's name or content says."
)
@click.option("--dry-run", is_flag=True, help="Say what would happen, and write nothing.")
@click.option("--strict", is_flag=True, help="Import nobody if anything is wrong.")
@click.option("--ignore", "ignored", type=PLAIN, multiple=True, metavar="COLUMN", help="A column to leave out.")
@json_option
@with_appcontext
@click.pass_context
def import_users(
    ctx: click.Context, file: str, kind: reading.Kind | None, dry_run: bool, strict: bool,
    ignored: tuple[str, ...], in_json: bool,
) -> None:  # fmt: skip
    """Bring users in from FILE, CSV or JSON lines; - is stdin. Begin with --dry-run.

    Columns: email, username, name, password_hash, password_format, email_verified, roles, disabled, and those of your
    User. A row with a fault is left out and told; whoever has an account already is left as is, so that the command may
    be interrupted and run again. Exit code 1 if any row was left out.
    """
    kind = kind or KINDS.get(Path(file).suffix.lower())
    with _opened(file) as stream:
        try:
            report = _report(stream, kind, frozenset(ignored), dry_run=dry_run, strict=strict)
        except UnreadableFile as unreadable:
            report = Report(faults=list(unreadable.faults))
    if in_json:
        as_json({"dry_run": dry_run, **asdict(report)})
    else:
        _tell(report, dry_run)
    ctx.exit(1 if report.faults else 0)


@contextmanager
def _opened(file: str) -> Iterator[IO[bytes]]:
    """Stdin is kept in memory, never in a file of ours: it holds hashes."""
    if file == "-":
        yield io.BytesIO(stdin_bytes())
        return
    with Path(file).open("rb") as stream:
        yield stream


def _report(
    stream: IO[bytes], kind: reading.Kind | None, ignored: frozenset[str], *, dry_run: bool, strict: bool
) -> Report:
    total = _lines_in(stream)
    _check_columns(stream, kind, ignored)
    if dry_run or strict:
        report = _run(actions.examine, stream, kind, ignored, total, "Examining")
        if dry_run or report.faults:
            return report if dry_run else Report(rows=report.rows, refused=report.refused, faults=report.faults)
    verb = actions.bring_in_all if strict else actions.bring_in
    return _run(verb, stream, kind, ignored, total, "Importing")


def _run(
    verb: Any, stream: IO[bytes], kind: reading.Kind | None, ignored: frozenset[str], total: int, label: str
) -> Report:
    stream.seek(0)
    with progress_bar(label) as progress:
        report: Report = verb(
            here.house, reading.read(stream, kind), ignored, lambda done, _: progress(done, max(done, total))
        )
    return report


def _lines_in(stream: IO[bytes]) -> int:
    """About as many rows as there are; for the progress bar."""
    return sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(CHUNK), b""))


def _check_columns(stream: IO[bytes], kind: reading.Kind | None, ignored: frozenset[str]) -> None:
    """A column of a CSV file that nothing takes would be told once for each row: it stops the import before the first.
    Raises `UnreadableFile`."""
    known, names = known_columns(here.house), reading.header(stream, kind)
    unknown = [name for name in names if name not in taken(known) | ignored]
    if unknown and len(unknown) == len(names):
        raise UnreadableFile(no_header(known))
    if unknown:
        raise UnreadableFile(*(unknown_column(here.house, 1, name, known) for name in unknown))


def _tell(report: Report, dry_run: bool) -> None:
    _tell_lines(report.faults, "")
    _tell_lines(report.warnings, "warning: ")
    imported = "To be imported" if dry_run else "Imported"
    say(
        f"{imported}: {report.imported}. There already: {report.already_there}. Left out: {report.refused}."
        f" Rows: {report.rows}."
    )


def _tell_lines(faults: list[LineFault], before: str) -> None:
    for fault in sorted(faults, key=lambda fault: fault.line)[:SHOWN]:
        where = f"line {fault.line}" + (f", {fault.column}" if fault.column else "")
        say(f"{before}{where}: {fault.text} {fault.cure}")
    if len(faults) > SHOWN:
        say(f"… and {len(faults) - SHOWN} more. --json shows all.")
