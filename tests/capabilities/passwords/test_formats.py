"""Hashes made by other systems verify, and nothing else about them can hurt.

tests/data/password_hashes.json holds hashes of one password made by the systems themselves, with low costs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import bcrypt
import pytest
import werkzeug.security
from argon2 import PasswordHasher
from argon2.low_level import Type
from hypothesis import example, given
from hypothesis import strategies as st

from housekey.capabilities.passwords import formats, primitives
from housekey.capabilities.passwords.formats import candidates, encode, identify
from housekey.errors import ConfigurationError

DATA = json.loads((Path(__file__).parents[2] / "data" / "password_hashes.json").read_text())
PASSWORD, SALT, HASHES = DATA["password"], DATA["flask_security_salt"], DATA["hashes"]
every_hash = pytest.mark.parametrize("known", HASHES, ids=lambda known: f"{known['made_by']}: {known['stored'][:24]}")


def fits(stored: str, password: str, salt: str | None = None) -> bool:
    format = identify(stored)
    return format is not None and any(format.verify(stored, each) for each in candidates(format, password, salt))


@every_hash
def test_a_hash_of_another_system_is_recognised_and_verifies(known):
    assert identify(known["stored"]).name == known["format"]
    assert fits(known["stored"], PASSWORD, SALT)


@every_hash
def test_a_wrong_password_never_fits_a_hash_of_another_system(known):
    for wrong in ("", PASSWORD + " ", PASSWORD.lower(), PASSWORD[:-1], "\0" + PASSWORD):
        assert not fits(known["stored"], wrong, SALT)


@pytest.mark.parametrize("known", [known for known in HASHES if known.get("flask_security")])
def test_a_hash_of_flask_security_fits_nothing_without_its_salt(known):
    assert not fits(known["stored"], PASSWORD)
    assert not fits(known["stored"], PASSWORD, SALT + "0")


def test_a_hash_that_flask_security_never_saw_verifies_although_its_salt_is_set():
    plain = PasswordHasher(1, 64, 1).hash(PASSWORD)
    assert fits(plain, PASSWORD, SALT)


# bcrypt 5 refuses what is longer than 72 bytes; its forerunners cut, and so did whoever stored these hashes.
@given(password=st.text(min_size=73, max_size=90))
def test_bcrypt_reads_the_72_bytes_that_its_origin_read(password):
    stored = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode()
    assert fits(stored, password)
    assert fits("bcrypt$" + stored, password)


@given(password=st.text(max_size=20))
@example("nul\0inside")
def test_any_text_that_werkzeug_bcrypt_or_argon2_hashed_verifies(password):
    for stored in (
        werkzeug.security.generate_password_hash(password, "scrypt:128:8:1"),
        werkzeug.security.generate_password_hash(password, "pbkdf2:sha512:2"),
        bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode(),
        *(PasswordHasher(1, 8, 1, type=kind).hash(password) for kind in Type),
    ):
        assert fits(stored, password)
        assert not fits(stored, password + "x")


def test_an_argon2_hash_of_the_first_version_verifies():
    # Argon2 1.0 wrote no version (libargon2's own test, test.c, version 16).
    first = "$argon2i$m=65536,t=2,p=1$c29tZXNhbHQ$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ"
    assert fits(first, "password")
    assert not fits(first, "passwore")


TOO_COSTLY = {
    "argon2, 8 GiB": "$argon2id$v=19$m=8388608,t=1,p=1$" + "A" * 22 + "$" + "A" * 43,
    "argon2, a billion passes": "$argon2id$v=19$m=65536,t=1000000000,p=1$" + "A" * 22 + "$" + "A" * 43,
    "argon2, 1000 threads": "$argon2id$v=19$m=65536,t=1,p=1000$" + "A" * 22 + "$" + "A" * 43,
    "django argon2, 8 GiB": "argon2$argon2id$v=19$m=8388608,t=1,p=1$" + "A" * 22 + "$" + "A" * 43,
    "bcrypt, cost 31": "$2b$31$" + "." * 53,
    "bcrypt_sha256, cost 20": "bcrypt_sha256$$2b$20$" + "." * 53,
    "werkzeug scrypt, 8 GiB": "scrypt:8388608:8:1$salt$" + "0" * 128,
    "werkzeug pbkdf2, an hour": "pbkdf2:sha256:9999999999$salt$" + "0" * 64,
    "django pbkdf2, an hour": "pbkdf2_sha256$9999999999$salt$" + "A" * 43 + "=",
    "django scrypt, 8 GiB": "scrypt$8388608$salt$8$1$" + "A" * 86 + "==",
    "passlib scrypt, 2^99": "$scrypt$ln=99,r=8,p=1$" + "A" * 22 + "$" + "A" * 43,
    "passlib pbkdf2, an hour": "$pbkdf2-sha512$9999999999$" + "A" * 22 + "$" + "A" * 86,
}


@pytest.mark.parametrize("stored", TOO_COSTLY.values(), ids=TOO_COSTLY)
def test_a_stored_hash_of_absurd_cost_is_refused_and_not_computed(stored, monkeypatch):
    def computed(*args, **kwargs):
        raise AssertionError("computed")

    for module, name in (("argon2.low_level", "verify_secret"), ("bcrypt", "checkpw")):
        monkeypatch.setattr(f"{module}.{name}", computed)
    for name in ("scrypt", "pbkdf2_hmac"):
        monkeypatch.setattr(primitives.hashlib, name, computed)
    assert identify(stored) is not None
    assert not fits(stored, PASSWORD)


MALFORMED = [
    "",
    "$",
    "!",
    "*",
    PASSWORD,
    "None",
    "$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$",
    "$argon2id$v=19$m=1,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$" + "A" * 43,
    "$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAB$" + "A" * 43,
    "$argon2id$v=19$m=64,t=1,p=1,data=AAAA$AAAAAAAAAAAAAAAAAAAAAA$" + "A" * 43,
    "$2b$04$" + "." * 52,
    "$2b$04$" + "z" * 53,
    "$2b$00$" + "." * 53,
    "$2x$04$" + "." * 53,
    "scrypt:1000:8:1$salt$" + "0" * 128,
    "scrypt:0:0:0$salt$" + "0" * 128,
    "scrypt:1024:8:1$$" + "0" * 128,
    "scrypt:1024:8:1$\ud800$" + "0" * 128,
    "pbkdf2:sha256:0$salt$" + "0" * 64,
    "pbkdf2:md5:1000$salt$" + "0" * 32,
    "pbkdf2:sha256:1000$salt$00",
    "pbkdf2:sha256:٣$salt$" + "0" * 64,
    "pbkdf2_sha256$1000$salt$====",
    "pbkdf2_sha256$1000$salt$" + "A" * 41,
    "$scrypt$ln=0,r=8,p=1$" + "A" * 22 + "$" + "A" * 43,
    "sha256$salt$" + "0" * 63,
    "sha1$salt$" + "0" * 40,
    "md5$salt$" + "0" * 32,
    "plain$$" + PASSWORD,
    "scrypt:1024:8:1$salt$" + "0" * 100_000,
]


@pytest.mark.parametrize("stored", MALFORMED, ids=lambda stored: ascii(stored)[:40])
def test_a_malformed_hash_fits_no_password_and_raises_nothing(stored):
    assert not fits(stored, PASSWORD, SALT)
    assert not fits(stored, "", SALT)


@given(st.data())
def test_a_damaged_hash_fits_no_password_and_raises_nothing(data):
    stored = data.draw(st.sampled_from([known["stored"] for known in HASHES if len(known["stored"]) < 150]))
    at = data.draw(st.integers(0, len(stored) - 1))
    # Only in the digest: damage to a cost may lawfully make the check long.
    at = max(at, len(stored) - 20)
    damaged = stored[:at] + data.draw(st.characters()) + stored[at + 1 :]
    # The last characters of base64 may hold bits that mean nothing.
    if damaged[:-3] != stored[:-3] and damaged.replace(".", "+") != stored.replace(".", "+"):
        assert not fits(damaged, PASSWORD, SALT)
    else:
        fits(damaged, PASSWORD, SALT)


@given(stored=st.text(max_size=200), password=st.text(alphabet=st.characters(), max_size=20))
def test_no_text_at_all_in_the_place_of_a_hash_raises_anything(stored, password):
    assert not fits(stored, password, SALT)


@given(st.text(alphabet=st.characters(), max_size=20), st.text(alphabet=st.characters(), max_size=20))
@example("\ud800", "\udc00")
@example("\ud83d\ude00", "😀")
def test_two_texts_have_the_same_bytes_only_if_they_are_the_same(one, other):
    assert (encode(one) == encode(other)) == (one == other)


def test_a_bcrypt_hash_without_the_extra_says_which_one_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "bcrypt", None)
    with pytest.raises(ConfigurationError, match=r"housekey\[bcrypt\]"):
        fits("$2b$04$" + "." * 53, PASSWORD)


def test_formats_are_told_apart_by_their_whole_shape():
    for known in HASHES:
        assert [format.name for format in formats.FORMATS if format.knows(known["stored"])] == [known["format"]]
