"""What is logged of second factors, passkeys, trusted devices, mailed logins and kept forms helps nobody in, either."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import request

from attacks.faces import ANN, FROM_OUR_PAGE
from attacks.person import Person
from housekey import fresh_login_required
from housekey.kernel import clock
from rig.apps import PASSWORD, small_app
from rig.authenticators import API, Authenticator
from rig.confidential import Secrets, everything_logged, spellings
from rig.mailed import code_in
from rig.people import administrator
from rig.phones import Phone

NEW, BOB = "ann.new@example.test", "bob@example.test"
STEP, LATER = timedelta(seconds=30), timedelta(minutes=16)
KEY = re.compile(r"<code[^>]*>([A-Z2-7 ]{39,})</code>")
TYPED, PIN = "four bridges near the harbour", "the pin of the safe"
HAPPENED = {
    "LoginMailRequested", "EmailChangeRequested", "EmailChanged", "FactorAdded", "RecoveryCodesMade",
    "RecoveryCodeUsed", "DeviceTrusted", "ChallengeRaised", "InvitationSent", "InvitationAccepted", "DataExported",
    "ClosingBegun",
}  # fmt: skip
SEEN = {
    "seed", "recovery code", "kept form", "challenge", "passkey's signature", "link token", "mailed code",
    "stored authenticator_apps.seed", "stored recovery_codes.digest", "stored trusted_devices.token",
    "stored kept_forms.form", "stored outbox.body",
}  # fmt: skip


def logs_in_by_mail(person):
    person("logout", "logout")
    person("login/mail", "login/mail", email=ANN)
    person("login/mail/confirm", "login/mail/confirm", refused=True, code="WRNG-C0DE")
    person("login/mail/confirm", "login/mail/confirm", **person.shown(ANN))


def moves(person):
    person("emails/change", "emails/change", email=NEW)
    person("emails/confirm", "emails/confirm", code=code_in(person.app, NEW))


def takes_a_phone(person, secrets):
    """Reads its key, mistypes the first code, and gets recovery codes."""
    begun = person("totp", "totp")
    if person.is_page:
        shown = person.browser.get(begun.location).text
        phone, page = Phone(KEY.findall(shown)[0].replace(" ", "")), begun.location.removeprefix("/account/")
    else:
        phone, page = Phone(begun.json["secret"]), f"totp/{begun.json['id']}"
    secrets.note("seed", phone.secret)
    for spelling in spellings(phone._seed):
        secrets.note("seed", spelling)
    person(page, f"{page}/confirm", refused=True, code="000000")
    done = person(page, f"{page}/confirm", code=phone.code(-1))
    codes = re.findall(r"<code>([^<]+)</code>", done.text) if person.is_page else done.json["recovery_codes"]
    assert len(codes) == 10
    for code in codes:
        secrets.shown("recovery code", code)
    return phone, codes


def goes_two_steps(person, phone):
    """In a browser that is trusted from then on, and asked no more."""
    person("logout", "logout")
    person("login", "login", identifier=NEW, password=PASSWORD)
    person("login/challenge", "login/challenge", refused=True, method="otp", code="000000")
    yes = "on" if person.is_page else True
    person("login/challenge", "login/challenge", method="otp", code=phone.code(), trust_device=yes)
    person("logout", "logout")
    person("login", "login", identifier=NEW, password=PASSWORD)
    person.looks("factors")


def uses_paper(person, code):
    person("login", "login", identifier=NEW, password=PASSWORD)
    person("login/challenge", "login/challenge", method="recovery_code", code=code)
    person.looks("factors")


def takes_a_passkey(person, phone):
    """After both steps, since a trusted browser has shown one; and logs in by it."""

    def said(credential):
        return json.dumps(credential) if person.is_page else credential

    key, call = Authenticator(), person.browser.post
    person("reauthenticate", "reauthenticate", password=PASSWORD)
    person("login/challenge", "login/challenge", method="otp", code=phone.code())
    made = key.create(call(API + "passkeys/options").get_json())
    person("passkeys/new", "passkeys", credential=said(made))
    person("logout", "logout")
    shown = key.get(call(API + "login/passkey/options").get_json())
    person("login/passkey", "login/passkey", credential=said(shown))
    return key


def confirms(person, key):
    said = key.get(person.browser.post(API + "reauthenticate/passkey/options").get_json())
    path = "reauthenticate/passkey"
    person(path, path, credential=json.dumps(said) if person.is_page else said)


def is_interrupted(person):
    """A form of the host's waits until its sender has confirmed who that is; answers where."""
    answer = person.browser.post("/pay", data={"note": TYPED, "pin": PIN}, headers=FROM_OUR_PAGE)
    person.browser.get(answer.location)
    return parse_qs(urlsplit(answer.location).query)["next"][0]


def sends_it_on(person, path):
    shown = person.browser.get(path).text.split("hk-card")[1].split("</form>")[0]
    fields = {name: html.unescape(value) for name, value in re.findall(r'name="([^"]*)" value="([^"]*)"', shown)}
    assert fields["note"] == TYPED
    sent = person.browser.post(path, data=fields | {"pin": PIN}, headers=FROM_OUR_PAGE)
    paid = person.browser.post(sent.location, data=fields | {"pin": PIN}, headers=FROM_OUR_PAGE)
    assert (sent.status_code, paid.text) == (307, "paid")


def invites(root, newcomer):
    root("admin/invitations", "admin/invitations", email=BOB)
    newcomer("register/invited", "register/invited", **newcomer.shown(BOB), password=PASSWORD)


def leaves(person):
    assert person.browser.get("/account/export" if person.is_page else "/account/api/export").status_code == 200
    person("close", "close")
    person("closing", "close", verb="DELETE")


def with_a_form(**settings):
    app = small_app(HOUSEKEY_MAILED_LOGIN_OPEN=True, HOUSEKEY_MAIL_BUDGET=100, **settings)

    @app.post("/pay")
    @fresh_login_required
    def pay():
        return "paid" if request.form["pin"] == PIN else "not paid"

    return app


@pytest.mark.asvs("16.2.5", "14.2.1")
@pytest.mark.flaw(10)
def test_no_secret_of_a_second_step_a_mail_or_a_kept_form_is_in_the_log(face):
    with everything_logged() as logged, clock.stopped() as time:
        app = with_a_form(HOUSEKEY_FACTORS_TRUST_DEVICE_FOR="30d")
        secrets = Secrets(app)
        secrets.note("kept form", TYPED), secrets.note("kept form", PIN)
        person, root, newcomer = Person(app, face), Person(app, face), Person(app, face)
        root.browser = administrator(app)
        invites(root, newcomer)
        person("register", "register", email=ANN, password=PASSWORD)
        logs_in_by_mail(person)
        moves(person)
        phone, codes = takes_a_phone(person, secrets)
        goes_two_steps(person, phone)
        uses_paper(Person(app, face), codes[0])
        secrets.look_into()
        time.forward(STEP)
        key = takes_a_passkey(person, phone)
        time.forward(LATER)
        waiting = is_interrupted(person)
        secrets.look_into()
        confirms(person, key)
        sends_it_on(person, waiting)
        leaves(person)
        secrets.look_into()
    assert logged.events >= HAPPENED, HAPPENED - logged.events
    assert set(secrets.kinds.values()) >= SEEN, SEEN - set(secrets.kinds.values())
    assert secrets.found_in(logged.text) == {}
