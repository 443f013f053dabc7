"""Writing a letter, in the transaction of what it tells of."""

from __future__ import annotations

import logging
from typing import Any

import sqlalchemy as sa

from housekey.capabilities.mail.events import MailWithheld
from housekey.capabilities.mail.settings import MailSettings
from housekey.capabilities.outbox.actions import Posting, post
from housekey.capabilities.throttling import windows
from housekey.errors import TooManyAttempts
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.mail import BadAddress, Letter, LetterRenderer, Reader, Sender, compose, mail_address, message_id
from housekey.kernel.names import email_key
from housekey.kernel.texts import language
from housekey.kernel.tokens import new_public_id

log = logging.getLogger("housekey.mail")
KIND = "mail"
NOBODY = "nobody@localhost"


def send(unit: Unit, letter: Letter) -> str | None:
    """Post a letter; it leaves once this transaction is committed. Answers its id in the outbox, or None if the address
    has had its share: nothing is sent then, and the caller answers as always."""
    if not _within_budget(unit, letter):
        log.warning("a mail was withheld: the budget of its purpose %s is spent for its address", letter.purpose)
        unit.publish(MailWithheld(purpose=letter.purpose, user_id=letter.user_id, at=clock.now()))
        return None
    parcel_id, renderer = new_public_id(), unit.house.service(LetterRenderer)  # type: ignore[type-abstract]
    sender, reader = sender_of(unit.house), reader_of(unit, letter, renderer)
    to, reference = _address_of(letter), message_id(parcel_id, sender)
    body = compose(
        renderer.render(letter, reader),
        sender=sender, to=to, reference=reference, date=clock.now(), language=reader.language,
    )  # fmt: skip
    is_decoy = letter.decoy or to == NOBODY
    posting = Posting(
        id=parcel_id,
        kind=KIND,
        purpose=letter.purpose,
        recipient="" if is_decoy else to,  # nobody's address needn't be kept
        body=body,
        reference=reference,
        user_id=letter.user_id,
        useful_for=letter.useful_for,
        decoy=is_decoy,
    )
    return post(unit, posting)


def _address_of(letter: Letter) -> str:
    """An account may bear an address from before that no mail can be sent to: its letter becomes a decoy, so that the
    answer is the same."""
    try:
        return mail_address(letter.to)
    except BadAddress:
        log.warning("a mail of the purpose %s has no address that it could be sent to", letter.purpose)
        return NOBODY


def sender_of(house: House) -> Sender:
    """Whom mails of this site come from."""
    chosen = house.settings[MailSettings].sender
    return Sender.read(chosen or house.service(LetterRenderer).default_sender())  # type: ignore[type-abstract]


def reader_of(unit: Unit, letter: Letter, renderer: LetterRenderer) -> Reader:
    """In which language to write: never in that of a stranger or an administrator who caused the mail. The account is
    looked for even if there is none: a decoy takes the same time."""
    accounts = unit.tables["accounts"]
    wishes = sa.select(accounts.c.language, accounts.c.time_zone).where(accounts.c.user_id == letter.user_id)
    row: Any = unit.execute(wishes).first()
    wish, zone = tuple(row) if row else (None, None)
    asked = language.get() if _is_asked_for(unit.house, letter) else None
    return Reader(renderer.language(letter.language, wish, asked), zone)


def _is_asked_for(house: House, letter: Letter) -> bool:
    """Whether whoever asks now reads it. A stranger may ask for a mail to choose a new password, too, but that is
    seldom, and whoever can't read such a mail loses nothing; a notice tells of what strangers do."""
    if letter.asked_for is not None:
        return letter.asked_for
    circumstances = house.circumstances()
    if circumstances.kind == "user":
        return bool(circumstances.actor == letter.user_id)
    return not letter.notice


def _within_budget(unit: Unit, letter: Letter) -> bool:
    """Counts it, and says whether it may be sent. The address is counted by its HMAC: it may be nobody's."""
    settings = unit.house.settings[MailSettings]
    # One by one: who makes many notices of one kind must not use up those of another (flaw 28).
    kind = f"notice|{letter.purpose}" if letter.notice else f"purpose|{letter.purpose}{letter.apart}"
    limit, length = (
        (settings.notice_budget, settings.notice_budget_window)
        if letter.notice
        else (settings.budget, settings.budget_window)
    )
    try:
        windows.enter(unit, unit.house.keyed_digests(f"mail|{kind}|{email_key(letter.to)}"), limit, length)
    except TooManyAttempts:
        return False
    return True
