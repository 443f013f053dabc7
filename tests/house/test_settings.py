"""A setting is taken in every form in which Flask hands it over, and a wrong one stops the start with its cure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import pytest

from housekey.errors import ConfigurationError, UnknownSetting
from housekey.settings import load, setting


@dataclass(frozen=True)
class Group:
    section = "group"

    flag: bool = setting(False, "A flag.")
    number: int = setting(1, "A number.", at_least=1, at_most=9)
    share: float | None = setting(None, "A share.")
    wait: timedelta = setting(timedelta(0), "A time.")
    day: date | None = setting(None, "A day.")
    mode: Literal["on", "off"] = setting("on", "A choice.")
    words: tuple[str, ...] = setting((), "Some words.")
    key: str | None = setting(None, "A key.", secret=True)


def read(name, value):
    return getattr(load({f"HOUSEKEY_GROUP_{name.upper()}": value}, [Group])[Group], name)


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        *[("flag", word, True) for word in (True, "true", "YES", "on", 1)],
        *[("flag", word, False) for word in (False, "false", "No", "off", 0)],
        ("number", 7, 7), ("number", "7", 7), ("share", "0.5", 0.5), ("share", None, None), ("share", "", None),
        ("wait", 90, timedelta(seconds=90)), ("wait", "15m", timedelta(minutes=15)),
        ("wait", "30d", timedelta(days=30)),
        ("wait", timedelta(hours=1), timedelta(hours=1)), ("wait", "0.5s", timedelta(seconds=0.5)),
        ("day", "2026-12-31", date(2026, 12, 31)), ("day", date(2026, 1, 1), date(2026, 1, 1)), ("mode", "off", "off"),
        ("words", "a, b,,c", ("a", "b", "c")), ("words", ["a", "b"], ("a", "b")), ("key", "x", "x"),
    ],
)  # fmt: skip
def test_a_value_is_taken_as_python_and_as_the_environment_give_it(name, given, expected):
    assert read(name, given) == expected


@pytest.mark.parametrize(
    ("name", "given", "why"),
    [
        ("flag", "perhaps", "give True or False"), ("flag", None, "give True or False"), ("number", "seven", "seven"),
        ("number", True, "give int, not bool"), ("number", 0, "must be at least 1"),
        ("number", "10", "must be at most 9"),
        ("number", None, "int()"), ("share", "half", "half"), ("wait", "soon", "HOUSEKEY_GROUP_WAIT"),
        ("wait", None, "HOUSEKEY_GROUP_WAIT"), ("day", "31.12.2026", "give a date"), ("day", "2026-13-01", "month"),
        ("day", 7, "give a date"), ("mode", "maybe", "choose one of 'on', 'off'"), ("words", 7, "give a list"),
        ("key", 7, "give str, not int"),
    ],
)  # fmt: skip
def test_a_wrong_value_stops_the_start_and_says_what_would_be_right(name, given, why):
    with pytest.raises(ConfigurationError) as refused:
        read(name, given)
    assert why in str(refused.value)
    assert f"HOUSEKEY_GROUP_{name.upper()}" in str(refused.value)


@pytest.mark.asvs("13.3.1")
def test_a_secret_is_not_quoted_by_its_own_error():
    with pytest.raises(ConfigurationError) as refused:
        load({"HOUSEKEY_GROUP_KEY": ["hush"]}, [Group])
    assert "hush" not in str(refused.value)


def test_an_unknown_key_names_the_nearest():
    with pytest.raises(UnknownSetting, match="HOUSEKEY_GROUP_NUMBER"):
        load({"HOUSEKEY_GROUP_NUMBERS": 1}, [Group])


def test_no_key_is_near_by_its_prefix_alone():
    with pytest.raises(UnknownSetting) as refused:
        load({"HOUSEKEY_NOPE": 1}, [Group])
    assert refused.value.nearest is None


def test_settings_in_a_dictionary_are_told_their_place_without_their_values():
    with pytest.raises(ConfigurationError, match="HOUSEKEY_GROUP_KEY") as refused:
        load({"HOUSEKEY": {"GROUP_KEY": "hush"}}, [Group])
    assert "hush" not in str(refused.value)


def test_another_thing_called_housekey_is_none_of_our_business():
    assert load({"HOUSEKEY": "on"}, [Group])[Group] == Group()
