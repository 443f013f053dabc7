"""Errors as an operator reads them: one message with the cure on stderr, and exit code 1."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from housekey.commands.terminal import shown
from housekey.errors import Fault, HousekeyError, InvalidInput

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def told() -> Iterator[None]:
    """Errors of ours, those of the database, and a full disk end the command without a traceback."""
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except InvalidInput as error:
        raise click.ClickException(faults(error)) from None
    except HousekeyError as error:
        raise click.ClickException(shown(str(error))) from None
    except DBAPIError as error:
        # Never the statement and its parameters, which may hold a hash.
        raise click.ClickException(f"The database refused: {shown(str(error.orig))}\n{_where_to_look()}") from None
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        _give_up_stdout()
        raise click.ClickException("No room is left where the output goes: it ends in the middle.") from None


def _where_to_look() -> str:
    context = click.get_current_context(silent=True)
    if context is not None and context.invoked_subcommand == "doctor":
        return "See whether it runs, and whether the app's settings name the right one."
    return "See whether it runs, and whether its tables are there: flask housekey doctor"


def _give_up_stdout() -> None:
    """What still waits to be written would fail once more when Python ends, and be told as a traceback."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


TO_OPERATORS = {"email_taken": "There is an account with this address already. Look: flask housekey users show ADDRESS"}
"""Where the words for people tell them to do what an operator doesn't, such as to log in."""


def faults(error: InvalidInput) -> str:
    """All faults, each on a line of its own."""
    lines = [f"{shown(name)}: {_told(fault)}" for name, found in error.fields.items() for fault in found]
    return "\n".join(line.removeprefix(": ") for line in lines)


def _told(fault: Fault) -> str:
    return TO_OPERATORS.get(fault.code) or shown(str(fault.text))
