"""The code in the documents about mail, leaving and what is logged runs as it stands there."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from flask import Flask

from docs.pages import blocks
from housekey import Housekey
from housekey.capabilities.mail.actions import sender_of
from housekey.capabilities.mail.carrier import MailCarrier
from housekey.capabilities.mail.settings import MailSettings
from housekey.kernel.mail import Sender
from housekey.testing import PASSWORD, SETTINGS, configure, make_user
from housekey.testing.mailbox import Mailbox
from rig.audit import entries
from rig.mailed import operator
from rig.mails import ANN, deliver, house_of, outbox, send

AT_ONCE = {**SETTINGS, "HOUSEKEY_REGISTRATION_VERIFICATION": "off", "SQLALCHEMY_DATABASE_URI": "sqlite://"}
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def host(tmp_path):
    """An app whose users have posts, with a folder for templates, as the pages take it for granted."""
    app = Flask("host", root_path=str(tmp_path))
    app.config.update(AT_ONCE)
    accounts = Housekey()

    class Post(accounts.Base):
        __tablename__ = "posts"
        id = sa.Column(sa.Integer, primary_key=True)
        title = sa.Column(sa.String(80))
        body = sa.Column(sa.String(80))
        author_id = sa.Column(sa.ForeignKey(accounts.User.id))
        author = sa.orm.relationship(accounts.User, backref="posts")

    accounts.init_app(app)
    configure(app)
    return SimpleNamespace(app=app, accounts=accounts, User=accounts.User, Post=Post, folder=tmp_path)


def run(page, number, host):
    names = {**vars(host), "__name__": __name__}
    # As a module of its own: else the annotations of the page would be texts, as those of this module are.
    exec(compile(blocks(page)[number], page, "exec", dont_inherit=True), names)
    return SimpleNamespace(**names)


def test_a_mail_of_ones_own_goes_out_with_the_account_that_it_greets(host):
    folder = host.folder / "templates" / "mails"
    folder.mkdir(parents=True)
    for ending, template in zip(("txt", "html"), blocks("docs/capabilities/mail.md", "html"), strict=True):
        (folder / f"welcome.{ending}").write_text(template)
    run("docs/capabilities/mail.md", 0, host)
    answer = host.app.test_client().post("/account/api/register", json={"email": ANN, "password": PASSWORD})
    assert answer.status_code == 201
    mail = Mailbox(host.app).last(to=ANN)
    assert mail.subject == "Welcome to host"
    assert mail.links == ["http://localhost/account/"]
    assert "There is a cup waiting for you" in mail.text
    assert "There is a cup waiting for you" in mail.html


def test_the_settings_of_the_guide_name_a_server_that_mails_go_to():
    app = Flask("host")
    app.config.update(AT_ONCE | {"HOUSEKEY_MAIL_TRANSPORT": "auto"})
    exec(blocks("docs/guides/mail.md")[0], {"app": app})
    Housekey(app)
    settings, carrier = house_of(app).settings[MailSettings], house_of(app).service(MailCarrier)
    assert (carrier.way, settings.host, settings.smtp_port) == ("smtp", "smtp.example.org", 587)
    with app.app_context():
        assert sender_of(house_of(app)) == Sender("Example", "hello@example.org")


def test_the_function_of_the_guide_sends_and_refuses(host):
    posted = []

    def post_to_service(**mail):
        posted.append(mail)
        return "no such address" if mail["to"].startswith("nobody") else "thanks"

    host.post_to_service = post_to_service
    run("docs/guides/mail.md", 1, host)
    send(host.app)
    send(host.app, "nobody@example.org")
    deliver(host.app)
    states = {row["recipient"]: (row["state"], row["last_error"]) for row in outbox(host.app)}
    assert states == {ANN: ("delivered", None), "nobody@example.org": ("failed", "no such address")}
    assert {mail["subject"] for mail in posted} == {"A test from host"}


def test_the_template_of_the_guide_takes_the_place_of_ours(host):
    folder = host.folder / "templates" / "housekey" / "mail" / "mails"
    folder.mkdir(parents=True)
    (folder / "test.txt").write_text(blocks("docs/guides/mail.md", "html")[0])
    send(host.app)
    mail = Mailbox(host.app).last(to=ANN)
    assert mail.subject == "A test from host"
    assert mail.text.startswith("Sent 2")
    assert mail.links == ["http://localhost:5000/account/"]


def test_posts_go_with_their_author_and_are_exported_before(host):
    run("docs/capabilities/leaving.md", 0, host)
    run("docs/capabilities/leaving.md", 1, host)
    ann = make_user(host.app, email=ANN)
    with house_of(host.app).write() as unit:
        unit.session.add(host.Post(author_id=ann.id, title="One", body="First"))
    browser = host.app.test_client()
    browser.login(ann)
    assert browser.get("/account/api/export").json["site"] == {"posts": [{"title": "One", "body": "First"}]}
    assert browser.post("/account/api/close").status_code == 202
    house_of(host.app).run(lambda unit: unit.execute(sa.update(unit.tables["accounts"]).values(closing_at=LONG_AGO)))
    assert operator(host.app, "sweep").exit_code == 0
    with house_of(host.app).write() as unit:
        assert list(unit.session.scalars(sa.select(host.Post))) == []
        assert list(unit.session.scalars(sa.select(host.User))) == []


def test_an_event_of_ones_own_is_logged_without_what_it_calls_personal(host):
    made = run("docs/guides/what-we-log.md", 1, host)
    ann = make_user(host.app, email=ANN)
    paid = made.InvoicePaid(user_id=ann.id, number="17", iban="DE00")
    host.bill = lambda: host.accounts.house.announce(paid)
    with host.app.app_context():
        exec(blocks("docs/guides/what-we-log.md")[2].replace("    ...", "    bill()"), vars(host))
    (entry,) = entries(host.app, event="InvoicePaid")
    assert (entry["actor_kind"], entry["subject"]) == ("operator", str(ann.id))
    assert entry["details"] == {"number": "17"}
    assert entry["personal"]["iban"] == "DE00"


def test_the_line_of_the_page_switches_login_by_mail_on():
    app = Flask("host")
    app.config.update(AT_ONCE)
    exec(blocks("docs/capabilities/mailed_login.md")[0], {"app": app})
    Housekey(app)
    assert app.test_client().post("/account/api/login/mail", json={"email": ANN}).status_code == 202


def test_the_line_of_the_guide_offers_two_languages():
    app = Flask("host")
    app.config.update(AT_ONCE)
    exec(blocks("docs/guides/languages.md")[0], {"app": app})
    Housekey(app)
    page = app.test_client().get("/account/login", headers={"Accept-Language": "de"}).text
    assert 'lang="de"' in page
