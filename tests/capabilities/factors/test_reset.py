"""Whoever has lost every second factor is let in by those who run the site: recorded, mailed, within their rights."""

from __future__ import annotations

from datetime import timedelta

import pytest

from attacks.faces import FACES, rows
from housekey.capabilities.factors.events import FactorsReset
from housekey.kernel import clock
from housekey.testing.mailbox import Mailbox
from rig.apps import log_in, registered, small_app
from rig.mailed import operator
from rig.people import administrator, grant, heard, id_of, role
from rig.phones import logged_in_with, with_phone

ANN = "ann@example.test"
HELP = "help@example.test"
SECOND = timedelta(seconds=1)


@pytest.fixture
def time():
    with clock.stopped() as stopped:
        yield stopped


@pytest.fixture
def app():
    return small_app()


@pytest.fixture(params=FACES, ids=str)
def face(request):
    return request.param


@pytest.fixture
def ann(app, time):
    """A browser of hers, logged in by both steps."""
    phone = with_phone(registered(app))
    client = logged_in_with(app, phone)
    time.forward(timedelta(seconds=30))
    return client


def reset(face, client, user_id):
    if face.name == "page":
        headers = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
        return client.post(f"/account/admin/users/{user_id}/reset-factors", headers=headers).status_code
    return client.delete(f"/account/api/admin/users/{user_id}/factors").status_code


@pytest.mark.asvs("6.5.6")
def test_an_administrator_lets_somebody_in_who_has_lost_everything(app, ann, face):
    root, told = administrator(app), heard(app, FactorsReset)
    assert reset(face, root, id_of(app)) in (204, 303)
    assert ann.get("/private").status_code == 302, "what was open has ended"
    assert rows(app, "authenticator_apps", "recovery_codes", "recovery_code_sets") == 0
    assert log_in(app.test_client()).status_code == 200
    assert [(event.by, event.actor) for event in told] == [("administrator", id_of(app, "root@example.test"))]
    assert any("was reset" in mail.subject for mail in Mailbox(app).to(ANN))


def test_the_mail_says_who_did_it_and_not_from_where(app, ann):
    root = administrator(app)
    root.environ_base.update(REMOTE_ADDR="203.0.113.9", HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
    log_in(root, "root@example.test")
    assert reset(FACES[-1], root, id_of(app)) == 204
    (mail,) = [mail for mail in Mailbox(app).to(ANN) if "was reset" in mail.subject]
    assert "By: those who run small" in mail.text
    assert "those who run small" in mail.html
    for told in (mail.text, mail.html):
        assert not any(word in told for word in ("203.0.113.9", "Firefox", "Device"))


def test_there_must_be_one(app, ann, face):
    root = administrator(app)
    registered(app, "bob@example.test")
    assert reset(face, root, id_of(app, "bob@example.test")) == 409


@pytest.mark.flaw(48)
@pytest.mark.asvs("8.2.1")
def test_nobody_resets_somebody_above_oneself(app, ann, face):
    helper = registered(app, HELP)
    role(app, "helpdesk", "users:manage")
    grant(app, HELP, "helpdesk")
    grant(app, ANN, "admin")
    assert reset(face, helper, id_of(app)) == 403
    assert rows(app, "authenticator_apps") == 1


@pytest.mark.asvs("6.4.4")
@pytest.mark.flaw(46)
def test_nobody_without_the_permission_resets_anybody(app, ann, face):
    assert reset(face, registered(app, "bob@example.test"), id_of(app)) == 403
    assert rows(app, "authenticator_apps") == 1


def test_not_even_an_administrator_resets_oneself(app, ann, face):
    grant(app, ANN, "admin")
    assert reset(face, ann, id_of(app)) == 403


def test_the_operator_sees_and_resets_them(app, ann):
    assert "Authenticator app" in operator(app, "users", "show", ANN).output
    assert "asks It asks for a further step, second_factor" in operator(app, "explain-login", ANN).output
    assert operator(app, "users", "reset-factors", ANN, "--yes").exit_code == 0
    assert log_in(app.test_client()).status_code == 200
    assert "There is no second factor" in operator(app, "users", "reset-factors", ANN, "--yes").output


def test_the_mails_about_a_change_say_that_everyone_else_was_logged_out(app, time):
    other = registered(app)
    client = app.test_client()
    log_in(client)
    first = with_phone(client)
    time.forward(SECOND)
    assert other.get("/private").status_code == 302
    client = logged_in_with(app, first)
    second = with_phone(client)
    for phone in (second, first):
        time.forward(SECOND)  # mails of one moment have no order
        assert client.delete(f"/account/api/totp/{phone.id}").status_code == 204
    told = [mail for mail in Mailbox(app).to(ANN) if "second step" in mail.subject]
    said = ["everyone else was logged out" in mail.text.lower() for mail in told]
    assert said == [True, False, True, True], "in their order; a further one ends nothing"
    assert ["everyone else was logged out" in mail.html.lower() for mail in told] == said
