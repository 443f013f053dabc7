"""What the style sheet and the scripts promise to a host's layout and to people's eyes."""

from __future__ import annotations

import itertools
import re
from importlib.resources import files
from pathlib import Path

import pytest

FOLDER = Path(str(files("housekey"))) / "static"
CSS = (FOLDER / "housekey.css").read_text()
SCRIPTS = sorted(FOLDER.glob("*.js"))
READABLE, VISIBLE = 4.5, 3.0
"""WCAG 2.2: contrast of text (1.4.3) and of the edge of a field (1.4.11)."""


def colours(scheme: str) -> dict[str, str]:
    """The colours of the style sheet by their short names, in the "light" or the "dark" scheme."""
    both = re.findall(r"--hk-(\w+): light-dark\((#\w+), (#\w+)\)", CSS)
    return {name: light if scheme == "light" else dark for name, light, dark in both}


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2, from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_of_text_can_be_read_on_every_ground(scheme: str) -> None:
    found = colours(scheme)
    for ink, ground in itertools.product(("text", "muted", "good", "warn", "bad"), ("canvas", "surface")):
        assert contrast(found[ink], found[ground]) >= READABLE, (ink, ground)
    for ground in ("canvas", "surface"):
        assert contrast(found["edge"], found[ground]) >= VISIBLE


def test_the_main_button_can_be_read() -> None:
    accent = re.search(r"--hk-accent: (#\w+); --hk-on-accent: (#\w+)", CSS)
    assert accent
    assert contrast(accent[1], accent[2]) >= READABLE


def test_browsers_without_light_dark_get_the_same_light_colours() -> None:
    plain = dict(re.findall(r"--hk-(\w+): (#\w+);", CSS))
    assert all(plain[name] == colour for name, colour in colours("light").items())


def test_the_style_sheet_is_small() -> None:
    assert len(CSS.encode()) < 12 * 1024


def test_every_rule_stands_in_one_layer_that_a_host_overrules() -> None:
    bare = re.sub(r"/\*.*?\*/", "", CSS, flags=re.DOTALL).strip()
    assert bare.startswith("@layer housekey {")
    depth = list(itertools.accumulate({"{": 1, "}": -1}.get(c, 0) for c in bare))
    assert depth[-1] == 0
    assert 0 not in depth[bare.index("{") : -1]


def test_every_class_is_marked_as_ours() -> None:
    bare = re.sub(r"/\*.*?\*/", "", CSS, flags=re.DOTALL)
    assert all(name.startswith("hk-") or name == "hk" for name in re.findall(r"\.([a-z][\w-]*)", bare))


def test_motion_forced_colours_and_print_are_honoured() -> None:
    for wish in ("prefers-reduced-motion", "forced-colors", "@media print"):
        assert wish in CSS


@pytest.mark.asvs("3.6.1", "14.2.3")
@pytest.mark.parametrize("path", [FOLDER / "housekey.css", *SCRIPTS], ids=lambda path: path.name)
def test_nothing_is_loaded_from_elsewhere(path: Path) -> None:
    assert not re.search(r"https?:|url\(|@import|\bimport\b", path.read_text())


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_says_first_what_it_is_for(path: Path) -> None:
    assert path.read_text().startswith("// ")
