"""The group `flask housekey`: what it holds, how it refuses, and that Flask finds it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from flask import Flask
from flask.cli import ScriptInfo, with_appcontext

from housekey import Capability, Housekey
from housekey.commands import OWN, cli
from housekey.errors import NotFound
from housekey.web.here import here
from rig.apps import registered, small_app

TESTS = Path(__file__).parent.parent
APP = """
from rig.apps import small_app
def create_app(): return small_app({url!r})
"""


def every_command(group: click.Group = cli, path: tuple[str, ...] = ()):
    """The words of each command that stands here without an app."""
    context = click.Context(group, obj=ScriptInfo(create_app=lambda: Flask("none")))
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from every_command(command, (*path, name))


@pytest.mark.parametrize("words", [(), *every_command()], ids=" ".join)
def test_every_command_has_help_that_is_a_sentence(run, words):
    shown = run(*words, "--help").stdout
    assert shown.startswith("Usage: ")
    command = cli
    for word in words:
        command = command.get_command(click.Context(command), word)
    assert "." in command.help


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """A command line in a folder without an app."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FLASK_APP", raising=False)
    return lambda *words, app=None: CliRunner().invoke(cli, words, obj=ScriptInfo(app_import_path=app))


def test_help_needs_no_app(nowhere):
    shown = nowhere("users", "create", "--help")
    assert shown.exit_code == 0
    assert "EMAIL" in shown.stdout


def test_without_an_app_a_command_says_how_to_name_one(nowhere):
    refused = nowhere("users", "list")
    assert refused.exit_code == 2
    assert "--app" in refused.stderr


def test_an_app_that_fails_to_load_leaves_the_help(nowhere, tmp_path):
    (tmp_path / "broken.py").write_text("raise RuntimeError('no such host')")
    shown = nowhere("--help", app=str(tmp_path / "broken.py"))
    assert "users" in shown.stdout
    assert "no such host" in shown.stderr


def test_an_app_without_housekey_is_told(runner):
    assert "has no Housekey" in runner(Flask("bare"))("users", "list", code=1).stderr


def test_an_unknown_command_is_wrong_usage(run):
    assert "No such command" in run("usesr", code=2).stderr


def test_a_database_without_tables_gets_a_cure_and_no_traceback(runner, app_with):
    run = runner(app_with(Housekey(), HOUSEKEY_CREATE_TABLES=False))
    refused = run("users", "list", code=1).stderr
    assert "The database refused: no such table" in refused
    assert "flask housekey doctor" in refused
    assert "SELECT" not in refused
    run("db", "upgrade", code=1)


@pytest.mark.parametrize(("command", "cure"), [(("users", "list"), "flask housekey doctor"), (("doctor",), "settings")])
def test_what_is_no_database_is_told_and_the_doctor_sends_nobody_to_the_doctor(nowhere, tmp_path, command, cure):
    (tmp_path / "notes.sqlite").write_text("Milk, bread, and a long letter to the landlord. " * 30)
    (tmp_path / "app.py").write_text(
        "from flask import Flask\nfrom housekey import Housekey\n"
        f"app = Flask('app')\napp.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite:///{tmp_path}/notes.sqlite'\n"
        "Housekey(app)\n"
    )
    refused = nowhere(*command, app=str(tmp_path / "app.py")).stderr
    assert "The database refused: file is not a database" in refused
    assert cure in refused.splitlines()[-1]


@click.command()
@with_appcontext
def prune() -> None:
    """Prune the blog."""
    click.echo(f"pruned {here.house.store.engine.dialect.name}")


@click.command("fail")
def fail_plainly() -> None:
    """Refuse, without having asked for a context."""
    raise NotFound(f"nothing for {here.house.store.engine.dialect.name}")


def test_commands_of_capabilities_stand_beside_our_own(runner, app_with):
    run = runner(app_with(Housekey(capabilities=[Capability(name="blog", commands=[prune, fail_plainly])])))
    assert "Prune the blog." in run("--help").stdout
    assert run("prune").stdout == "pruned sqlite\n"
    assert run("fail", code=1).stderr == "Error: nothing for sqlite\n"


def test_a_capability_cant_take_the_place_of_a_command_of_ours(runner, app_with):
    impostor = click.Command("doctor", callback=lambda: click.echo("all is well"))
    run = runner(app_with(Housekey(capabilities=[Capability(name="blog", commands=[impostor])])))
    assert run("--help").stdout.count("doctor") == 1
    assert "all is well" not in run("doctor").stdout


def flask(folder, *words, app="wsgi_app.py", stderr=subprocess.PIPE, input=None):
    """The real thing: a process of its own, found through the entry point."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FLASK_")}
    environment["PYTHONPATH"] = os.pathsep.join([str(folder), str(TESTS)])
    command = [sys.executable, "-m", "flask", *(["--app", app] if app else []), *words]
    return subprocess.run(
        command, cwd=folder, env=environment, input=input, text=True, stdout=subprocess.PIPE, stderr=stderr
    )


@pytest.fixture
def folder(tmp_path, sqlite_url):
    (tmp_path / "wsgi_app.py").write_text(APP.format(url=sqlite_url))
    return tmp_path


def test_flask_finds_the_commands_and_scripts_can_use_them(folder):
    made = flask(
        folder, "housekey", "users", "create", "ann@example.test", "--role", "admin", "--password-stdin",
        input="correct horse battery staple\n",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert made.stderr == ""
    [ann] = json.loads(flask(folder, "housekey", "users", "list", "--json").stdout)
    assert ann["roles"] == ["admin"]
    assert flask(folder, "housekey", "users", "show", "bob").returncode == 1


HELP = """
import sys
from flask.cli import main
sys.argv = ["flask", "--help"]
try:
    main()
finally:
    print("imported", *(module for module in sys.modules if module.startswith("housekey.commands.")))
"""


def test_flasks_own_help_lists_the_group_without_importing_its_commands(folder):
    done = subprocess.run([sys.executable, "-c", HELP], cwd=folder, text=True, stdout=subprocess.PIPE)
    assert "Accounts: users, roles, sessions" in done.stdout
    imported = done.stdout.splitlines()[-1].split()
    assert imported[0] == "imported"
    assert not {module.partition(":")[0] for module in OWN.values()} & set(imported)


def test_long_work_shows_a_bar_on_a_terminal_and_only_there(folder, sqlite_url):
    registered(small_app(sqlite_url))
    screen, stderr = pty.openpty()
    done = flask(folder, "housekey", "sessions", "revoke", "--all", "--yes", stderr=stderr)
    os.close(stderr)
    drawn = os.read(screen, 10_000)
    os.close(screen)
    assert b"Ending sessions  [" in drawn
    assert b"100%" in drawn
    assert done.stdout == "Sessions ended: 1\n"
