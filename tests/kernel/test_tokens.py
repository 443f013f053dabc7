"""Tokens of sessions, parked logins, links and known browsers."""

from __future__ import annotations

import base64

import pytest

from housekey.kernel import tokens


@pytest.mark.asvs("6.5.3", "7.2.3", "11.5.1", "11.5.2")
def test_a_token_holds_256_bits_each_byte_drawn_for_itself():
    made = [base64.urlsafe_b64decode(tokens.new_token().secret + "=") for _ in range(2000)]
    assert len(set(made)) == len(made)
    assert {len(token) for token in made} == {32}
    assert min(len(set(column)) for column in zip(*made, strict=True)) > 240


def test_what_is_kept_of_it_shows_nothing_and_its_repr_neither():
    token = tokens.new_token()
    assert len(token.digest) == 32
    assert token.secret.encode() not in token.digest
    assert token.secret not in repr(token)
