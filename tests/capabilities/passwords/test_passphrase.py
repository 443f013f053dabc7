"""A suggested passphrase is strong, allowed, and nothing to blush at."""

from __future__ import annotations

import math
import re

import pytest

from housekey.capabilities.passwords.passphrase import suggest, words, words_needed


def test_a_passphrase_holds_64_bits():
    assert words_needed() * math.log2(len(words())) >= 64
    assert len(suggest().split("-")) == words_needed()


def test_every_word_is_one_of_its_kind():
    assert len(words()) == len(set(words())) > 1296
    assert all(re.fullmatch("[a-z]{3,8}", word) for word in words())


def test_a_passphrase_is_never_shorter_than_a_password_must_be():
    assert all(len(suggest()) >= 15 for _ in range(200))
    assert 64 <= len(suggest(64)) <= 80


def test_no_passphrase_is_suggested_twice():
    assert len({suggest() for _ in range(500)}) == 500


def test_the_words_are_drawn_evenly():
    drawn = {word for _ in range(4000) for word in suggest().split("-")}
    # Of 24,000 draws each word is missing with a chance of e^-9.9; 20 missing words are beyond belief.
    assert len(words()) - len(drawn) < 20


@pytest.mark.parametrize(
    "word", ["kill", "drug", "gun", "slave", "naked", "hell", "sex", "ass", "nazi", "dead", "blood", "rape", "shit"]
)
def test_no_word_offends(word):
    assert word not in words()
