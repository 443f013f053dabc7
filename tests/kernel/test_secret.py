"""A Secret is never seen by accident."""

import copy
import json
import logging
import pickle

import msgspec
import pytest

from housekey.kernel.secret import Secret

PASSWORD = "correct horse battery staple"


class Login(msgspec.Struct):
    name: str
    password: Secret


def test_no_way_of_writing_it_down_shows_it(caplog):
    secret = Secret(PASSWORD)
    logging.getLogger("housekey").warning("%s %r %s", secret, secret, Login("ann", secret))
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r}", repr(Login("ann", secret)), caplog.text]
    assert not any(PASSWORD in text for text in shown)


def test_it_reveals_exactly_what_was_received():
    assert Secret("  pa\0ß\u0308 ").reveal() == "  pa\0ß\u0308 "
    assert len(Secret("👩‍💻")) == 3


def test_it_is_not_written_as_json():
    with pytest.raises(TypeError):
        msgspec.json.encode(Login("ann", Secret(PASSWORD)))
    with pytest.raises(TypeError):
        json.dumps({"password": Secret(PASSWORD)})


def test_it_is_not_stored_in_caches_or_job_queues():
    with pytest.raises(TypeError, match="not stored"):
        pickle.dumps(Secret(PASSWORD))


def test_copies_of_a_struct_keep_it():
    login = Login("ann", Secret(PASSWORD))
    assert copy.deepcopy(login) == login


def test_it_equals_only_a_secret_of_the_same_text():
    assert Secret("a") == Secret("a")
    assert hash(Secret("a")) == hash(Secret("a"))
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert Secret("\ud800") == Secret("\ud800")


def test_an_empty_one_is_false():
    assert not Secret("")
    assert Secret(" ")
