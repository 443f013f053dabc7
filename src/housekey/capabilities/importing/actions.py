"""The verb: bring people in from a file, in batches of which each is one transaction.

It may be interrupted and run again: who is there already is left as he is, and counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from sqlalchemy.exc import DBAPIError, ProgrammingError, StatementError

from housekey.capabilities.importing import writing
from housekey.capabilities.importing.collisions import Seen, Sorted, sort
from housekey.capabilities.importing.faults import LineFault, Report
from housekey.capabilities.importing.people import Judge, Person
from housekey.capabilities.importing.reading import Line
from housekey.capabilities.registration import claims
from housekey.capabilities.registration.actions import ensure_default_role
from housekey.capabilities.roles import actions as roles
from housekey.house import House, Unit
from housekey.store.batches import BATCH, Progress

UNWRITTEN = (StatementError, OverflowError)
"""What ends a batch for a value's sake: errors of the database, of SQLAlchemy before it (an interval that no date
holds), and of SQLite's driver, which knows numbers up to 64 bits."""


def examine(house: House, lines: Iterable[Line], ignored: Collection[str], progress: Progress | None = None) -> Report:
    """What an import would do; writes nothing. What only the database's own rules refuse isn't found out."""
    report = Report()
    for batch in _batches(house, lines, ignored, report):
        with house.read() as connection:
            _note(report, sort(connection, house.store.schema, batch))
        _tell(progress, report)
    return report


def bring_in(house: House, lines: Iterable[Line], ignored: Collection[str], progress: Progress | None = None) -> Report:
    """Import everybody who can be; each batch is one transaction, so what is done stays done."""
    ensure_default_role(house)
    report = Report()
    for batch in _batches(house, lines, ignored, report):
        for done in _written(house, batch):
            _note(report, done)
        _tell(progress, report)
    return report


def bring_in_all(
    house: House, lines: Iterable[Line], ignored: Collection[str], progress: Progress | None = None
) -> Report:
    """Import everybody or nobody: one transaction. For a file in which `examine` has found no fault."""
    ensure_default_role(house)
    report, doing = Report(), list[Person]()

    def write(unit: Unit) -> None:
        for batch in _batches(house, lines, ignored, report):
            doing[:] = batch
            _note(report, _sorted_and_inserted(unit, batch))
            _tell(progress, report)
        if report.faults:
            raise _Faulty

    try:
        with house.write() as unit:
            write(unit)
    except _Faulty:
        return replace(report, imported=0)
    except UNWRITTEN as error:
        if not _is_refusal(error):
            raise
        fault = _refused_by_database(doing[0].line, doing[-1].line, error)
        return replace(report, imported=0, refused=report.refused + 1, faults=[*report.faults, fault])
    return report


class _Faulty(Exception):
    """Rolls everything back."""


def _batches(house: House, lines: Iterable[Line], ignored: Collection[str], report: Report) -> Iterator[list[Person]]:
    """The rows without a fault, many at a time; those with one go into the report at once."""
    judge, seen, rest = Judge(house, _role_names(house), ignored), Seen(), iter(lines)
    while part := list(islice(rest, BATCH)):
        sound = list[Person]()
        for line in part:
            person = judge.person(line)
            report.rows += 1
            if not person.faults:
                writing.fill(house, person)
            if not person.faults:
                seen.claim(person)
            if person.faults:
                report.refuse(person.faults)
            else:
                sound.append(person)
        yield sound


def _role_names(house: House) -> list[str]:
    """The built-in one is made when it is first needed."""
    return [roles.ADMIN, *(role.name for role in roles.all_roles(house))]


def _written(house: House, people: Sequence[Person]) -> Iterator[Sorted]:
    """One transaction; what the database refuses is looked for by halves, so that one bad row costs only itself."""
    if not people:
        return
    try:
        yield house.run(lambda unit: _sorted_and_inserted(unit, people))
    except UNWRITTEN as error:
        if not _is_refusal(error):
            raise
        if len(people) == 1:
            people[0].faults.append(_refused_by_database(people[0].line, people[0].line, error))
            yield Sorted(refused=list(people))
            return
        half = len(people) // 2
        yield from _written(house, people[:half])
        yield from _written(house, people[half:])


def _sorted_and_inserted(unit: Unit, people: Sequence[Person]) -> Sorted:
    connection = unit.session.connection(bind_arguments=unit.house.store.bind_arguments)
    found = sort(connection, unit.schema, people)
    if found.new:
        writing.insert(unit, found.new)
    return found


def _note(report: Report, done: Sorted) -> None:
    report.imported += len(done.new)
    report.already_there += len(done.there)
    for person in done.new:
        report.warnings += person.warnings
    for person in done.refused:
        report.refuse(person.faults)


def _tell(progress: Progress | None, report: Report) -> None:
    if progress is not None:
        progress(report.rows, report.rows)


def _is_refusal(error: Exception) -> bool:
    """Whether nothing is wrong but a value: the database refuses it, or its driver can't even send it."""
    if not isinstance(error, DBAPIError):
        return True
    never_sent = isinstance(error, ProgrammingError) and getattr(error.orig, "sqlstate", None) is None
    number = next(iter(getattr(error.orig, "args", ())), None)
    return claims.is_refusal(error) or (never_sent and not isinstance(number, int))


def _refused_by_database(first: int, last: int, error: Exception) -> LineFault:
    """Its first line only: the next ones may show the whole row."""
    reason = str(getattr(error, "orig", None) or error).partition("\n")[0][: writing.LONGEST_REASON]
    where = "this row" if first == last else f"a row of lines {first} to {last}"
    cure = "Correct the value that breaks the rule, or leave the row out."
    return LineFault(first, "", "refused_by_database", f"The database refuses {where}: {reason}", cure)
