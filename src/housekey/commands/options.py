"""Arguments and options that several commands share, and how a user is named."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from housekey.commands.terminal import shown
from housekey.errors import NotFound
from housekey.house import House
from housekey.kernel.texts import text as _
from housekey.store import users
from housekey.store.users import UserFacts
from housekey.web.faults import LARGEST_INTEGER, has_surrogate

F = TypeVar("F", bound=Callable[..., Any])


if TYPE_CHECKING:
    TextType = click.ParamType[str]
else:
    TextType = click.ParamType  # takes no argument before click 8.5


class Plain(TextType):
    """A text that a database takes: no NUL, and no bytes that are not UTF-8, which Python hands on as surrogates."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        if "\0" in text or has_surrogate(text):
            self.fail("This text is not UTF-8, or holds a NUL.", param, ctx)
        return text


PLAIN = Plain()
MOST = 10**9
"""Rows that are asked for at once; databases take no number of any size."""
json_option = click.option("--json", "in_json", is_flag=True, help="One JSON document instead of a table.")
limit_option = click.option(
    "--limit", type=click.IntRange(1, MOST), default=1000, show_default=True, help="How many at most."
)
yes_option = click.option("--yes", is_flag=True, help="Don't ask whether you are sure.")
id_option = click.option("--id", "by_id", is_flag=True, help="USER is the primary key of a user.")


def user_argument(command: F) -> F:
    """USER, an e-mail address or username; with --id a key. The key needs the option, since a stranger may choose
    another user's key as a username, and would get that one's role."""
    return click.argument("user", type=PLAIN)(id_option(command))


def find_user(house: House, text: str, by_id: bool) -> UserFacts:
    """Who is meant. Raises `NotFound`."""
    schema = house.store.schema
    with house.read() as connection:
        if by_id:
            key = house.store.parse_key(text)
            fits = key is not None and not (isinstance(key, int) and abs(key) > LARGEST_INTEGER)
            found = users.by_id(connection, schema, key) if fits else None
        else:
            found = users.by_identifier(connection, schema, text)
    if found is None:
        raise NotFound(_unknown(text, by_id))
    return found


def _unknown(text: str, by_id: bool) -> Any:
    if by_id:
        return _("There is no user with the key {text}. `flask housekey users list` shows keys.", text=text)
    return _(
        "Nobody has the e-mail address or username {text}. `flask housekey users list` shows everybody; "
        "for a key, add --id.",
        text=text,
    )


def called(user: UserFacts) -> str:
    """How messages name a user."""
    return user.email or user.username or f"user {user.key}"


def tell_if_cut(found: Sequence[Any], limit: int) -> None:
    """On stderr, so that JSON stays JSON."""
    if len(found) >= limit:
        click.echo(f"The first {limit} are shown. --limit shows more.", err=True)


def confirm(question: str, yes: bool) -> None:
    """Ask, unless --yes; a no ends the command with exit code 1."""
    if yes:
        return
    with prompting("Nobody answered: stdin has ended. Where nobody can, --yes goes on without asking."):
        is_sure = click.confirm(shown(question))
    if not is_sure:
        raise click.Abort()


def stdin_bytes(at_most: int = -1) -> bytes:
    """What is on stdin, at most so many bytes; nothing where it is closed, as by `<&-`."""
    return sys.stdin.buffer.read(at_most) if sys.stdin is not None else b""


@contextmanager
def prompting(cure: str) -> Iterator[None]:
    """A question that finds the end of stdin, as in a script, says `cure`; whoever stops it at a terminal knows why."""
    if sys.stdin is None:
        raise click.ClickException(cure)
    try:
        yield
    except click.Abort:
        if sys.stdin.isatty():
            raise
        click.echo(err=True)  # the question has left the line open
        raise click.ClickException(cure) from None
