"""The mailbox of debug mode, of the demo and of tests."""

from __future__ import annotations

import pytest

from housekey.demo import create_app
from housekey.errors import ConfigurationError
from housekey.testing.mailbox import Mailbox
from rig.apps import small_app
from rig.mails import ANN, deliver, send


@pytest.fixture
def app():
    app = small_app()
    app.debug = True
    return app


def test_mails_show_on_a_page_in_debug_mode(app):
    mail_id = send(app)
    browser = app.test_client()
    assert f"/account/dev/mailbox/{mail_id}" in browser.get("/account/dev/mailbox").text
    page = browser.get(f"/account/dev/mailbox/{mail_id}").text
    assert '<a href="http://localhost:5000/account/">' in page
    assert ANN in page
    html = browser.get(f"/account/dev/mailbox/{mail_id}/html")
    assert "It works" in html.text
    assert "sandbox" in html.headers["Content-Security-Policy"]


@pytest.mark.asvs("13.4.2", "15.2.3")
@pytest.mark.parametrize("path", ["", "/one", "/one/html"])
def test_there_is_no_mailbox_but_in_debug_mode_and_in_the_demo(path):
    app = small_app()
    assert app.test_client().get(f"/account/dev/mailbox{path}").status_code == 404
    app.testing = False
    app.secret_key = "0123456789abcdef" * 4
    assert app.test_client().get(f"/account/dev/mailbox{path}").status_code == 404


def test_a_mailbox_that_nobody_reads_is_refused_at_the_start():
    app = small_app(TESTING=False, SECRET_KEY="0123456789abcdef" * 4, HOUSEKEY_MAIL_TRANSPORT="mailbox")
    app.config["PROPAGATE_EXCEPTIONS"] = True
    with pytest.raises(ConfigurationError, match="HOUSEKEY_MAIL_HOST"):
        app.test_client().get("/account/login")


def test_the_demo_has_one(tmp_path):
    app = create_app(tmp_path, "http://localhost:5000")
    assert app.test_client().get("/account/dev/mailbox").status_code == 200


def test_tests_read_what_the_app_has_sent(app):
    mailbox = Mailbox(app)
    assert (mailbox.messages, len(mailbox)) == ([], 0)
    send(app)
    send(app, "bob@example.org")
    assert [mail.to for mail in mailbox.messages] == [ANN, "bob@example.org"]
    assert mailbox.last(to=ANN).subject == "A test from small"
    assert mailbox.last_link(to=ANN) == "http://localhost:5000/account/"
    with pytest.raises(AssertionError, match="no mail to carol"):
        mailbox.last(to="carol@example.org")


def test_a_mail_that_is_not_there_is_not_found(app):
    assert app.test_client().get("/account/dev/mailbox/nothing").status_code == 404


def test_a_mail_shows_under_a_hosts_own_policy(app):
    bare = small_app(HOUSEKEY_CONTENT_SECURITY_POLICY=None)
    bare.debug = True
    answer = bare.test_client().get(f"/account/dev/mailbox/{send(bare)}")
    assert (answer.status_code, answer.headers.get("Content-Security-Policy")) == (200, None)


def test_in_the_console_a_developer_reads_each_mail(capsys):
    app = small_app(HOUSEKEY_MAIL_TRANSPORT="console")
    send(app)
    assert deliver(app).delivered == 1
    shown = capsys.readouterr()
    assert ANN in shown.out + shown.err
