"""What letters say, in which language, with which links; and that nothing gets into a header."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest
import sqlalchemy as sa
from flask import Flask

from housekey import Housekey
from housekey.capabilities.mail import actions
from housekey.errors import ConfigurationError
from housekey.kernel import clock
from housekey.kernel.mail import BadAddress, Rendered, Sender, compose, mail_address, one_line
from housekey.kernel.texts import language
from housekey.testing.mailbox import Mailbox
from rig.apps import QUICK, registered, small_app
from rig.mails import ANN, house_of, letter, outbox, send
from rig.people import id_of

INJECTIONS = ["\r\nBcc: eve@example.org", "\nBcc: eve@example.org", "\rX: 1", "\u2028X: 1", "\x00", "\x0b", "\x85X: 1"]


def composed(**about):
    given = {
        "sender": Sender("Example", "hello@example.org"), "to": ANN, "reference": "<a@example.org>",
        "date": clock.now(), "language": "en",
    }  # fmt: skip
    rendered = Rendered(about.pop("subject", "Hello"), "text", "<p>html</p>")
    return message_from_bytes(compose(rendered, **given | about), policy=policy.default)


@pytest.mark.flaw(42)
@pytest.mark.asvs("1.3.11")
@pytest.mark.parametrize("injected", INJECTIONS)
def test_a_subject_adds_no_header(injected):
    mail = composed(subject=f"Hello{injected}")
    assert mail["Bcc"] is None
    assert mail["X"] is None
    assert len(mail.get_all("Subject")) == 1


@pytest.mark.flaw(42)
@pytest.mark.parametrize("injected", [*INJECTIONS, ", eve@example.org", "> RCPT", " eve@example.org", ";x", "<"])
def test_an_address_with_more_in_it_is_none(injected):
    for address in (f"ann@example.org{injected}", f"ann{injected}@example.org", f"{injected}@example.org"):
        with pytest.raises(BadAddress):
            mail_address(address)


@pytest.mark.flaw(42)
@pytest.mark.parametrize("injected", INJECTIONS)
def test_a_site_or_a_sender_with_a_line_end_adds_no_header(injected):
    mail = composed(sender=Sender.read(f"Exa{injected}mple <hello@example.org>"))
    assert mail["Bcc"] is None
    with pytest.raises(BadAddress):
        Sender.read(f"Example <hello@example.org{injected}>")


@pytest.mark.flaw(42)
def test_a_name_of_the_site_with_a_line_end_sends_a_mail_without_a_second_header():
    app = small_app(HOUSEKEY_SITE_NAME="Acme\r\nBcc: eve@example.org", HOUSEKEY_BASE_URL="https://example.org")
    send(app)
    mail = Mailbox(app).last().mail.message
    assert mail["Bcc"] is None
    assert mail["Subject"] == "A test from Acme Bcc: eve@example.org"


@pytest.mark.parametrize("spoken", ["en", "de"])
def test_a_mail_says_in_its_head_which_language_it_speaks(spoken):
    mail = composed(language=spoken)
    assert mail.get_all("Content-Language") == [spoken]
    assert [part["Content-Language"] for part in mail.iter_parts()] == [None, None]


@pytest.mark.flaw(60)
def test_nothing_in_a_header_turns_its_line_round_or_hides():
    assert one_line("a\0b\u202ec\u200bd\u2066e\ufefff") == "a b c d e f"


def test_long_subjects_are_cut():
    assert len(one_line("word " * 100)) <= 150
    assert one_line("word " * 100).endswith("…")


def test_an_account_with_an_address_that_no_mail_reaches_gets_the_same_answer(caplog):
    app = small_app()
    assert send(app, '"ann b"@example.org') is not None
    (row,) = outbox(app)
    assert (row["state"], row["recipient"]) == ("decoy", "")
    assert "no address" in caplog.text
    assert "ann b" not in caplog.text


@pytest.mark.flaw(22)
@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "example.org.evil.example"])
def test_links_follow_the_base_url_and_never_the_request(host):
    app = small_app(HOUSEKEY_BASE_URL="https://example.org")
    with app.test_request_context(headers={"Host": host, "X-Forwarded-Host": host}, base_url=f"http://{host}"):
        house = house_of(app)
        house.run(lambda unit: actions.send(unit, letter()))
    mail = Mailbox(app).last()
    assert mail.links == ["https://example.org/account/"]
    assert "evil" not in mail.text + mail.html


@pytest.mark.flaw(22)
def test_without_a_base_url_links_lead_to_this_machine_whatever_host_was_asked():
    app = small_app()
    with app.test_request_context(headers={"Host": "evil.example:99"}, environ_overrides={"SERVER_PORT": "5001"}):
        house_of(app).run(lambda unit: actions.send(unit, letter()))
    assert Mailbox(app).last().links == ["http://localhost:5001/account/"]


def test_a_command_without_a_base_url_says_what_is_missing():
    app = small_app(TESTING=False, SECRET_KEY="0123456789abcdef" * 4)
    with pytest.raises(ConfigurationError, match="HOUSEKEY_BASE_URL is not set"):
        send(app)


def test_an_app_below_a_path_gets_links_below_it():
    app = small_app(HOUSEKEY_BASE_URL="https://example.org", APPLICATION_ROOT="/shop")
    send(app)
    assert Mailbox(app).last().links == ["https://example.org/shop/account/"]


@pytest.fixture
def speaking(tmp_path, monkeypatch):
    """An app whose own template says the language."""
    folder = tmp_path / "templates" / "housekey" / "mail" / "mails"
    folder.mkdir(parents=True)
    (folder / "test.txt").write_text(
        '{% extends "housekey/mail/base.txt" %}{% block subject %}{{ language }}{% endblock %}'
        "{% block content %}{{ when(at) }} {{ url_for('overview') }}{% endblock %}"
    )
    app = Flask("own", root_path=str(tmp_path), instance_path=str(tmp_path))
    app.config.update(
        QUICK
        | {"SECRET_KEY": "k" * 40, "HOUSEKEY_LANGUAGES": ("en", "de", "ar"), "SQLALCHEMY_DATABASE_URI": "sqlite://"}
    )
    app.accounts = Housekey(app)
    return app


def test_a_host_may_write_a_mail_of_its_own(speaking):
    send(speaking)
    mail = Mailbox(speaking).last()
    assert mail.subject == "en"
    assert "http://localhost:5000/account/" in mail.text
    assert "It works" in mail.html


def test_a_letter_speaks_the_language_of_its_reader_not_of_whoever_caused_it(speaking):
    registered(speaking, ANN)
    account = house_of(speaking).store.tables["accounts"]
    house_of(speaking).run(lambda unit: unit.execute(sa.update(account).values(language="de", time_zone="Asia/Tokyo")))
    token = language.set("ar")
    send(speaking, user_id=id_of(speaking, ANN))
    send(speaking, "bob@example.org")
    language.reset(token)
    to_ann, to_bob = Mailbox(speaking).messages
    assert (to_ann.subject, to_bob.subject) == ("de", "ar")
    assert "(Asia/Tokyo)" in to_ann.text
    assert 'dir="rtl"' in to_bob.html
    assert language.get() == "en"


def test_an_odd_time_zone_is_utc(speaking):
    registered(speaking, ANN)
    account = house_of(speaking).store.tables["accounts"]
    house_of(speaking).run(lambda unit: unit.execute(sa.update(account).values(time_zone="Nowhere/At all")))
    send(speaking, user_id=id_of(speaking, ANN))
    assert "UTC" in Mailbox(speaking).last().text


@pytest.mark.asvs("1.1.2")
def test_what_a_letter_is_told_is_escaped_in_html():
    app = small_app(HOUSEKEY_SITE_NAME="<script>alert(1)</script>")
    send(app)
    mail = Mailbox(app).last()
    assert "<script" not in mail.html
    assert "<script>" in mail.text


@pytest.mark.asvs("14.2.3")
def test_nothing_in_a_mail_is_loaded_from_anywhere():
    app = small_app(HOUSEKEY_BASE_URL="https://example.org")
    send(app)
    html = Mailbox(app).last().html
    for remote in ("<img", "src=", "url(", "@import", "<link", "<script"):
        assert remote not in html


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("HOUSEKEY_MAIL_SENDER", "nonsense"),
        ("HOUSEKEY_MAIL_SENDER", "Example <hello@example.org\r\nBcc: eve@example.org>"),
        ("HOUSEKEY_MAIL_TRANSPORT", "smtp"),
        ("HOUSEKEY_MAIL_TRANSPORT", "file"),
        ("HOUSEKEY_MAIL_TRANSPORT", "pigeon"),
        ("HOUSEKEY_MAIL_TIMEOUT", 600),
    ],
)
def test_wrong_settings_stop_the_start(setting, value):
    with pytest.raises(ConfigurationError, match=setting):
        small_app(**{setting: value})
