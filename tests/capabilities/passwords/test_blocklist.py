"""Common passwords are known as such."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from housekey.capabilities.passwords.blocklist import common, is_common, repeated_unit


@pytest.mark.asvs("6.2.4", "6.2.12")
def test_the_list_holds_3000_passwords_of_each_length_that_can_be_asked_for():
    settable = [sum(length <= len(password) <= 128 for password in common()) for length in (8, 15)]
    assert all(count >= 3000 for count in settable)


@pytest.mark.parametrize("password", ["password", "PassWord", "12345678", "1qaz2wsx3edc4rfv", "123456789987654321"])
def test_a_common_password_is_known_in_any_case(password):
    assert is_common(password)


@pytest.mark.parametrize(
    "password", ["passwordpassword", "aaaaaaaaaaaaaaaaaaaaaaaa", "abcdabcdabcdabcd", "!!!!!!!!!!!!!!!!"]
)
def test_a_trivial_piece_repeated_is_as_common(password):
    assert is_common(password)


@pytest.mark.parametrize(
    "password", ["correct horse password staple", "xkcd-1password8-tree", "", "zauberlehrling-im-moor", "\ud800\0"]
)
def test_a_password_that_only_contains_a_common_one_is_not_common(password):
    assert not is_common(password)


def test_further_words_of_the_site_are_common_too():
    assert is_common("Wir-sind-Muster-AG", more=["wir-sind-muster-ag"])
    assert is_common("wir-sind-muster-agwir-sind-muster-ag", more=["Wir-sind-Muster-AG"])
    assert not is_common("wir-sind-muster-ag")


@given(st.text(min_size=1, max_size=12), st.integers(2, 5))
def test_a_repeated_piece_is_found(piece, times):
    unit = repeated_unit(piece * times)
    assert len(unit) <= len(piece)
    assert unit * (len(piece * times) // len(unit)) == piece * times


@pytest.mark.parametrize("module", ["blocklist", "passphrase"])
def test_importing_reads_no_list(module):
    reads = f"""
import sys, importlib.util
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
import housekey.capabilities.passwords.{module}
print([path for path in opened if path.endswith((".gz", "words.txt"))])
"""
    run = subprocess.run([sys.executable, "-c", reads], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
