"""Whoever reads is spoken to in their own language: on pages, in JSON, and by mail, whoever caused it."""

from __future__ import annotations

import importlib
import re
from html import unescape
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo

from housekey import authorize
from housekey.errors import ConfigurationError
from housekey.kernel.texts import catalogue, language
from housekey.testing.mailbox import Mailbox
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.mails import send
from rig.people import administrator, id_of

DOCS = Path(__file__).parent.parent.parent / "docs"
GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
BOB = "bob@example.test"


@pytest.fixture
def app():
    made = small_app(HOUSEKEY_LANGUAGES=("en", "de"))
    made.add_url_rule("/staff", view_func=lambda: authorize("look", object()))
    return made


def test_a_page_speaks_as_the_browser_asks(app):
    page = app.test_client().get("/account/login", headers=GERMAN).text
    assert '<html class="hk-page" lang="de" dir="ltr">' in page
    assert "Passwort vergessen?" in page


def test_a_refusal_has_a_sentence_in_the_readers_language_and_a_code_in_none(app):
    told = [
        app.test_client().post("/account/api/login", json={"identifier": "x", "password": "y"}, headers=headers).json
        for headers in (GERMAN, {"Accept-Language": "en"})
    ]
    assert [found["code"] for found in told] == ["invalid_credentials"] * 2
    assert [found["title"].split(",")[0] for found in told] == [
        "Name und Passwort passen nicht zusammen", "That name and password don't match",
    ]  # fmt: skip


def test_a_fault_beside_a_field_is_told_in_it_too(app):
    answer = app.test_client().post("/account/api/register", json={"email": "no"}, headers=GERMAN)
    assert [fault["text"] for fault in answer.json["fields"]["password"]] == ["Bitte füllen Sie aus: Passwort."]


def test_a_hosts_view_that_is_refused_speaks_it_too(app):
    ann = registered(app)
    german, asked = {**GERMAN, "Accept": "application/json"}, {"Accept": "application/json"}
    assert app.test_client().get("/private", headers=german).json["title"].startswith("Bitte melden Sie sich an")
    assert ann.get("/account/nowhere", headers=german).json["title"] == "Hier ist nichts."
    assert "Bitte melden Sie sich an" in page_after_login_wall(app)
    ann.patch("/account/api/me", json={"language": "de"})
    assert ann.get("/staff", headers=asked).json["title"] == "Dazu sind Sie nicht berechtigt."
    assert language.get() == "en"


def page_after_login_wall(app):
    stranger = app.test_client()
    stranger.get("/private", headers={**GERMAN, "Accept": "text/html"})
    return stranger.get("/account/login", headers=GERMAN).text


def register_in(app, wish, email=BOB):
    browser = app.test_client()
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = wish
    answer = browser.post("/account/api/register", json={"email": email, "password": PASSWORD})
    return browser, answer.json["user"]


def test_whoever_registers_in_german_gets_the_mails_of_an_english_administrator_in_german(app):
    assert register_in(app, "de")[1]["language"] == "de"
    assert registered(app).get("/account/api/me").json["user"]["language"] is None, "the site's own needs no note"
    assert administrator(app).post(f"/account/api/admin/users/{id_of(app, BOB)}/reset-link").status_code == 202
    mail = Mailbox(app).last(to=BOB)
    assert mail.subject == "Wählen Sie ein neues Passwort für small"
    assert '<html lang="de"' in mail.html


def test_a_german_administrators_click_sends_no_german_to_somebody_else(app):
    registered(app)
    admin = administrator(app)
    admin.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    admin.post(f"/account/api/admin/users/{id_of(app)}/reset-link")
    admin.post("/account/api/admin/invitations", json={"email": BOB})
    assert Mailbox(app).last(to="ann@example.test").subject == "Choose a new password for small"
    assert Mailbox(app).last(to=BOB).subject == "You are invited to small"


def test_a_stranger_does_not_choose_the_language_of_a_notice(app):
    """Else a thief asks for one that the owner can't read, and the mail that would stop them says nothing."""
    registered(app)
    thief = app.test_client()
    thief.environ_base |= {"HTTP_ACCEPT_LANGUAGE": "de", "HTTP_USER_AGENT": "curl/8"}
    log_in(thief)
    assert Mailbox(app).last(to="ann@example.test").subject == "New login to your account at small"


def test_a_mail_that_somebody_asks_for_speaks_as_their_browser_does(app):
    registered(app)
    app.test_client().post("/account/api/password/forgot", json={"email": "ann@example.test"}, headers=GERMAN)
    assert Mailbox(app).last(to="ann@example.test").subject == "Wählen Sie ein neues Passwort für small"


def test_a_command_writes_in_the_sites_language_and_not_in_english():
    app = small_app(HOUSEKEY_LANGUAGES=("de",))
    send(app, BOB)
    assert Mailbox(app).last(to=BOB).subject == "Ein Test von small"


# A host's own sentences


@pytest.fixture
def make_texts():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(DOCS)
        yield importlib.import_module("make_texts")
    catalogue.cache_clear()


def keep(folder, code, made):
    path = folder / code / "LC_MESSAGES" / "housekey.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, made)


def test_a_hosts_own_words_come_before_ours_on_pages_and_in_mails(tmp_path):
    own = Catalog(locale="de")
    own.add("Log in", "Hereinspaziert")
    own.add("A test from {site}", "Hallo von {site}")
    keep(tmp_path, "de", own)
    app = small_app(HOUSEKEY_LANGUAGES=("de",), HOUSEKEY_LOCALE_FOLDER=str(tmp_path))
    page = app.test_client().get("/account/login").text
    assert "Hereinspaziert" in page
    assert "Passwort vergessen?" in page
    send(app, BOB)
    assert Mailbox(app).last(to=BOB).subject == "Hallo von small"
    assert "Hereinspaziert" not in small_app(HOUSEKEY_LANGUAGES=("de",)).test_client().get("/account/login").text


def test_a_folder_that_is_not_there_is_told_before_anybody_reads_english(tmp_path):
    app = small_app(HOUSEKEY_LOCALE_FOLDER=str(tmp_path / "nowhere"))
    with pytest.raises(ConfigurationError, match="HOUSEKEY_LOCALE_FOLDER: there is no folder"):
        app.test_client().get("/account/login")


# Nothing is left over

OPEN, CLOSE = "⟦", "⟧"
STRANGERS = ("login", "register", "password/forgot", "username/forgot", "nowhere")
ADMINISTRATORS = (
    "", "password", "sessions", "profile", "factors", "factors/totp", "passkeys/add", "emails", "emails/change",
    "history", "data", "close", "logout", "admin/users", "admin/users?query=nobody", "admin/activity", "admin/outbox",
    "admin/invitations",
)  # fmt: skip
OWN = re.compile(
    r"Ada|ada@example\.test|small|[A-Z0-9 ]{16,}|admin|Unknown device|Flask test client( · 127\.0\.0\.1)?|English"
    r"|[\d:,.%–·() -]*|[A-Z][a-z]+([A-Z][a-z]+)+|[a-z]+:[a-z]+(, [a-z]+:[a-z]+)*"
)
"""What is no sentence: names, addresses, numbers, keys, devices, permissions, and the names of events."""
SILENT = re.compile(r"<(script|style|option|optgroup|svg|code|time)\b.*?</\1>|<!--.*?-->", re.DOTALL)
SPOKEN = re.compile(r'>([^<]+)<|(?:aria-label|title|placeholder|data-hk-head|alt)="([^"]+)"')


def test_every_word_on_a_page_can_be_translated(tmp_path, make_texts):
    """Told by a language in which each sentence stands between brackets: what stands outside was never marked."""
    made = Catalog(locale="de")
    for message in (m for m in make_texts.template() if m.id):
        bracketed = [f"{OPEN}{form}{CLOSE}" for form in ((message.id,) if isinstance(message.id, str) else message.id)]
        made.add(message.id, bracketed if len(bracketed) > 1 else bracketed[0])
    keep(tmp_path, "de", made)
    app = small_app(
        HOUSEKEY_LANGUAGES=("de",), HOUSEKEY_LOCALE_FOLDER=str(tmp_path), HOUSEKEY_REGISTRATION_USERNAME="optional"
    )
    admin, stranger = administrator(app, "ada@example.test", name="Ada"), app.test_client()
    shown = {path: _page(admin, path) for path in ADMINISTRATORS} | {path: _page(stranger, path) for path in STRANGERS}
    bare = {path: left for path, page in shown.items() if (left := _bare(page))}
    assert not bare, "\n".join(f"{path}: {left}" for path, left in bare.items())


def _page(client, path):
    page = client.get(f"/account/{path}", headers={"Accept": "text/html"}).text
    assert OPEN in page, path
    return page


def _bare(page: str) -> list[str]:
    said = [unescape(text or name).strip() for text, name in SPOKEN.findall(SILENT.sub("", page))]
    rest = [re.sub(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}", "", _innermost(text)).strip(" .:·–,()*") for text in said]
    return [text for text in rest if text and not OWN.fullmatch(text)]


def _innermost(text: str) -> str:
    """Sentences stand in sentences: the name of a field, a day."""
    inner = re.compile(f"{OPEN}([^{OPEN}{CLOSE}]*){CLOSE}(?=[^{OPEN}]*{CLOSE})")
    return inner.sub(r"\1", text)
