"""Passwords come by prompt or from stdin, never as an argument: those stand in process lists and shell histories."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click

from housekey.commands.options import prompting, stdin_bytes
from housekey.commands.refusals import faults
from housekey.errors import Fault, InvalidInput
from housekey.kernel.secret import Secret

LONGEST_INPUT = 64 * 1024
"""Bytes that are read from stdin; far above any password that is hashed."""

stdin_option = click.option("--password-stdin", "from_stdin", is_flag=True, help="Read the password from stdin.")


def ask(from_stdin: bool, judge: Callable[[Secret], Sequence[Fault]]) -> Secret:
    """A new password: from stdin, or typed twice, and once more while `judge` finds faults."""
    if from_stdin:
        return _read()
    with prompting("Nobody typed a password: stdin has ended. Where nobody can, --password-stdin reads it."):
        return _prompt(judge)


def _prompt(judge: Callable[[Secret], Sequence[Fault]]) -> Secret:
    while True:
        first = Secret(click.prompt("New password", hide_input=True))
        found = judge(first)
        if found:
            click.echo(faults(InvalidInput({"": found})), err=True)
        elif Secret(click.prompt("Once more", hide_input=True)) == first:
            return first
        else:
            click.echo("These were two different passwords. Try again.", err=True)


def _read() -> Secret:
    raw = stdin_bytes(LONGEST_INPUT + 1)
    try:
        text = raw.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise click.UsageError("The password on stdin is not UTF-8.") from None
    if not text or "\n" in text or len(raw) > LONGEST_INPUT:
        raise click.UsageError("Put the password on stdin, on one line and nothing else.")
    return Secret(text)
