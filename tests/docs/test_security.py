"""What the page on security says about guessing, ways in and sessions is what the code does."""

from __future__ import annotations

import ast
import re
from datetime import timedelta

import pytest

from docs.pages import DOCS, ROOT
from housekey.capabilities.stuffing.settings import StuffingSettings
from housekey.capabilities.throttling.settings import ThrottlingSettings
from housekey.login.settings import SessionSettings
from housekey.settings import entries
from housekey.web.settings import STRICT

PAGE = (DOCS / "security.md").read_text()
CONSTANTS = {"METHOD", "HOST", "BRIDGE"}


def part(title: str) -> str:
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def table(title: str) -> list[list[str]]:
    """The cells of a part's table, without its head."""
    lines = [line for line in part(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@pytest.mark.asvs("2.1.3", "6.1.1")
def test_every_setting_against_guessing_is_told_with_what_it_is_against():
    named = set(re.findall(r"`(HOUSEKEY_\w+)`", part("Against guessing")))
    ours = {entry.key for group in (ThrottlingSettings, StuffingSettings) for entry in entries(group)}
    assert ours <= named


@pytest.mark.asvs("6.1.1")
def test_it_says_how_nobody_is_locked_out_by_others():
    assert "Nobody is locked out by others" in part("Against guessing")


@pytest.mark.asvs("6.1.2")
def test_the_words_of_the_site_are_documented():
    assert "HOUSEKEY_PASSWORDS_SITE_WORDS" in part("Against guessing")


@pytest.mark.asvs("6.1.3", "6.3.4")
def test_every_method_that_gives_a_proof_stands_among_the_ways_in():
    assert {row[0].strip("`") for row in table("Every way in")} == methods()


def methods() -> set[str]:
    """What the code calls them: a constant of each capability, and of the road."""
    files = [*(ROOT / "src/housekey/capabilities").rglob("*.py"), ROOT / "src/housekey/login/proof.py"]
    lines = [node for file in files for node in ast.parse(file.read_text()).body if isinstance(node, ast.Assign)]
    named = [node.value for node in lines for name in node.targets if getattr(name, "id", "") in CONSTANTS]
    return {value.value for value in named if isinstance(value, ast.Constant)}


@pytest.mark.asvs("7.1.1")
@pytest.mark.parametrize("row", table("How long a login lasts"), ids=lambda row: row[1].strip("`"))
def test_the_deadlines_of_sessions_are_those_of_the_code(row):
    key, standard, strict = row[1].strip("`"), row[2], row[3]
    default = {entry.key: entry.default for entry in entries(SessionSettings)}[key]
    assert (length(standard), length(strict)) == (default, STRICT.get(key, default))


def length(text: str) -> timedelta:
    number, unit = text.split()
    return int(number) * {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}[unit]


@pytest.mark.asvs("7.1.1", "7.1.2")
def test_a_deviation_from_nist_and_the_number_of_sessions_are_told():
    told = part("How long a login lasts")
    assert "One deviation:" in told
    assert "`HOUSEKEY_SESSIONS_LIMIT`" in told
