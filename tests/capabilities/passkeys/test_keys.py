"""Which public keys are kept: those that were asked for, and that nobody can guess the private one of."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from rig.apps import registered, small_app
from rig.authenticators import Authenticator, add


def rsa_key(bits):
    numbers = rsa.generate_private_key(65537, bits).public_key().public_numbers()
    return {1: 3, 3: -257, -1: numbers.n.to_bytes(bits // 8, "big"), -2: b"\x01\x00\x01", -3: b""}


def p384_key():
    """Under the name of ES256."""
    point = ec.generate_private_key(ec.SECP384R1()).public_key().public_numbers()
    return {-1: 2, -2: point.x.to_bytes(48, "big"), -3: point.y.to_bytes(48, "big")}


@pytest.mark.asvs("11.6.1")
@pytest.mark.parametrize(
    "key_data",
    [{3: -47}, {3: -35}, {3: -65535}, {-2: bytes(32), -3: bytes(32)}, p384_key(), rsa_key(1024)],
    ids=["secp256k1", "ES384", "RSA with SHA-1", "no point of the curve", "another curve", "RSA of 1024 bits"],
)
def test_a_key_that_was_not_asked_for_or_that_is_weak_is_not_taken(key_data):
    answer = add(registered(small_app()), Authenticator(key_data=key_data))
    assert (answer.status_code, list(answer.json["fields"])) == (422, ["credential"])


def test_an_rsa_key_of_usual_length_is_taken():
    assert add(registered(small_app()), Authenticator(key_data=rsa_key(2048))).status_code == 201
