"""Commands that ask, where nobody can answer: in a script, in cron, at the end of a pipe."""

from __future__ import annotations

import sys

import click
import pytest
import sqlalchemy as sa

from housekey.commands import cli
from housekey.commands.options import confirm, stdin_bytes
from housekey.commands.passwords import ask
from rig.apps import registered

ANN = "ann@example.test"
ASKING = {
    "users create": ("bob@example.test",),
    "users set-password": (ANN,),
    "users reset-factors": (ANN,),
    "users close": (ANN,),
    "users delete": (ANN,),
    "roles delete": ("editor",),
    "sessions revoke": ("--all",),
    "db restored": (),
    "db stamp": (),
}
CURES = {"from_stdin": "--password-stdin", "yes": "--yes"}
"""By parameter: what a script says instead of answering."""


def asking(group: click.Group, path: str = "") -> dict[str, str]:
    """By words: the option that answers for whoever can't."""
    found = {}
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            found |= asking(command, f"{path}{name} ")
        else:
            found |= {f"{path}{name}": CURES[p.name] for p in command.params if p.name in CURES}
    return found


@pytest.fixture
def site(app, run):
    registered(app)
    run("roles", "create", "editor")
    with app.app_context(), app.accounts.house.write() as unit:
        unit.execute(sa.text("ALTER TABLE housekey_roles ADD COLUMN note INTEGER"))  # else `stamp` has nothing to ask
    return run


def test_every_command_that_asks_is_tried_below(app):
    with app.app_context():
        assert asking(cli).keys() == ASKING.keys()


@pytest.mark.parametrize("words", ASKING)
def test_a_question_that_nobody_answers_names_the_option_that_does(site, words):
    told = site(*words.split(), *ASKING[words], input="", code=1).stderr
    assert asking(cli)[words] in told
    assert "Aborted" not in told


def test_where_stdin_is_closed_it_is_the_same(monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(click.ClickException, match="--yes"):
        confirm("Sure?", yes=False)
    with pytest.raises(click.ClickException, match="--password-stdin"):
        ask(False, lambda password: [])
    with pytest.raises(click.UsageError, match="Put the password on stdin"):
        ask(True, lambda password: [])
    assert stdin_bytes() == b""


def test_a_no_through_a_pipe_is_a_no(site):
    told = site("users", "delete", ANN, input="n\n", code=1).stderr
    assert "Aborted!" in told
    assert "--yes" not in told


def test_a_password_typed_once_and_no_more_is_not_taken(site):
    assert "--password-stdin" in site("users", "create", "bob@example.test", input="seven blue lamps\n", code=1).stderr
    assert [user["email"] for user in site.json("users", "list")] == [ANN]
