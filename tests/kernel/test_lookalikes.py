"""Usernames that look alike have one skeleton (flaw 21), by the data of UTS #39."""

from __future__ import annotations

import runpy
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from housekey.kernel.lookalikes import SKELETON_LENGTH, TABLE, prototypes, skeleton

DATA = Path(__file__).parent.parent / "data"
MAKER = runpy.run_path(str(DATA / "make_lookalikes.py"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("paypal", "pаypal"),  # Cyrillic а
        ("paypal", "paypa1"),
        ("paypal", "PaypaI"),  # capital i
        ("paypal", "paypa|"),
        ("bob", "b0b"),
        ("bob", "ВОВ"),  # Cyrillic capitals
        ("mike", "rnike"),
        ("Mike", "rnike"),
        ("mike", "mıke"),  # Turkish dotless i
        ("scope", "ѕсоре"),  # Cyrillic throughout
        ("omega", "οmega"),  # Greek omicron
        ("jalapeño", "jalapen\u0303o"),
        ("ADMIN", "ADMlN"),  # small L among capitals
    ],
)
def test_names_that_look_alike_have_one_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("paypal", "paypai"),
        ("anne", "anna"),
        ("strasse", "straße"),
        ("resume", "resumé"),
        ("vv", "w"),
        ("cl", "d"),
        ("sam5", "sams"),
        ("a-b", "a_b"),
        ("ann", "ann2"),
    ],
)
def test_names_that_can_be_told_apart_stay_apart(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


def test_every_published_lookalike_that_a_username_can_hold_is_recognised() -> None:
    missed = [
        (one, prototype)
        for one, prototype in MAKER["pairs"]()
        if MAKER["in_usernames"](one) and skeleton(one) != skeleton(prototype)
    ]
    assert missed == []


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="the table was made with the Unicode version of Python 3.11")
def test_the_shipped_table_is_made_from_the_published_data() -> None:
    assert TABLE.read_text("utf-8") == MAKER["table"]()


def test_the_table_is_small_and_has_its_licences_beside_it() -> None:
    assert TABLE.stat().st_size < 20_000
    notice = TABLE.with_suffix(".LICENSE").read_text("utf-8")
    assert "Victor Felder" in notice
    assert "Unicode, Inc." in notice


def test_a_skeleton_has_no_further_skeleton() -> None:
    cased = [chr(c) for c in range(sys.maxunicode) if chr(c).lower() != chr(c)]
    unstable = [c for c in {*prototypes(), *prototypes().values(), *cased} if skeleton(skeleton(c)) != skeleton(c)]
    assert unstable == []


@given(st.text(max_size=300))
def test_a_skeleton_never_fails_and_fits_its_column(name: str) -> None:
    look = skeleton(name)
    assert len(look) <= SKELETON_LENGTH
    assert look.isprintable()
    assert skeleton(unicodedata.normalize("NFD", name)) == look or len(name) * 4 > SKELETON_LENGTH


@given(st.text(st.characters(codec="utf-8"), max_size=40), st.integers(0, 40))
def test_invisible_characters_hide_nothing(name: str, place: int) -> None:
    assert skeleton(name[:place] + "\u200b\u2060\ufeff" + name[place:]) == skeleton(name)


@pytest.mark.parametrize(
    "name", ["", "\ud800", "\x00", "ﷺ" * 64, "m" * 254, pytest.param("m" * 1_000_000, id="a megabyte")]
)
def test_odd_names_have_a_skeleton_too(name: str) -> None:
    assert len(skeleton(name)) <= SKELETON_LENGTH
