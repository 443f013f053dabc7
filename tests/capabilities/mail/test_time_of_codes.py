"""How long a code works stands in its mail, as the settings say it, in both languages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from housekey.testing import make_user
from housekey.testing.mailbox import Mailbox
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.mailed import token_in
from rig.owing import SETTING, asked_for

ANN, NEW = "ann@example.test", "ann.new@example.test"


def registering(app):
    app.test_client().post("/account/api/register", json={"email": NEW, "password": PASSWORD})


def forgetting(app):
    registered(app).post("/account/api/password/forgot", json={"email": ANN})


def verifying(app):
    registered(app).post("/account/api/email/verify/send")


def changing_the_address(app):
    registered(app).post("/account/api/emails/change", json={"email": NEW})


def logging_in_by_mail(app):
    make_user(app, email=ANN, password=None)
    browser = app.test_client()
    browser.post("/account/api/login/mail", json={"email": ANN})
    return browser


def proving_again(app):
    browser = logging_in_by_mail(app)
    browser.post("/account/api/login/mail/confirm", json={"token": token_in(app, ANN)})
    browser.post("/account/api/reauthenticate/mail/send")


def logging_in_behind_the_wall(app):
    registered(app)
    log_in(app.test_client(), "nobody@example.test", "wrong")
    log_in(app.test_client())


def setting_up_a_second_step(app):
    registered(app)
    asked_for(app, **{SETTING: "everybody", "HOUSEKEY_FACTORS_GRACE": timedelta(days=1)})
    browser = app.test_client()
    log_in(browser)
    browser.post("/account/api/factors/code")


FLOWS = [
    (registering, {"HOUSEKEY_REGISTRATION_VERIFICATION": "required"}),
    (forgetting, {}),
    (verifying, {"HOUSEKEY_REGISTRATION_VERIFICATION": "grace"}),
    (changing_the_address, {}),
    (logging_in_by_mail, {}),
    (proving_again, {}),
    (logging_in_behind_the_wall, {"HOUSEKEY_STUFFING_REFUSALS_PER_MINUTE": 1}),
    (setting_up_a_second_step, {}),
]


@pytest.mark.parametrize(("flow", "settings"), FLOWS, ids=lambda part: getattr(part, "__name__", ""))
@pytest.mark.parametrize(
    ("spoken", "seconds", "said"),
    [
        ("en", 600, "within 10 minutes"),
        ("en", 90, "within one minute"),
        ("de", 200, "innerhalb von 3 Minuten"),
        ("de", 60, "innerhalb von einer Minute"),
    ],
)
def test_a_mail_says_how_long_its_code_works(flow, settings, spoken, seconds, said):
    app = small_app(
        **{"HOUSEKEY_MAILED_LOGIN_OPEN": True, "HOUSEKEY_LANGUAGES": [spoken], "HOUSEKEY_LINKS_CODE_LIFETIME": seconds}
        | settings
    )
    flow(app)
    mail = [mail for mail in Mailbox(app).messages if 'class="hk-code"' in mail.html][-1]
    assert said in " ".join(mail.text.split())
    assert said in mail.html


def test_a_code_lives_no_longer_than_its_link_and_its_mail_says_so():
    app = small_app(HOUSEKEY_RECOVERY_LINK_LIFETIME=300)
    forgetting(app)
    assert "within 5 minutes" in Mailbox(app).last(to=ANN).text
