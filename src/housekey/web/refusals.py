"""What somebody who is logged in had no right to do, told to the log: whoever tries doors shows (ASVS 16.3.2)."""

from __future__ import annotations

import logging

from flask import has_request_context, request

from housekey.errors import (
    Forbidden,
    HostTransactionOpen,
    HousekeyError,
    MailedCodeNeeded,
    OtherBrowser,
    RegistrationClosed,
    UnconfirmedAddress,
)
from housekey.kernel import clock
from housekey.kernel.alarms import Alarm
from housekey.web.events import AccessRefused
from housekey.web.here import here
from housekey.web.identity import Identity, identify

log = logging.getLogger("housekey")
STEPS = (MailedCodeNeeded, OtherBrowser, RegistrationClosed, UnconfirmedAddress)
"""They say what is to be done first, or hold for everybody; none says that somebody lacks a right."""


class Refusals(Alarm):
    """Who was refused what in the last hour: a person who tries a door a thousand times fills no log."""

    every_s = 3600.0


def note(error: HousekeyError) -> None:
    """Tell of a refusal for want of a right. The answer stays what it is, whatever happens here."""
    if not isinstance(error, Forbidden) or isinstance(error, STEPS) or not has_request_context():
        return
    try:
        identity = identify()
        if identity is not None:
            _tell(identity, error)
    except HostTransactionOpen:
        log.warning("%s %s: refused (%s); the log can't take it before db.session.commit()", *_asked(), error.code)
    except Exception:
        log.exception("a refusal could not be written to the log")


def _tell(identity: Identity, error: Forbidden) -> None:
    verb, page = _asked()
    if here.house.service(Refusals).is_due(str(identity.user_id), verb, page, error.code):
        here.house.announce(
            AccessRefused(user_id=identity.user_id, verb=verb, page=page, reason=error.code, at=clock.now())
        )


def _asked() -> tuple[str, str]:
    return request.method, request.url_rule.rule if request.url_rule else ""
