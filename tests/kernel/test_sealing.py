"""What is sealed opens with its key, in its place, as it was, and not otherwise."""

from __future__ import annotations

import subprocess
import sys

import pytest

from housekey.kernel.sealing import KeyMissing, Place, SealBroken, Sealer

NEW, OLD = "n" * 40, "o" * 40
HERE = Place("housekey_outbox", "body", "row 1")
TEXT = b"https://example.org/reset#token"


def sealer(*secrets: str) -> Sealer:
    return Sealer(lambda: secrets)


def test_what_is_sealed_opens_in_its_place():
    sealed = sealer(NEW).seal(TEXT, HERE)
    assert TEXT not in sealed
    assert sealer(NEW).open(sealed, HERE) == TEXT


@pytest.mark.asvs("11.3.4")
def test_the_same_text_is_never_sealed_alike_twice():
    assert len({sealer(NEW).seal(TEXT, HERE) for _ in range(100)}) == 100


@pytest.mark.asvs("11.3.3")
@pytest.mark.parametrize(
    "elsewhere",
    [
        Place("housekey_outbox", "body", "row 2"),
        Place("housekey_outbox", "other", "row 1"),
        Place("housekey_other", "body", "row 1"),
        Place("housekey_outboxb", "ody", "row 1"),
        Place("housekey_outbox", "bodyrow", " 1"),
    ],
    ids=str,
)
def test_it_does_not_open_in_another_place(elsewhere):
    with pytest.raises(SealBroken):
        sealer(NEW).open(sealer(NEW).seal(TEXT, HERE), elsewhere)


@pytest.mark.asvs("11.2.5", "11.3.1", "11.3.2", "11.3.3", "11.3.5")
def test_no_byte_of_it_can_be_changed():
    sealed = sealer(NEW).seal(TEXT, HERE)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises((SealBroken, KeyMissing)):
            sealer(NEW).open(bytes(changed), HERE)


@pytest.mark.parametrize("length", [0, 1, 16, 32])
def test_what_is_cut_off_is_told(length):
    with pytest.raises(SealBroken):
        sealer(NEW).open(sealer(NEW).seal(TEXT, HERE)[:length], HERE)


@pytest.mark.asvs("11.2.2", "13.3.4")
def test_a_former_key_still_opens_and_is_no_longer_current():
    sealed = sealer(OLD).seal(TEXT, HERE)
    both = sealer(NEW, OLD)
    assert both.open(sealed, HERE) == TEXT
    assert not sealed.startswith(both.mark())
    assert both.seal(TEXT, HERE).startswith(both.mark())
    assert sealed.startswith(tuple(both.marks()))


def test_a_missing_key_is_told_with_the_cure_and_without_any_secret():
    with pytest.raises(KeyMissing, match="SECRET_KEY_FALLBACKS") as told:
        sealer(NEW).open(sealer(OLD).seal(TEXT, HERE), HERE)
    assert NEW not in str(told.value)
    assert OLD not in str(told.value)


def test_nothing_is_sealed_without_a_key():
    with pytest.raises(KeyMissing, match="SECRET_KEY"):
        sealer().seal(TEXT, HERE)


def test_importing_housekey_loads_no_cryptography_and_no_mail():
    names = "'cryptography', 'smtplib', 'email.headerregistry', 'email._header_value_parser'"
    heavy = f"[name for name in ({names}) if name in sys.modules]"
    found = subprocess.run(
        [sys.executable, "-c", f"import sys, housekey; print({heavy})"], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"
