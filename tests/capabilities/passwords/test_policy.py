"""What a new password must be, and what it is told if it isn't."""

from __future__ import annotations

import json
from pathlib import Path
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from housekey.capabilities.passwords.passphrase import suggest
from housekey.capabilities.passwords.policy import is_mainly, judge
from housekey.capabilities.passwords.settings import PasswordSettings

DEFAULT = PasswordSettings()
ANN = ("Annette Müller-Smith", "ann.smith+news@example.org", "nettie_77", "Notebook", None, "")
NAUGHTY = json.loads((Path(__file__).parents[2] / "data" / "naughty_strings.json").read_text())


def codes(password, *, min_length=15, settings=DEFAULT, own_words=ANN):
    return [fault.code for fault in judge(password, min_length=min_length, settings=settings, own_words=own_words)]


def test_a_good_password_has_no_fault():
    assert codes("correct horse battery") == []


@pytest.mark.asvs("6.2.1")
def test_a_short_password_is_told_the_length_and_the_cure():
    [fault] = judge("xq7-tr!nk", min_length=15, settings=DEFAULT)
    assert fault.code == "too_short"
    assert "15" in str(fault.text)
    assert "random words" in str(fault.text)
    assert codes("xq7-tr!nk", min_length=8) == []


@pytest.mark.asvs("6.2.9")
@pytest.mark.parametrize("length", [15, 64, 128])
def test_lengths_from_the_shortest_to_the_longest_are_allowed(length):
    assert codes(("zauberlehrling im moor " * 9)[:length]) == []


def test_every_code_point_counts_as_one_character():
    assert codes("猫が好きですが犬も好きだよね") == ["too_short"]
    assert codes("猫が好きですが犬も好きだよね。") == []
    assert codes("🐈🐕🐎🦉🦔🐢🐍🦋🐞🐝🦀🐙🐬🐳") == ["too_short"]
    assert codes("🐈🐕🐎🦉🦔🐢🐍🦋🐞🐝🦀🐙🐬🐳🦜") == []


def test_beyond_the_longest_only_that_is_told():
    assert codes("a" * 129) == ["too_long"]
    assert codes("a" * 10_000_000) == ["too_long"]
    assert codes("ab c" * 20, settings=PasswordSettings(max_length=64)) == ["too_long"]


@pytest.mark.asvs("6.2.5")
@pytest.mark.parametrize(
    "password",
    ["nurkleinebuchstaben", "NURGROSSEBUCHSTABEN", "840275193648205", "!?&%§/()=*+#-_.", " " * 7 + "x" + " " * 8],
)
def test_no_kind_of_character_is_asked_for_or_forbidden(password):
    assert codes(password) == []


@pytest.mark.asvs("6.2.4", "6.2.12")
@pytest.mark.parametrize("password", ["123456789987654321", "1QAZ2WSX3EDC4RFV", "passwordpassword"])
def test_a_common_password_is_refused_and_told_why(password):
    [fault] = judge(password, min_length=15, settings=DEFAULT)
    assert fault.code == "too_common"
    assert "attackers" in str(fault.text)
    assert codes(password, settings=PasswordSettings(blocklist=False)) == []


@pytest.mark.asvs("6.1.2", "6.2.11")
def test_words_of_the_site_are_settings():
    settings = PasswordSettings(blocklist_words=("Alle meine Entchen",), site_words=("Muster AG", "Projekt Adler"))
    assert codes("alle meine entchen", settings=settings) == ["too_common"]
    assert codes("Muster-Adler-2024", settings=settings) == ["contains_own_words"]
    assert codes("alle meine entchen") == codes("Muster-Adler-2024") == []


def test_all_faults_are_told_at_once():
    assert codes("password", own_words=["password"]) == ["too_short", "too_common", "contains_own_words"]


@pytest.mark.asvs("6.2.11")
@pytest.mark.parametrize(
    "password",
    [
        "ann.smith@example.org",
        "ANN.SMITH@EXAMPLE.ORG",
        "ann.smith+news@example.org",
        "annettemüllersmith",
        "AnnetteMüller2024!",
        "Annette-Mu\u0308ller-99",
        "nettie_77nettie_77",
        "notebook-annette",
        "NotebookNotebook1",
        "annette123456789",
        "smith-password1-smith",
        "1234annette56789",
    ],
)
@pytest.mark.asvs("2.1.2")
def test_a_password_made_mainly_of_ones_own_words_is_refused(password):
    assert "contains_own_words" in codes(password)


@pytest.mark.parametrize(
    "password",
    [
        "correct annette battery staple",
        "my notebook is a wild green horse",
        "planned-channels-in-cannes",
        "smith-qV7#pL2m",
        "organic oranges for news",
    ],
)
def test_a_long_password_may_contain_ones_own_words(password):
    assert codes(password, min_length=8) == []


@pytest.mark.parametrize(
    ("name", "password"), [("Tom", "atomkern"), ("Al B", "albatros-ei"), ("Ann", "bannersx"), ("", "xyzzy-17")]
)
def test_a_short_name_inside_another_word_is_no_fault(name, password):
    assert codes(password, min_length=8, own_words=[name]) == []


def test_a_chinese_name_counts_though_it_has_two_characters():
    assert is_mainly("小明12", ["小明"], DEFAULT)
    assert not is_mainly("小明喜欢在下雨天读书", ["小明"], DEFAULT)


@given(
    st.text(alphabet=st.characters(), max_size=130),
    st.lists(st.text(alphabet=st.characters(), max_size=200), max_size=4),
)
def test_any_text_is_judged_without_an_error(password, words):
    for fault in judge(password, min_length=8, settings=DEFAULT, own_words=words):
        assert fault.code in {"too_short", "too_long", "too_common", "contains_own_words"}
        assert "{" not in str(fault.text)


@given(st.text(min_size=8, max_size=128))
def test_ones_own_name_as_a_password_is_always_refused(name):
    # What folding makes of spaces and of one or two letters is no word.
    if len(name.strip()) >= 8:
        assert "contains_own_words" in codes(name.strip(), min_length=8, own_words=[name])


@pytest.mark.parametrize("text", NAUGHTY, ids=lambda text: ascii(text)[:30])
def test_naughty_text_is_judged_like_any_other(text):
    judge(text, min_length=15, settings=DEFAULT, own_words=[text, *ANN])


def test_every_suggested_passphrase_is_allowed():
    for _ in range(50):
        assert codes(suggest()) == []


def test_the_worst_input_is_judged_in_no_time():
    judge("warm up", min_length=15, settings=DEFAULT)
    words = ["ab-" * 40, "ba-" * 40, "abab" * 30]
    started = thread_time()
    judge("ab" * 500, min_length=15, settings=PasswordSettings(max_length=1024), own_words=words)
    assert thread_time() - started < 0.5
