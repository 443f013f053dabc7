"""Hashes of our own: argon2id, peppers, and the same work for everyone."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from functools import partial
from statistics import median
from time import process_time

import bcrypt
import pytest
from argon2 import PasswordHasher
from hypothesis import assume, example, given
from hypothesis import strategies as st

from housekey.capabilities.passwords import hashing
from housekey.capabilities.passwords.hashing import LONGEST, Hasher, dummy_hash, key_id
from housekey.capabilities.passwords.profiles import PROFILES
from housekey.capabilities.passwords.settings import PasswordSettings

CHEAP, LIGHT = PROFILES["cheap"], PROFILES["light"]
PEPPER, OLDER, OLDEST = "p" * 32, "q" * 32, "r" * 32
SECRET = "correct horse battery staple"
any_text = st.text(alphabet=st.characters(), max_size=60)
plain, peppered = Hasher(CHEAP), Hasher(CHEAP, pepper=PEPPER)
both = pytest.mark.parametrize("hasher", [plain, peppered], ids=["plain", "peppered"])


@pytest.mark.asvs("6.2.8")
@both
@given(password=any_text, other=any_text)
@example("", "\0")
@example("nul\0inside", "nul")
@example("nul\0inside", "nul\0outside")
@example("\ud800", "\udfff")
@example("Å", "Å")
@example("é", "é")
@example("word", "word ")
@example("word", "Word")
@example("x" * 72 + "y", "x" * 72 + "z")
def test_any_text_fits_its_hash_and_no_other_text_does(hasher, password, other):
    assume(password != other)
    stored = hasher.hash(password)
    assert hasher.verify(stored, password)
    assert not hasher.verify(stored, other)


@both
def test_a_hash_says_nothing_of_its_password_and_never_repeats(hasher):
    one, two = hasher.hash(SECRET), hasher.hash(SECRET)
    assert one != two
    assert SECRET not in one
    assert PEPPER not in one


@both
@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_gives_an_argon2_string_of_its_parameters_that_fits_a_column_of_130(hasher, name):
    profile = PROFILES[name]
    stored = Hasher(profile, pepper=hasher.pepper).hash(SECRET)
    assert f"$argon2id$v=19$m={profile.memory},t={profile.passes},p=1$" in stored
    assert len(stored) <= 130


@pytest.mark.asvs("11.4.2")
def test_every_profile_for_the_public_is_at_or_above_the_floor():
    for name in ("light", "standard", "strong"):
        profile = PROFILES[name]
        assert profile.memory >= 19_456
        assert profile.passes >= 2
        assert not profile.only_for_tests
    assert CHEAP.only_for_tests


def test_our_hashes_are_read_by_any_other_argon2():
    assert PasswordHasher().verify(plain.hash(SECRET), SECRET)


def test_a_hash_is_made_anew_only_when_profile_pepper_or_format_changed():
    assert not plain.needs_rehash(plain.hash(SECRET))
    assert not peppered.needs_rehash(peppered.hash(SECRET))
    assert Hasher(LIGHT).needs_rehash(plain.hash(SECRET))
    assert peppered.needs_rehash(plain.hash(SECRET))
    assert plain.needs_rehash(peppered.hash(SECRET))
    for foreign in ("$2b$04$" + "." * 53, "sha256$salt$" + "0" * 64, "", "nonsense"):
        assert plain.needs_rehash(foreign)
        assert peppered.needs_rehash(foreign)


def test_argon2_with_our_costs_but_a_short_digest_is_made_anew():
    short = PasswordHasher(CHEAP.passes, CHEAP.memory, 1, hash_len=16).hash(SECRET)
    assert plain.verify(short, SECRET)
    assert plain.needs_rehash(short)


def test_after_a_change_of_pepper_old_hashes_verify_and_are_made_anew():
    oldest, older = Hasher(CHEAP, pepper=OLDEST).hash(SECRET), Hasher(CHEAP, pepper=OLDER).hash(SECRET)
    now = Hasher(CHEAP, pepper=PEPPER, old_peppers=(OLDER, OLDEST))
    for stored in (oldest, older, plain.hash(SECRET)):
        assert now.verify(stored, SECRET)
        assert not now.verify(stored, SECRET + "!")
        assert now.needs_rehash(stored)
    assert not now.needs_rehash(now.hash(SECRET))


def test_a_pepper_can_be_taken_out_of_use_like_it_came():
    stored = peppered.hash(SECRET)
    now = Hasher(CHEAP, old_peppers=(PEPPER,))
    assert now.verify(stored, SECRET)
    assert now.needs_rehash(stored)
    assert not now.hash(SECRET).startswith("pepper:")


def test_a_stolen_hash_is_worthless_without_its_pepper(caplog):
    stored = peppered.hash(SECRET)
    with caplog.at_level(logging.ERROR, "housekey"):
        assert not plain.verify(stored, SECRET)
        assert not Hasher(CHEAP, pepper=OLDER).verify(stored, SECRET)
    assert f"needs pepper {key_id(PEPPER)}" in caplog.text
    assert not plain.verify(stored.removeprefix(f"pepper:{key_id(PEPPER)}"), SECRET)
    renamed = stored.replace(key_id(PEPPER), key_id(OLDER))
    assert not Hasher(CHEAP, pepper=OLDER).verify(renamed, SECRET)


def test_no_secret_shows_in_the_repr_of_a_hasher():
    shown = repr(Hasher(CHEAP, pepper=PEPPER, old_peppers=(OLDER,), flask_security_salt=OLDEST))
    assert not any(secret in shown for secret in (PEPPER, OLDER, OLDEST))


def test_a_hasher_is_made_from_the_settings():
    settings = PasswordSettings(hash_profile="cheap", pepper=PEPPER, old_peppers=(OLDER,), flask_security_salt="s")
    assert Hasher.of(settings) == Hasher(CHEAP, PEPPER, (OLDER,), "s")


def test_a_megabyte_is_refused_before_anything_is_hashed(monkeypatch):
    stored = plain.hash(SECRET)
    monkeypatch.setattr(hashing.formats, "encode", None)
    assert not plain.verify(stored, "x" * (LONGEST + 1))
    assert not plain.verify(None, "x" * 1_000_000)
    with pytest.raises(ValueError, match="never hashed"):
        plain.hash("x" * (LONGEST + 1))


def test_the_longest_imported_password_still_verifies():
    stored = bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4))
    assert plain.verify(stored.decode(), "x" * LONGEST)


def test_a_bcrypt_hash_kept_as_bytes_verifies():
    stored = bcrypt.hashpw(SECRET.encode(), bcrypt.gensalt(4))
    assert plain.verify(stored, SECRET)
    assert plain.needs_rehash(stored)
    assert not plain.verify(b"\xff\xfe", SECRET)


@both
@pytest.mark.parametrize("stored", [None, "", "!", "nonsense"])
def test_nobody_has_a_password(hasher, stored):
    for password in ("", SECRET, "None"):
        assert not hasher.verify(stored, password)


def test_the_dummy_is_one_a_process_and_profile_and_looks_like_a_real_hash():
    assert dummy_hash(CHEAP) == dummy_hash(CHEAP) != dummy_hash(LIGHT)
    assert not plain.needs_rehash(dummy_hash(CHEAP))


def work_of(monkeypatch, hasher, stored):
    """The argon2 computations that one refusal takes, as their parameters."""
    from argon2 import low_level

    seen, real = [], low_level.verify_secret

    def counting(phc, *rest):
        seen.append(re.search(rb"m=\d+,t=\d+,p=\d+", phc)[0])
        return real(phc, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(low_level, "verify_secret", counting)
        assert not hasher.verify(stored, "wrong")
    return seen


@both
def test_unknown_users_odd_rows_and_quick_old_hashes_cost_the_work_of_one_real_hash(hasher, monkeypatch):
    work = partial(work_of, monkeypatch, hasher)
    real = work(hasher.hash(SECRET))
    assert len(real) == 1
    for stored in (None, "", "nonsense", "sha256$salt$" + "0" * 64, "pepper:00000000" + dummy_hash(CHEAP)):
        assert work(stored) == real


def test_unknown_users_cost_as_much_while_hashes_of_flask_security_are_taken_over(monkeypatch):
    hasher = Hasher(CHEAP, flask_security_salt="146585145368132386173505678016728509634")
    work = partial(work_of, monkeypatch, hasher)
    assert work(None) == work(hasher.hash(SECRET))


def test_an_unknown_user_is_refused_in_the_time_of_a_wrong_password():
    hasher = Hasher(LIGHT)
    stored = hasher.hash(SECRET)

    def seconds(which):
        started = process_time()
        hasher.verify(which, "wrong")
        return process_time() - started

    pairs = [(seconds(None), seconds(stored)) for _ in range(7)]
    unknown, wrong = (median(column) for column in zip(*pairs, strict=True))
    # CPU time, for the machine does other things; a leak would be a factor of hundreds.
    assert 1 / 3 < unknown / wrong < 3


SHORT_OF_MEMORY = """
import resource
from housekey.capabilities.passwords.hashing import Hasher, dummy_hash
from housekey.capabilities.passwords.profiles import PROFILES, Profile
from housekey.errors import Busy
import argon2.low_level
small, huge = Hasher(PROFILES["cheap"]), Hasher(Profile("strong", memory=2**20, passes=1))
resource.setrlimit(resource.RLIMIT_AS, (500 * 2**20, 500 * 2**20))
for work in (lambda: small.verify(dummy_hash(huge.profile), "password"), lambda: huge.hash("password")):
    try:
        work()
    except Busy:
        print("busy")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits memory the way Linux does")
def test_a_server_short_of_memory_is_busy_and_calls_no_password_wrong():
    run = subprocess.run([sys.executable, "-c", SHORT_OF_MEMORY], capture_output=True, text=True, check=True)
    assert run.stdout == "busy\nbusy\n"
