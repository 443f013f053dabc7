"""The lines of a file, CSV (RFC 4180) or JSON lines, each with its number. What can't be read is told, not guessed."""

from __future__ import annotations

import codecs
import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any, Literal

from housekey.capabilities.importing.faults import LineFault, UnreadableFile

Kind = Literal["csv", "jsonl"]
LONGEST_LINE = 1024 * 1024
"""Bytes: far above any profile, far below what would fill the memory."""
LONGEST_FIELD = 128 * 1024
"""Characters of one CSV field; a quote that is never closed ends here."""
DELIMITERS = ",;\t"
"""Spreadsheets of some countries write semicolons."""
SNIFFED = 1024
"""Bytes in which the first character that isn't blank is looked for."""
WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
LINES_CURE = "Save the file as “CSV UTF-8” (“CSV Macintosh” ends lines so), or convert it: tr '\\r' '\\n' < FILE."
ENCODING_CURE = "Save the file as UTF-8, or convert it: iconv -f WINDOWS-1252 -t UTF-8 FILE."


@dataclass(frozen=True)
class Line:
    """A row as it stands in the file. `values` are texts in CSV, anything in JSON."""

    number: int
    values: dict[str, Any] = field(repr=False)
    faults: list[LineFault] = field(default_factory=list)


def read(file: IO[bytes], kind: Kind | None) -> Iterator[Line]:
    """Every row. Raises `UnreadableFile`. `kind` None: what begins with a brace is JSON lines."""
    return _csv(file) if _kind_of(file, kind) == "csv" else _json_lines(file)


def header(file: IO[bytes], kind: Kind | None) -> list[str]:
    """The columns that a CSV file names; nothing for JSON lines. Raises `UnreadableFile`."""
    return _opened(file)[0] if _kind_of(file, kind) == "csv" else []


def _kind_of(file: IO[bytes], kind: Kind | None) -> Kind:
    file.seek(0)
    start = file.read(SNIFFED)
    file.seek(0)
    if start.startswith(WIDE_MARKS):
        raise UnreadableFile(LineFault(1, "", "not_utf8", "This file is UTF-16.", ENCODING_CURE))
    if kind is not None:
        return kind
    return "jsonl" if start.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{") else "csv"


def _lines(file: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """Number and content; None for a line that is too long, which is skipped to its end."""
    number = 0
    while raw := file.readline(LONGEST_LINE + 1):
        number += 1
        is_short = len(raw) <= LONGEST_LINE
        while not raw.endswith(b"\n") and (rest := file.readline(LONGEST_LINE)):
            raw = rest
        yield number, (raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw) if is_short else None


def _opened(file: IO[bytes]) -> tuple[list[str], Any]:
    """The header, and the reader of what follows."""
    csv.field_size_limit(LONGEST_FIELD)
    texts = _texts(file)
    first = next(texts, "")
    if "\r" in first.rstrip("\r\n") and '"' not in first:
        raise UnreadableFile(LineFault(1, "", "broken_csv", "The lines of this file end in CR alone.", LINES_CURE))
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(_again(first, texts), delimiter=delimiter, strict=True)
    return _header(reader), reader


def _csv(file: IO[bytes]) -> Iterator[Line]:
    names, reader = _opened(file)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield Line(number, {}, [_broken(number, reader.line_num, error)])
            continue
        if cells is None:
            return
        if cells:
            yield _row(number, names, cells)


def _texts(file: IO[bytes]) -> Iterator[str]:
    """What is no UTF-8 stays in it as surrogates, so that its row can be told by its number."""
    for number, raw in _lines(file):
        if raw is None:
            raise UnreadableFile(_too_long(number))
        yield raw.decode("utf-8", "surrogateescape")


def _again(first: str, rest: Iterable[str]) -> Iterator[str]:
    yield first
    yield from rest


def _header(reader: Any) -> list[str]:
    try:
        header = [cell.strip() for cell in next(reader, [])]
    except csv.Error as error:
        raise UnreadableFile(_broken(1, reader.line_num, error)) from None
    if not any(header):
        cure = "Put the columns' names there, such as email,username,name,password_hash."
        raise UnreadableFile(LineFault(1, "", "no_header", "The first line names no columns.", cure))
    if twice := [name for name, times in Counter(header).items() if times > 1 or not name]:
        text = "A column's name is empty, or stands there twice."
        raise UnreadableFile(LineFault(1, twice[0], "bad_header", text, "Give each column a name of its own."))
    return header


def _row(number: int, header: list[str], cells: list[str]) -> Line:
    if len(cells) != len(header):
        text = f"This row has {len(cells)} cells, the first line has {len(header)}."
        cure = 'Put quotes around a cell that holds a comma or a line break, and write a quote in it twice ("").'
        return Line(number, {}, [LineFault(number, "", "wrong_cells", text, cure)])
    return Line(number, dict(zip(header, cells, strict=True)))


def _broken(first: int, last: int, error: csv.Error) -> LineFault:
    lines = f"Lines {first} to {last} were not read" if last > first else "This line was not read"
    cure = (
        "Close every quote, and write a quote inside a cell twice."
        if "limit" not in str(error)
        else (f"A cell has more than {LONGEST_FIELD} characters: shorten it, or close the quote that opens it.")
    )
    return LineFault(first, "", "broken_csv", f"{lines}: {error}.", cure)


def _too_long(number: int) -> LineFault:
    text = f"This line has more than {LONGEST_LINE} bytes."
    return LineFault(number, "", "too_long", text, "Is this the right file? One user stands on one line.")


def _json_lines(file: IO[bytes]) -> Iterator[Line]:
    for number, raw in _lines(file):
        if raw is None:
            yield Line(number, {}, [_too_long(number)])
        elif raw.strip():
            yield _json_line(number, raw)


def _json_line(number: int, raw: bytes) -> Line:
    try:
        text = raw.decode("utf-8")
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except UnicodeDecodeError:
        return Line(number, {}, [LineFault(number, "", "not_utf8", "This line is not UTF-8.", ENCODING_CURE)])
    except (ValueError, RecursionError) as error:
        why = _why(error)
        fault = LineFault(number, "", "broken_json", f"This line is no JSON object: {why}.", "One object on each line.")
        return Line(number, {}, [fault])
    if not isinstance(found, dict):
        fault = LineFault(number, "", "broken_json", "This line is no JSON object.", "One object on each line.")
        return Line(number, {}, [fault])
    return Line(number, found)


def _why(error: Exception) -> str:
    """Never what stands there: it may be a hash."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos + 1}"
    return str(error) if isinstance(error, _Twice) else "it is nested too deep, or holds too large a number"


class _Twice(ValueError):
    """A name stands twice in an object: readers would differ in which one counts."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Twice("a name stands there twice")
    return found


def _no_number(constant: str) -> None:
    raise _Twice(f"{constant} is no JSON")
