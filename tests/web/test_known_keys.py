"""Keys that others may know sign nothing; keys made at random are never taken for one of them."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from housekey.errors import ConfigurationError
from housekey.testing import SETTINGS
from housekey.web.known_keys import weakness_of
from rig.apps import small_app

COPIED = [
    "5791628bb0b13ce0c676dfde280ba245",
    "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",
    b"192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",
    SETTINGS["SECRET_KEY"],
    "django-insecure-k3!x9q@w7#z5$m1&p8^r4*t6(y2)u0_i-o=e+a",
    "your-secret-key-goes-here-and-nowhere-else",
    "change-me-please-change-me-please-before-launch",
    "this-is-the-SECRET_KEY-of-my-first-application",
    "an insecure key that is long enough to pass",
    "example-key-0123456789-0123456789-0123456789",
    "use-another-one-in-production-0123456789abcdef",
]
RANDOM = st.binary(min_size=32, max_size=32)


@pytest.mark.flaw(9)
@pytest.mark.parametrize("key", COPIED)
def test_a_key_from_a_tutorial_or_a_placeholder_signs_nothing(key):
    assert "well known" in str(weakness_of(key))
    app = small_app(TESTING=False, PROPAGATE_EXCEPTIONS=True)
    app.secret_key = key
    with pytest.raises(ConfigurationError, match="SECRET_KEY is well known") as told:
        app.test_client().get("/private")
    assert str(key) not in str(told.value)


@pytest.mark.flaw(9)
@pytest.mark.parametrize("key", [COPIED[0], "dev"])
def test_nor_does_it_as_a_former_key(key):
    app = small_app(TESTING=False, PROPAGATE_EXCEPTIONS=True, SECRET_KEY_FALLBACKS=[key])
    with pytest.raises(ConfigurationError, match="SECRET_KEY_FALLBACKS: number 1"):
        app.test_client().get("/private")


def test_a_former_key_that_is_only_short_goes_on_for_its_day():
    settings = {"TESTING": False, "HOUSEKEY_PASSWORDS_HASH_PROFILE": "light"}
    app = small_app(**settings, SECRET_KEY_FALLBACKS=["q8Zr0-2mXw7Lk1Vt5Yb"])
    assert app.test_client().get("/private").status_code == 302


@pytest.mark.flaw(9)
@pytest.mark.parametrize("setting", ["HOUSEKEY_AUDIT_KEY", "HOUSEKEY_SEAL_KEY"])
@pytest.mark.parametrize("key", ["x", "audit", "q8Zr0-2mXw7Lk1Vt5Yb", COPIED[0], COPIED[6]])
def test_a_key_that_can_be_guessed_neither_signs_the_log_nor_seals(setting, key):
    """Whoever has a copy of the database tries millions a second, and then forges entries, or reads what is sealed."""
    with pytest.raises(ConfigurationError, match=f"{setting} (has|is)") as told:
        small_app(**{setting: key})
    assert key == "x" or key not in str(told.value)


def test_a_former_key_that_could_be_guessed_still_verifies_and_opens():
    small_app(HOUSEKEY_AUDIT_KEY_FALLBACKS=("audit",), HOUSEKEY_SEAL_KEY_FALLBACKS=("seal",))


@given(RANDOM)
def test_no_random_key_is_taken_for_a_known_one(raw):
    if len(set(raw)) < 16:
        return  # of 32 random bytes so few are different less than once in 10^16: Hypothesis likes zeros
    for key in (raw, raw.hex(), raw[:16].hex() + raw[16:].hex(), base64.urlsafe_b64encode(raw).decode()):
        assert weakness_of(key) is None
