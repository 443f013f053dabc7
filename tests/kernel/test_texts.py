"""Sentences are spoken in the reader's language, whatever a catalogue holds."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo

from housekey.kernel.dates import Day, Moment, time_text
from housekey.kernel.texts import catalogue, is_spoken, plural, speaking, text

MOMENT = datetime(2026, 5, 3, 22, 30, tzinfo=UTC)


@pytest.fixture
def own(tmp_path):
    """Keeps sentences in a folder of the host's own, and answers the folder."""

    def keep(code, **sentences):
        path = tmp_path / code / "LC_MESSAGES" / "housekey.mo"
        path.parent.mkdir(parents=True)
        made = Catalog(locale=code)
        for message, translated in sentences.items():
            made.add(message.replace("_", " "), translated)
        with path.open("wb") as file:
            write_mo(file, made)
        return tmp_path

    yield keep
    catalogue.cache_clear()


def test_a_sentence_is_translated_when_it_is_shown_and_not_before():
    sentence = text("Log in")
    with speaking("de"):
        assert str(sentence) == "Anmelden"
    assert str(sentence) == "Log in"


@pytest.mark.parametrize(("code", "word"), [("de-AT", "Anmelden"), ("de_CH", "Anmelden"), ("tlh", "Log in")])
def test_a_country_has_the_words_of_its_language_and_an_unknown_language_english(code, word):
    with speaking(code):
        assert str(text("Log in")) == word


def test_a_host_overrides_a_sentence_and_keeps_all_others(own):
    with speaking("de", own("de", Log_in="Hereinspaziert")):
        assert (str(text("Log in")), str(text("Log out"))) == ("Hereinspaziert", "Abmelden")


def test_a_host_overrides_english_too(own):
    with speaking("en", own("en", Log_in="Sign in")):
        assert (str(text("Log in")), str(text("Log out"))) == ("Sign in", "Log out")


def test_a_language_is_known_by_its_sentences(own):
    folder = own("fr", Log_in="Se connecter")
    assert (is_spoken("de"), is_spoken("en-GB"), is_spoken("fr"), is_spoken("fr", folder)) == (True, True, False, True)


@pytest.mark.parametrize("slip", ["Hallo {nam}", "Hallo {0}", "Hallo {", "Hallo {name.secret}"])
def test_a_slip_in_a_catalogue_shows_english_and_breaks_nothing(own, slip):
    folder = own("de", **{"Logged in as {name}".replace(" ", "_"): slip})
    with speaking("de", folder):
        sentence = text("Logged in as {name}", name="<Ann>")
        assert (str(sentence), sentence.__html__()) == ("Logged in as <Ann>", "Logged in as &lt;Ann&gt;")


@pytest.mark.parametrize(("code", "one", "two"), [("en", "1 code is left", "2 codes are left"),
                                                  ("de", "1 Code ist übrig", "2 Codes sind übrig")])  # fmt: skip
def test_a_number_has_its_own_form(code, one, two):
    with speaking(code):
        said = [str(plural("{count} code is left", "{count} codes are left", count=count)) for count in (1, 2)]
    assert said == [one, two]


def test_nothing_stays_nothing():
    """gettext's translation of the empty text is the head of its catalogue."""
    with speaking("de"):
        assert str(text("")) == ""


def test_a_moment_is_told_by_the_readers_clock_and_in_their_words():
    assert str(time_text(MOMENT)) == "3 May 2026, 22:30 UTC"
    with speaking("de"):
        assert str(time_text(MOMENT, "Europe/Berlin")) == "4. Mai 2026, 00:30 Uhr (Europe/Berlin)"
    assert str(time_text(MOMENT, "../etc/passwd")) == "3 May 2026, 22:30 UTC"


def test_on_a_page_machines_can_read_it_too():
    sentence = text("Last changed on {day}.", day=Day(date(2026, 3, 4)))
    assert str(sentence) == "Last changed on 4 March 2026."
    assert sentence.__html__() == 'Last changed on <time datetime="2026-03-04">4 March 2026</time>.'
    assert Moment(MOMENT).__html__() == '<time datetime="2026-05-03T22:30:00Z">3 May 2026, 22:30 UTC</time>'
