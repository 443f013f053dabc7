"""What a page names exists: settings, calls, pages, events, error codes, commands, files; and its quotes are true."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from docs.pages import DOCS, ROOT, name_of, quotes, written_by_hand
from housekey import errors
from housekey.capabilities import CAPABILITIES
from housekey.commands import cli
from housekey.settings import entries
from housekey.web.boot import BOOT_ID
from housekey.web.settings import HouseSettings
from rig.apps import small_app

PLACE = re.compile(r"<[^>]*>|\{\w+\}")
LINK = re.compile(r"!?\[[^\]]*\]\((?!https?:)([^)#]*)(#[^)]*)?\)")
every_page = pytest.mark.parametrize("page", written_by_hand(), ids=name_of)


@pytest.fixture(scope="module")
def served() -> set[tuple[str, str]]:
    """Method and path, places as `*`."""
    rules = small_app().url_map.iter_rules()
    return {(method, PLACE.sub("*", rule.rule)) for rule in rules for method in rule.methods or ()}


@every_page
def test_every_setting_exists(page: Path):
    groups = [HouseSettings, *(c.settings for c in CAPABILITIES if c.settings is not None)]
    known = {entry.key for group in groups for entry in entries(group)}
    named = set(re.findall(r"\bHOUSEKEY_[A-Z_]+[A-Z]\b", page.read_text()))
    ours = {"HOUSEKEY_REQUIRE_SERVICES", "HOUSEKEY_ROAD_EXAMPLES", BOOT_ID} | {
        name for name in named if name.startswith("HOUSEKEY_TEST_")
    }
    assert named - known - ours == set()


@every_page
def test_every_call_exists(page: Path, served):
    named = re.findall(r"`(GET|POST|PATCH|DELETE) (/account[\w/{}.<>-]*)`", page.read_text())
    assert [call for call in named if (call[0], PLACE.sub("*", call[1])) not in served] == []


@every_page
def test_every_page_of_ours_exists(page: Path, served):
    paths = {path for method, path in served if method == "GET"} | {"/account", "/account/api"}
    named = re.findall(r"`(/account[\w/{}.<>-]*)`", page.read_text())
    assert [path for path in named if PLACE.sub("*", path) not in paths] == []


@pytest.mark.parametrize("capability", [c for c in CAPABILITIES if c.events], ids=lambda c: c.name)
def test_every_event_has_its_place_and_every_event_named_exists(capability):
    names = {event.__name__ for c in CAPABILITIES for event in c.events}
    told = [set(re.findall(r"`([A-Z][a-z]+[A-Z]\w+)`", part)) for part in events_of_capabilities()]
    assert {event.__name__ for event in capability.events} <= set().union(*told)
    assert set().union(*told) <= names


def events_of_capabilities() -> list[str]:
    return [page.read_text().partition("## Events")[2] for page in (DOCS / "capabilities").glob("*.md")]


@every_page
def test_every_error_code_exists(page: Path):
    refusals = {kind.code: kind.status for kind in _below(errors.Refused)}
    named = re.findall(r"\b(4\d\d|503)[^|;.,`]{0,12}`([a-z]+_[a-z_]+)`", page.read_text())
    assert [(status, code) for status, code in named if refusals.get(code) != int(status)] == []


def _below(kind: type) -> list[type]:
    return [kind, *(deeper for child in kind.__subclasses__() for deeper in _below(child))]


@every_page
def test_every_command_exists(page: Path):
    context = click.Context(cli)
    for group, command in re.findall(r"flask housekey ([a-z][a-z-]+)(?: ([a-z][a-z-]+)\b)?", page.read_text()):
        found = cli.get_command(context, group)
        assert found is not None, group
        if isinstance(found, click.Group):
            assert not command or command in found.commands, f"{group} {command}"


@every_page
def test_every_link_leads_somewhere(page: Path):
    broken = [target for target, _ in LINK.findall(page.read_text()) if target and not (page.parent / target).exists()]
    assert broken == []


@every_page
def test_quotes_from_the_demo_stand_there(page: Path):
    for file, piece in quotes(page.read_text()):
        assert piece in (ROOT / "src/housekey/demo" / file).read_text()


def test_the_demo_is_quoted():
    assert len(list(quotes((DOCS / "start.md").read_text()))) >= 6


def test_pictures_are_small():
    large = [picture.name for picture in (DOCS / "images").iterdir() if picture.stat().st_size > 80_000]
    assert large == []
