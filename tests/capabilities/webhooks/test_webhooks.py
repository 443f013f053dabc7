"""Events reach other servers: signed, once they are true, and at least once."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
import os
import uuid
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import ClassVar

import pytest

from housekey.capabilities import CAPABILITIES
from housekey.capabilities.importing.events import UsersImported
from housekey.capabilities.outbox import actions as outbox_actions
from housekey.capabilities.outbox.events import DeliveryFailed
from housekey.capabilities.registration.events import UserDeleted, UserRegistered
from housekey.capabilities.webhooks.carrier import WebhookCarrier
from housekey.capabilities.webhooks.messages import KEYS
from housekey.capabilities.webhooks.names import all_names, name_of
from housekey.events import Event, Told
from housekey.kernel import clock
from housekey.kernel.secret import Secret
from housekey.kernel.texts import text as _
from rig.apps import log_in, registered, small_app
from rig.hooks import SECRET
from rig.mails import deliver, house_of, outbox, send
from rig.people import administrator, heard, id_of

ANN = "ann@example.test"


@pytest.fixture
def server(hook_server):
    return hook_server()


@pytest.fixture
def app(server):
    return small_app(**server.settings)


def is_signed(hook, secret=SECRET):
    """As the standard says it, in words of our own."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{hook.headers['webhook-id']}.{hook.headers['webhook-timestamp']}.".encode() + hook.body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return expected in hook.headers["webhook-signature"].split(" ")


def about(app, event):
    """Publish it in a transaction."""
    with app.app_context():
        house_of(app).announce(event)


def user_registered(**fields):
    return UserRegistered(**{"user_id": 7, "at": clock.now()} | fields)


def test_a_registration_is_told_signed_and_with_the_users_key(app, server):
    registered(app, ANN)
    assert server.received == [], "not before it is delivered"
    deliver(app)
    hook = next(hook for hook in server.received if hook.type == "user.registered")
    assert hook.path == "/hook?key=a-key-of-the-receiver"
    assert hook.headers["content-type"] == "application/json"
    assert is_signed(hook)
    assert hook.json.keys() == {"type", "timestamp", "data"}
    assert hook.json["timestamp"].endswith("Z")
    assert hook.json["data"] == {"user_id": str(id_of(app, ANN))}


def test_nobodys_address_name_or_device_is_told(app, server):
    client = registered(app, ANN)
    client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    log_in(client, ANN)
    log_in(app.test_client(), ANN, "a wrong one")
    deliver(app)
    assert {"user.registered", "user.logged_in", "login.refused"} <= set(server.types())
    everything = b"".join(hook.body for hook in server.received)
    for personal in (b"ann@", b"127.0.0.1", b"Firefox", b"a wrong one"):
        assert personal not in everything


def test_a_change_that_is_rolled_back_sends_no_webhook(database_url, server):
    app = small_app(database_url, **server.settings)

    def verb(unit):
        unit.publish(user_registered())
        raise KeyError

    with pytest.raises(KeyError), app.app_context():
        house_of(app).run(verb)
    assert outbox(app) == []
    about(app, user_registered())
    assert deliver(app).delivered == 1
    assert server.types() == ["user.registered"]


def test_each_address_gets_it_with_one_id(hook_server):
    first, second = hook_server(), hook_server()
    app = small_app(
        **first.settings | {"HOUSEKEY_WEBHOOKS_URLS": [first.url, second.url], "HOUSEKEY_WEBHOOKS_EVENTS": []}
    )
    about(app, user_registered())
    assert deliver(app).delivered == 2
    (one,), (other,) = first.received, second.received
    assert one.headers["webhook-id"] == other.headers["webhook-id"]
    assert one.body == other.body


def test_only_the_events_that_are_wanted_are_sent(server):
    app = small_app(**server.settings, HOUSEKEY_WEBHOOKS_EVENTS="user.registered, session.ended")
    client = registered(app, ANN)
    client.post("/account/api/logout")
    deliver(app)
    assert sorted(server.types()) == ["session.ended", "user.registered"]


def test_while_secrets_change_each_of_them_signs(server):
    new = "whsec_" + base64.b64encode(os.urandom(24)).decode()
    app = small_app(**server.settings | {"HOUSEKEY_WEBHOOKS_SECRETS": [new, SECRET]})
    about(app, user_registered())
    deliver(app)
    (hook,) = server.received
    assert is_signed(hook, new)
    assert is_signed(hook, SECRET)
    assert not is_signed(hook, "whsec_" + base64.b64encode(os.urandom(32)).decode())


@pytest.mark.asvs("15.3.2")
@pytest.mark.parametrize("status", [301, 307, 400, 404, 429, 500, 503])
def test_what_is_not_taken_is_tried_again_under_the_same_id(app, server, status):
    server.status, server.headers = status, {"Location": server.url + "&elsewhere"}
    about(app, user_registered())
    assert deliver(app).postponed == 1
    assert deliver(app).total == 0, "not at once"
    assert outbox(app)[0]["last_error"].startswith(str(status))
    server.status = 200
    with clock.stopped() as time:
        time.forward(timedelta(minutes=1))
        assert deliver(app).delivered == 1
    first, second = server.received
    assert (first.path, second.path) == ("/hook?key=a-key-of-the-receiver",) * 2, "no redirect is followed"
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] < second.headers["webhook-timestamp"], "signed anew"
    assert is_signed(second)
    assert first.body == second.body


def test_an_address_that_is_gone_for_good_is_given_up_at_once(app, server):
    server.status = 410
    failures = heard(app, DeliveryFailed)
    about(app, user_registered())
    assert deliver(app).failed == 1
    assert "410: it is gone for good" in outbox(app)[0]["last_error"]
    assert [(event.kind, event.purpose) for event in failures] == [("webhook", "user.registered")]


def test_a_webhook_that_failed_is_not_told_by_webhook(app, server):
    """That one would fail in its turn, and so on."""
    server.status = 410
    about(app, user_registered())
    deliver(app)
    assert len(outbox(app)) == 1


def test_a_mail_that_failed_is(server):
    app = small_app(**server.settings, HOUSEKEY_WEBHOOKS_EVENTS=["delivery.failed"])
    about(app, DeliveryFailed(id="1", kind="mail", purpose="reset", user_id=None, at=clock.now()))
    deliver(app)
    assert server.types() == ["delivery.failed"]


def test_an_address_that_was_taken_away_gets_nothing_more(app, server):
    about(app, user_registered())
    other = small_app(SECRET_KEY=app.secret_key)
    house_of(app).settings = house_of(other).settings
    assert deliver(app).failed == 1
    assert server.received == []
    assert outbox(app)[0]["last_error"] == "its address isn't in HOUSEKEY_WEBHOOKS_URLS any more"


def test_what_it_says_is_sealed_while_it_waits_and_erased_once_it_is_sent(app, server):
    about(app, user_registered())
    (row,) = outbox(app)
    assert b"user_id" not in row["body"]
    assert row["recipient"] == f"http://localhost:{server.port}", "a path may hold a key"
    assert row["user_id"] is None
    deliver(app)
    assert outbox(app)[0]["body"] is None


def test_that_somebody_was_deleted_is_told_though_their_rows_are_gone(database_url, server):
    app = small_app(database_url, **server.settings)
    registered(app, ANN)
    with app.app_context():
        user_id = id_of(app, ANN)
        with house_of(app).write() as unit:
            unit.publish(UserDeleted(user_id=user_id, at=clock.now()))
            unit.session.delete(unit.session.get(house_of(app).store.user_model, user_id))
    deliver(app)
    assert server.types().count("user.deleted") == 1


def test_a_mail_does_not_wait_for_webhooks(app, server):
    for _number in range(6):
        about(app, user_registered())
    sent = []
    app.accounts.mail_transport(sent.append)
    send(app)
    seen_by_then = []
    app.accounts.mail_transport(lambda mail: seen_by_then.append(len(server.received)))
    deliver(app)
    assert seen_by_then == [0]
    assert len(server.received) == 6


@pytest.mark.asvs("13.2.6", "16.5.2")
def test_a_silent_receiver_is_asked_once_a_round(hook_server):
    silent, well = hook_server(), hook_server()
    app = small_app(**well.settings | {"HOUSEKEY_WEBHOOKS_URLS": [silent.url, well.url]})
    silent.stop()
    tries = []
    for _number in range(5):
        about(app, user_registered())
    carrier = house_of(app).service(WebhookCarrier)
    asked, carrier.send = carrier.send, lambda message: (tries.append(message.url), asked(message))[1]
    done = deliver(app)
    assert (done.delivered, done.postponed) == (5, 5)
    assert tries.count(silent.url) == 1
    assert {row["last_error"] for row in outbox(app)} == {None, "localhost takes no connections"}


def test_it_shows_in_the_outbox_without_what_it_says(app, server):
    server.status, server.says = 500, b"<b>no</b> https://hooks.example.org/?key=1234"
    browser = administrator(app)
    deliver(app)
    shown = browser.get("/account/api/admin/outbox?state=waiting").json["items"][0]
    assert (shown["kind"], shown["recipient"]) == ("webhook", f"http://localhost:{server.port}")
    assert shown["message_id"].startswith("msg_")
    assert shown["last_error"] == "500 Internal Server Error <b>no</b> …"
    page = browser.get("/account/admin/outbox").text
    assert "user.registered" in page
    assert "&lt;b&gt;no" in page
    assert "a-key-of-the-receiver" not in page


class Paid(Enum):
    BY_CARD = "card"


@dataclass(frozen=True, kw_only=True)
class InvoicePaid(Event):
    """A host's own."""

    told: ClassVar[Told | None] = Told(text=_("Invoice {number} paid"), owasp=None)
    personal: ClassVar[frozenset[str]] = frozenset({"iban"})
    user_id: uuid.UUID
    number: str
    iban: str
    lines: tuple[uuid.UUID, ...]
    how: dict[Paid, Paid]
    key: Secret


def test_a_hosts_own_events_are_sent_without_what_is_personal_or_secret(app, server):
    line, user = uuid.uuid4(), uuid.uuid4()
    how = {Paid.BY_CARD: Paid.BY_CARD}
    about(app, InvoicePaid(user_id=user, number="\ud800 7", iban="DE02", lines=(line,), how=how, key=Secret("k")))
    deliver(app)
    (hook,) = server.received
    assert hook.type == "invoice.paid"
    assert hook.json["data"] == {
        "user_id": str(user),
        "number": "\ud800 7",
        "lines": [str(line)],
        "how": {"Paid.BY_CARD": "card"},
    }


def test_no_two_events_share_a_name():
    kinds = {event for capability in CAPABILITIES for event in capability.events}
    names = {name_of(kind) for kind in kinds}
    assert len(names) == len(kinds)
    assert {name.count(".") for name in names} == {1}
    assert names <= set(all_names())


def test_keys_of_users_are_text_whatever_the_hosts_own_type_is(app, server):
    kinds = {event for capability in CAPABILITIES for event in capability.events}
    fields = {field.name for kind in kinds for field in dataclasses.fields(kind) if "Any" in str(field.type)}
    assert fields == KEYS
    about(app, UsersImported(count=2, user_ids=(1, 2), at=clock.now()))
    deliver(app)
    assert server.received[0].json["data"] == {"count": 2, "user_ids": ["1", "2"]}


@pytest.mark.parametrize(
    ("written", "called"),
    [
        ("UserRegistered", "user.registered"),
        ("LoggedIn", "user.logged_in"),
        ("AccountUnfrozen", "account.unfrozen"),
        ("TwoWordsMet", "two_words.met"),
        ("TOTPCodeUsed", "totp_code.used"),
        ("Paid", "paid"),
        ("Ärger", "rger"),
        ("ä", "ä"),
    ],
)
def test_a_name_is_made_of_the_class(written, called):
    assert name_of(type(written, (), {})) == called


def test_eight_deliverers_send_each_once(sqlite_url, server, together):
    app = small_app(sqlite_url, **server.settings)
    for _number in range(8):
        about(app, user_registered())
    together(8, lambda _: deliver(app))
    ids = [hook.headers["webhook-id"] for hook in server.received]
    assert len(ids) == len(set(ids)) == 8
    assert outbox_actions.counts(house_of(app))["delivered"] == 8
