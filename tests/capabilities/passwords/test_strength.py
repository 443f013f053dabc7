"""The meter is honest, quick, and survives everything."""

from __future__ import annotations

import random
import re
import sys
from time import thread_time

import pytest
import zxcvbn_rs_py
from hypothesis import given
from hypothesis import strategies as st

from housekey.capabilities.passwords.passphrase import suggest
from housekey.capabilities.passwords.strength import COMMON, REASONS, WORDS, is_available, measure

NAMES_OF_WARNINGS = {name for name in dir(zxcvbn_rs_py.Warning) if re.fullmatch("[A-Z][A-Za-z0-9]+", name)}


def test_a_common_password_is_very_weak_and_told_why():
    for password in ("password", "PASSWORD", "aaaaaaaaaaaaaaaa"):
        found = measure(password)
        assert (found.score, found.word, found.reason) == (0, WORDS[0], COMMON)


def test_weak_passwords_are_told_a_reason_or_a_cure():
    assert str(measure("qwertzuiopasdf").reason)
    assert str(measure("1987-05-12").reason) == "Dates are easy to guess."
    assert str(measure("kx3").reason) == "Add another word or two."


def test_a_suggested_passphrase_is_strong_and_needs_no_advice():
    found = measure(suggest())
    assert (found.score, str(found.word), found.reason) == (4, "Strong", None)


def test_ones_own_words_are_worth_little():
    assert measure("annettemueller").score > measure("annettemueller", ["Annettemueller"]).score


def test_every_warning_of_the_library_has_a_sentence_of_ours():
    assert set(REASONS) == NAMES_OF_WARNINGS


def test_without_the_extra_there_is_no_meter(monkeypatch):
    assert is_available()
    monkeypatch.setitem(sys.modules, "zxcvbn_rs_py", None)
    assert not is_available()
    assert measure("password") is None


@given(
    st.text(alphabet=st.characters(), max_size=200),
    st.lists(st.text(alphabet=st.characters(), max_size=90), max_size=20),
)
def test_any_text_is_rated(password, words):
    found = measure(password, words)
    assert 0 <= found.score <= 4
    assert found.word == WORDS[found.score]
    assert (found.reason is None) == (found.score == 4)


@pytest.mark.parametrize(
    "signs", ["4@8({[<369!1|70$5+%2", "4@8({[<369!1|70$5+%2abcde", "({[<1!|4", "0123456789-/", "ab12", "qwertyuiop"]
)
def test_the_worst_input_takes_little_more_than_an_ordinary_one(signs):
    """Whoever types must see an answer at each key, and nobody must be able to keep a process busy."""
    own = ["word-of-mine-" * 20] * 20

    def seconds(password):
        started = thread_time()
        measure(password, own)
        return thread_time() - started

    def least(password):
        """CPU time, the best of five: what the rating takes, and not what the machine does beside it."""
        return min(seconds(password) for _ in range(5))

    ordinary = least("correct horse battery staple")
    chosen = ["".join(random.choices(signs, k=length)) for length in (16, 32, 128, 1024)]
    assert max(map(least, chosen)) < 30 * ordinary
