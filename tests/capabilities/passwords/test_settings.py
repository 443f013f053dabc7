"""The settings of passwords are checked at start-up, and show no secret."""

from __future__ import annotations

import pytest

from housekey.capabilities.passwords.profiles import PROFILES
from housekey.capabilities.passwords.settings import PasswordSettings
from housekey.errors import ConfigurationError
from housekey.settings import entries, load

KEYS = {entry.key: entry for entry in entries(PasswordSettings)}


def settings(**config):
    return load({f"HOUSEKEY_PASSWORDS_{key.upper()}": value for key, value in config.items()}, [PasswordSettings])[
        PasswordSettings
    ]


@pytest.mark.asvs("6.2.1")
def test_the_shortest_password_is_15_and_can_be_lowered_to_8():
    assert settings().min_length == 15
    assert settings(min_length=8).min_length == 8
    with pytest.raises(ConfigurationError, match="at least 8"):
        settings(min_length=7)


@pytest.mark.asvs("6.2.9")
def test_the_longest_password_is_never_below_64():
    assert settings().max_length == 128
    with pytest.raises(ConfigurationError, match="at least 64"):
        settings(max_length=63)


def test_lists_may_be_texts_with_commas():
    assert settings(site_words="Muster AG, Adler").site_words == ("Muster AG", "Adler")


def test_every_profile_can_be_chosen_and_no_other():
    for name in PROFILES:
        assert settings(hash_profile=name).hash_profile == name
    with pytest.raises(ConfigurationError, match="standard"):
        settings(hash_profile="md5")


@pytest.mark.parametrize(("key", "value"), [("pepper", "Zwerg"), ("old_peppers", ("x" * 32, "Zwerg"))])
def test_a_short_pepper_is_refused_with_the_cure_and_without_showing_it(key, value):
    with pytest.raises(ConfigurationError, match="token_urlsafe") as refused:
        settings(**{key: value})
    assert "Zwerg" not in str(refused.value)
    assert f"HOUSEKEY_PASSWORDS_{key.upper()}" in str(refused.value)


def test_secrets_are_marked_and_stay_out_of_the_repr():
    secrets = {"pepper": "a" * 32, "old_peppers": ("b" * 32,), "flask_security_salt": "c" * 32}
    shown = repr(settings(**secrets))
    for key, value in secrets.items():
        assert KEYS[f"HOUSEKEY_PASSWORDS_{key.upper()}"].secret
        assert str(value) not in shown


def test_every_setting_says_what_it_is_for():
    assert all(len(entry.doc) > 20 for entry in KEYS.values())
