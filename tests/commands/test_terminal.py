"""Nothing that a stranger has written moves the operator's cursor (flaw 60)."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from click import ClickException
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from housekey.commands import terminal
from housekey.commands.refusals import told
from rig.apps import registered

NASTY = "Ann\x1b[2J\x9b31m\r\nroot\x07\u202egnp.exe\x7f"
UNPRINTABLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def unprintable(text: str) -> set[str]:
    return {c for c in text if unicodedata.category(c) in UNPRINTABLE} - {"\n"}


@given(st.text())
def test_what_is_shown_moves_no_cursor(text):
    assert unprintable(terminal.shown(text)) == set()
    assert "\n" not in terminal.shown(text)


@given(st.text("äÅ漢字🙂 abc-_"))
def test_letters_of_every_script_stay_as_they_are(text):
    assert terminal.shown(text) == text


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_json_says_the_same_and_moves_no_cursor(value):
    import click

    @click.command()
    def write():
        terminal.as_json(value)

    written = CliRunner().invoke(write).stdout
    assert unprintable(written) == set()
    assert json.loads(written) == value


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1))
def test_columns_stand_below_each_other(rows):
    import click

    @click.command()
    def write():
        terminal.table(("One", "Two"), rows, empty="")

    lines = CliRunner().invoke(write).stdout.split("\n")[:-1]
    assert len(lines) == len(rows) + 1


def test_a_terminal_without_the_letters_gets_escapes_and_no_traceback(monkeypatch):
    import click

    @click.command()
    def write():
        terminal.say("漢字 — Ann")

    assert CliRunner(charset="ascii").invoke(write).stdout == "\\u6f22\\u5b57 \\u2014 Ann\n"


@pytest.fixture
def nasty(app):
    """A user and a session with every trick in it; hosts write their own columns as they like."""
    browser = app.test_client()
    browser.environ_base["HTTP_USER_AGENT"] = "Firefox/1 \x1b[2J\u202e"
    registered(app)
    with app.app_context(), app.accounts.house.write() as unit:
        user = unit.session.get(app.accounts.User, 1)
        user.name, user.username = NASTY, NASTY
        unit.execute(unit.tables["sessions"].update().values(user_agent=NASTY, address=NASTY[:45]))
        unit.execute(unit.tables["roles"].insert().values(name="r\x1b[2J", created_at=user_created(unit)))
    return app


def user_created(unit):
    return unit.execute(unit.tables["accounts"].select()).first().created_at


@pytest.mark.parametrize(
    "words",
    [
        ("users", "list"),
        ("users", "show", "ann@example.test"),
        ("sessions", "list"),
        ("roles", "list"),
        ("permissions", "list"),
        ("users", "disable", "ann@example.test"),
        ("users", "disable", "nobody\x1b[2J"),
        ("users", "create", "\x1b[2J@example.test", "--no-password"),
        ("roles", "create", "\x1b[2J"),
        ("roles", "grant", "ann@example.test", "\x1b[2J"),
        ("roles", "delete", "r\x1b[2J", "--yes"),
        ("sessions", "revoke", "\x1b[2J"),
        ("settings", "\x1b[2J"),
    ],
)
def test_no_command_writes_a_control_character(nasty, words):
    from housekey.commands import cli

    for more in ((), ("--json",)):
        shown = nasty.test_cli_runner().invoke(cli, [*words, *more], color=True).output
        assert unprintable(shown) == set(), shown


def test_a_closed_stdout_is_no_error(monkeypatch):
    monkeypatch.setattr("sys.stdout", None)
    terminal.say("Nobody hears it.")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no file that is always full")
def test_a_full_disk_is_told_without_a_traceback(monkeypatch):
    with open("/dev/full", "w") as full:
        monkeypatch.setattr("sys.stdout", full)
        with pytest.raises(ClickException, match="No room is left"), told():
            terminal.say("Nobody reads it.")
        full.flush()  # as Python does at its end: nothing waits any more that could fail
