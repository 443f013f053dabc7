"""The reference pages say what the code says, all of it."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import click
import pytest
from flask import Flask
from flask.cli import ScriptInfo

import housekey
from housekey import errors
from housekey.capabilities import CAPABILITIES
from housekey.commands import cli
from housekey.events import Event
from housekey.settings import entries
from housekey.web import faults
from housekey.web.settings import HouseSettings
from rig.apps import small_app

DOCS = Path(__file__).parent.parent.parent / "docs"
REFERENCE = DOCS / "reference"


@pytest.fixture
def make_reference(monkeypatch):
    monkeypatch.syspath_prepend(DOCS)
    return importlib.import_module("make_reference")


def below(kind):
    """The classes of Housekey's own below a class."""
    for child in kind.__subclasses__():
        if child.__module__.startswith("housekey."):
            yield child
        yield from below(child)


def every_module():
    for found in pkgutil.walk_packages(housekey.__path__, "housekey."):
        if not found.name.startswith("housekey.migrations."):
            importlib.import_module(found.name)


def test_no_page_is_stale(make_reference):
    assert make_reference.stale() == [], "run: make reference"


def test_a_stale_page_is_told_and_made_anew(make_reference, tmp_path, monkeypatch):
    monkeypatch.setattr(make_reference, "FOLDER", tmp_path / "reference")
    assert "settings.md" in make_reference.main(["--check"])
    assert make_reference.main([]) is None
    assert make_reference.main(["--check"]) is None


def test_every_setting_has_its_place():
    page = (REFERENCE / "settings.md").read_text()
    groups = [HouseSettings, *(capability.settings for capability in CAPABILITIES if capability.settings)]
    for entry in (entry for group in groups for entry in entries(group)):
        assert f"### `{entry.key}`" in page
        assert entry.doc in page


@pytest.mark.asvs("16.1.1")
def test_every_event_is_told_by_a_capability_and_has_its_place():
    every_module()
    page = (REFERENCE / "events.md").read_text()
    told = {event for capability in CAPABILITIES for event in capability.events}
    assert set(below(Event)) == told
    for event in told:
        assert f"### `{event.__name__}`" in page
        assert event.__doc__


def test_every_refusal_has_its_place():
    every_module()
    page = (REFERENCE / "errors.md").read_text()
    for refusal in below(errors.Refused):
        assert f"| `{refusal.code}` | {refusal.status} |" in page
    for code in faults.CODES:
        assert f"| `{code}` |" in page


def test_no_two_refusals_share_a_code():
    every_module()
    codes = [refusal.code for refusal in below(errors.Refused)]
    assert len(codes) == len(set(codes))


def commands(group, path):
    context = click.Context(group, obj=ScriptInfo(create_app=lambda: Flask("none")))
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")


def test_every_command_has_its_place():
    page = (REFERENCE / "cli.md").read_text()
    for path, _command in commands(cli, "flask housekey"):
        assert f"# `{path}`" in page


def test_every_command_and_option_says_what_it_is_for():
    for path, command in commands(cli, "flask housekey"):
        assert command.help, path
        assert [p.name for p in command.params if isinstance(p, click.Option) and not p.help] == [], path


@pytest.mark.asvs("8.1.1")
def test_every_call_has_its_place():
    page = (REFERENCE / "http-api.md").read_text()
    document = small_app().test_client().get("/account/api/openapi.json").json
    for path, methods in document["paths"].items():
        for method in methods:
            assert f"### `{method.upper()} /account/api{path}`" in page
    for shape in document["components"]["schemas"]:
        assert f"### {shape}" in page


def test_no_two_inputs_share_a_name_in_the_document():
    """Two of one name would be told apart by their modules, and those are no promise."""
    document = small_app().test_client().get("/account/api/openapi.json").json
    assert [name for name in document["components"]["schemas"] if "." in name] == []
