"""Whether mails leave, and whether any are stuck."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from housekey.capabilities.mail.carrier import NO_TRANSPORT, MailCarrier
from housekey.capabilities.mail.settings import MailSettings
from housekey.capabilities.outbox import actions
from housekey.capabilities.registration.pending import waits_in_vain
from housekey.commands.diagnosis.finding import FAIL, OK, WARN, Finding
from housekey.house import House
from housekey.kernel import clock
from housekey.web.cookies import LOCAL_HOSTS
from housekey.web.settings import HouseSettings

LATE = timedelta(minutes=10)
"""A mail that nobody has tried to send for so long lies there because nobody delivers."""


def examine(house: House) -> Iterator[Finding]:
    """How mails leave; it asks no server."""
    way, settings = house.service(MailCarrier).way, house.settings[MailSettings]
    yield _way(house, way)
    if way == "smtp" and settings.security == "none" and settings.host not in LOCAL_HOSTS:
        cure = "Take HOUSEKEY_MAIL_SECURITY away, or set “tls”."
        yield Finding(FAIL, "HOUSEKEY_MAIL_SECURITY", "is “none”: links can be read on the way to the server.", cure)
    if house.settings[HouseSettings].base_url is None and not house.trying_out():
        cure = "Set it: links in mails are built from it, and commands can't send any without it."
        yield Finding(WARN, "links in mails", "need HOUSEKEY_BASE_URL.", cure)


def _way(house: House, way: str) -> Finding:
    settings = house.settings[MailSettings]
    if way == "none":
        cure = f"{NO_TRANSPORT[0].upper()}{NO_TRANSPORT[1:]}."
        if waits_in_vain(house):
            return Finding(FAIL, "mail", "goes nowhere, so nobody can register.", cure)
        return Finding(WARN, "mail", "goes nowhere.", cure)
    if way in ("file", "console", "mailbox") and not house.trying_out():
        return Finding(WARN, "mail", f"goes to “{way}”: nobody gets it.", "Set HOUSEKEY_MAIL_HOST, your mail server.")
    places = {"smtp": f"leaves by {settings.host}:{settings.smtp_port}.", "own": "leaves by a function of the app."}
    return Finding(OK, "mail", places.get(way, f"goes to “{way}”."))


def outbox(house: House) -> Iterator[Finding]:
    """What lies in it; needs the database."""
    counts = actions.counts(house)
    waiting = actions.overdue(house, clock.now() - LATE)
    if waiting:
        cure = "Does the server run, or `flask housekey deliver --forever`? `flask housekey outbox list` tells more."
        yield Finding(WARN, "outbox", f"holds {waiting} that nobody has tried to send for long.", cure)
    elif counts["failed"]:
        cure = "`flask housekey outbox list --state failed` says why; then `outbox retry` or `outbox drop`."
        yield Finding(WARN, "outbox", f"holds {counts['failed']} that could not be sent.", cure)
    else:
        yield Finding(OK, "outbox", f"holds {counts['waiting']} that wait.")
