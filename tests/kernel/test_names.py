"""Keys of e-mail addresses and usernames: whom a typed text finds, and whom it must not find."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from housekey.kernel.names import (
    KEY_LENGTH,
    Email,
    Identifier,
    Unfit,
    Username,
    check_email,
    check_username,
    email_key,
    identifier_key,
    username_key,
)

DATA = Path(__file__).parent.parent / "data"
Checked = TypeVar("Checked")
NAUGHTY = json.loads((DATA / "naughty_strings.json").read_text("utf-8"))


def codes(bad: pytest.ExceptionInfo[Unfit]) -> list[str]:
    return [reason.code for reason in bad.value.reasons]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Ann@Example.ORG", "ann@example.org"),
        ("  ann@example.org\n", "ann@example.org"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@BÜCHER.example", "ann@XN--BCHER-KVA.example"),
        ("ann@bu\u0308cher.example", "ann@bücher.example"),
        ("ZOE\u0308@example.org", "zoë@example.org"),
        ("J\u030c@example.org", "ǰ@example.org"),
    ],
)
def test_two_spellings_of_one_address_meet(typed: str, stored: str) -> None:
    assert email_key(typed) == email_key(stored)


@pytest.mark.parametrize(
    ("hers", "his"),
    [
        ("mike@example.org", "mıke@example.org"),  # CVE-2019-19844
        ("mike@example.org", "mi\u212ae@example.org"),  # Kelvin sign: NFC makes it a K
        ("mike@example.org", "mike@exampl\u212f.org"),
        ("mike@site.example", "mike@ſite.example"),  # UTS #46 makes it an s
        ("mike@site.example", "mike@ⓢite.example"),
        ("mike@site.example", "mike@ｓite.example"),
        ("strasse@example.org", "straße@example.org"),
        ("ann@strasse.example", "ann@straße.example"),
        ("a;b@example.org", "a\u037eb@example.org"),  # Greek question mark
        ("ann@example.org", "аnn@example.org"),  # Cyrillic а
        ("ann@example.org", "ann@exаmple.org"),
        ("ann@example.org", "ann@example。org"),
        ("ann@example.org", "ann@example.org."),
        ("ann@example.org", "ann@example.org\x00"),
        ("ann@example.org", "a\u200bnn@example.org"),
        ("ann@example.org", "ann@example.org@example.org"),
        ("ann.lee@example.org", "annlee@example.org"),
        ("ann@example.org", "ann+x@example.org"),
    ],
)
def test_two_addresses_never_become_one(hers: str, his: str) -> None:
    assert email_key(hers) != email_key(his)


def test_no_foreign_character_becomes_an_ascii_one_anywhere_in_an_address() -> None:
    foreign = [chr(c) for c in range(128, 0x20000)]
    foldable = [c for c in foreign if unicodedata.normalize("NFKC", c).isascii() or c.upper().isascii()]
    assert {"\u212a", "ı", "ſ", "ａ", "𝐚"} <= {*foldable}
    for c in foldable:
        for key in (email_key(f"m{c}ke@example.org"), email_key(f"ann@ex{c}mple.org")):
            assert key.startswith("@") or not key.isascii() or "xn--" in key


@pytest.mark.parametrize(
    "odd",
    [
        *("", " ", "ann", "@", "a@", "@b", "a b@c.example", "\ud800@x.org", "é@\ud800", "a\x00@x.org", "a@x\u202e.org"),
        *("a@-\u0301.example", "a@" + "ü" * 240 + ".org", "İ" * 130 + "@" + "x" * 100, "a" * 300 + "@x.org"),
        pytest.param("x" * 1_000_000, id="a megabyte"),
    ],
)
def test_odd_addresses_find_nobody(odd: str) -> None:
    key = email_key(odd)
    assert key.startswith("@")
    assert len(key) <= KEY_LENGTH
    assert email_key(odd) == key
    with pytest.raises(Unfit):
        check_email(odd)


@given(st.text(max_size=300) | st.emails())
def test_a_key_never_fails_fits_its_column_and_can_be_stored(text: str) -> None:
    for key in (email_key(text), username_key(text), identifier_key(text).key):
        assert 0 < len(key) <= KEY_LENGTH
        assert "\0" not in key
        key.encode("utf-8")
        assert unicodedata.is_normalized("NFC", key)


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_key_is_its_own_key(local: str, domain: str) -> None:
    for text in (f"{local}@{domain}", f"{local}@example.org"):
        if not (key := email_key(text)).startswith("@"):
            assert email_key(key) == key
    if not (key := username_key(local)).startswith("@"):
        assert username_key(key) == key


@given(st.text(max_size=20), st.text(max_size=20))
def test_addresses_meet_only_by_case_and_composition(one: str, other: str) -> None:
    def folded(text: str) -> str:
        return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text.strip()).lower())

    if email_key(f"{one}@example.org") == email_key(f"{other}@example.org"):
        assert folded(f"{one}@example.org") == folded(f"{other}@example.org")


def test_what_is_typed_with_an_at_sign_is_an_address_and_all_else_a_username() -> None:
    assert identifier_key("Ann@Example.org") == Identifier("email", "ann@example.org")
    assert identifier_key(" Ann ") == Identifier("username", "ann")


@given(st.text(max_size=60))
def test_a_username_never_has_the_key_of_an_address(text: str) -> None:
    assert username_key(text) != email_key("ann@example.org")
    assert "@" not in username_key(text)[1:]


def test_a_wide_at_sign_makes_no_username_that_is_an_address() -> None:
    assert username_key("ann＠example.org").startswith("@")
    with pytest.raises(Unfit) as bad:
        check_username("ann＠example.org")
    assert codes(bad) == ["invalid_username"]


def judged(check: Callable[[str], Checked], text: str) -> Checked | None:
    """What came of a check, or None if it was refused; a refusal says why."""
    try:
        return check(text)
    except Unfit as bad:
        if not bad.reasons:
            raise
        return None


# New addresses


def test_a_new_address_keeps_its_owners_spelling() -> None:
    assert check_email(" Ann.Lee@Example.ORG ") == Email("Ann.Lee@example.org", "ann.lee@example.org")
    assert check_email("ann@xn--bcher-kva.com") == Email("ann@bücher.com", "ann@xn--bcher-kva.com")


@pytest.mark.parametrize("wrong", ["ann", "ann@", "ann@localhost", "ann lee@x.org", '"a b"@x.org', "ann@[127.0.0.1]"])
def test_an_address_that_no_mail_reaches_is_refused(wrong: str) -> None:
    with pytest.raises(Unfit) as bad:
        check_email(wrong)
    assert codes(bad) == ["invalid_email"]


@pytest.mark.parametrize("wrong", ["a" * 65 + "@x.org", "a@" + "b" * 60 + ("." + "c" * 60) * 4])
def test_an_address_that_mail_can_not_carry_is_refused(wrong: str) -> None:
    with pytest.raises(Unfit) as bad:
        check_email(wrong)
    assert codes(bad) == ["too_long"]


@pytest.mark.parametrize("mapped", ["mike@ſite.com", "mike@ⓢite.com", "mi\u212ae@site.com", "mike@site。com"])
def test_a_new_address_is_never_silently_turned_into_another(mapped: str) -> None:
    with pytest.raises(Unfit) as bad:
        check_email(mapped)
    assert codes(bad) == ["invalid_email"]


def test_addresses_of_tests_pass_in_tests_alone() -> None:
    assert check_email("x@y.test", testing=True).key == "x@y.test"
    with pytest.raises(Unfit):
        check_email("x@y.test")


def graded_addresses() -> list[tuple[str, str]]:
    # The list writes control characters as their pictures, U+2400 and on. It is a file of our own: no hostile XML.
    from xml.etree import ElementTree

    tests = ElementTree.parse(DATA / "isemail_tests.xml").getroot().iter("test")
    pictures = {0x2400 + c: chr(c) for c in range(32)}
    return [((test.findtext("address") or "").translate(pictures), test.findtext("category") or "") for test in tests]


def test_of_the_graded_addresses_only_plain_valid_ones_are_taken() -> None:
    graded = graded_addresses()
    assert len(graded) == 164
    for address, category in graded:
        if address != address.strip():
            continue  # blanks around what was typed are forgiven
        if found := judged(check_email, address):
            assert category in {"ISEMAIL_VALID_CATEGORY", "ISEMAIL_DNSWARN"}, address
            assert email_key(found.address) == found.key == email_key(address)


@given(st.emails() | st.text(max_size=60) | st.builds("{}@{}.com".format, st.text(max_size=20), st.text(max_size=20)))
def test_a_new_address_is_found_again_by_what_was_typed_and_by_what_is_stored(text: str) -> None:
    if found := judged(check_email, text):
        assert email_key(text) == email_key(found.address) == found.key
        assert len(found.address) <= KEY_LENGTH


# New usernames


def test_a_new_username_keeps_its_owners_spelling() -> None:
    assert check_username(" Ann-Lee ") == Username("Ann-Lee", "ann-lee")
    assert check_username("Ａｎｎ") == Username("Ann", "ann")
    assert check_username("Ærøskøbing").key == "ærøskøbing"


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ("", ["too_short"]),
        ("a", ["too_short"]),
        ("@", ["too_short", "invalid_username"]),
        ("ann@example.org", ["invalid_username"]),
        ("ann lee", ["invalid_username"]),
        ("ann\tlee", ["invalid_username"]),
        ("ann\x00lee", ["invalid_username"]),
        ("ann\u200blee", ["invalid_username"]),
        ("ann\u202elee", ["invalid_username"]),
        ("ann\ud800", ["invalid_username"]),
        ("..", ["invalid_username"]),
        ("<>", ["invalid_username"]),
        ("😀😀", ["invalid_username"]),
        ("a" * 65, ["too_long"]),
        pytest.param("a" * 1_000_000, ["too_long"], id="a megabyte"),
    ],
)
def test_a_username_that_breaks_the_rules_is_refused_with_all_reasons(wrong: str, expected: list[str]) -> None:
    with pytest.raises(Unfit) as bad:
        check_username(wrong)
    assert codes(bad) == expected
    assert all(str(reason.text) for reason in bad.value.reasons)


@pytest.mark.parametrize("name", ["admin", "Admin", "ADMIN", "аdmin", "ADMlN", "r00t", "ROOT", "Housekey", "lnfo"])
def test_a_name_that_seems_to_be_the_sites_own_is_refused(name: str) -> None:
    with pytest.raises(Unfit) as bad:
        check_username(name)
    assert codes(bad) == ["reserved_username"]


def test_a_host_chooses_lengths_and_reserved_names() -> None:
    assert check_username("admin", reserved=()).key == "admin"
    assert check_username("a", shortest=1).key == "a"
    assert check_username("a" * 100, longest=100).key == "a" * 100
    with pytest.raises(Unfit):
        check_username("Boss", reserved=["BOSS"])
    with pytest.raises(Unfit):
        check_username("a" * 255, longest=1000)


def test_usernames_follow_rfc_8265() -> None:
    for case in json.loads((DATA / "precis_golden.json").read_text("utf-8")):
        if case["profile"] != "UsernameCaseMapped" or case["input"] != case["input"].strip():
            continue  # blanks around a typed name are forgiven
        if case["error"] or "@" in case["output"]:
            assert username_key(case["input"]).startswith("@")
        else:
            assert username_key(case["input"]) == case["output"]


@pytest.mark.parametrize("text", NAUGHTY)
def test_naughty_strings_are_judged_without_an_error(text: str) -> None:
    for found in (judged(check_email, text), judged(check_username, text)):
        assert found is None or identifier_key(text).key == found.key


@given(st.text(max_size=80))
def test_a_new_username_is_found_again_by_what_was_typed_and_by_what_is_stored(text: str) -> None:
    if found := judged(check_username, text):
        assert username_key(text) == username_key(found.name) == found.key
        assert len(found.key) <= KEY_LENGTH
        assert "@" not in found.name


def test_a_username_is_counted_as_it_is_seen():
    for written in ("\u00e9", "e\u0301"):
        with pytest.raises(Unfit):
            check_username(written, shortest=2)
    assert check_username("e\u0301" * 4, longest=4).name == "\u00e9" * 4
