"""A mail to see whether mail works: at once, past the outbox and its budgets."""

from __future__ import annotations

from housekey.capabilities.mail.actions import sender_of
from housekey.capabilities.mail.carrier import MailCarrier
from housekey.house import House
from housekey.kernel import clock
from housekey.kernel.mail import Letter, LetterRenderer, OutgoingMail, Reader, compose, mail_address, message_id
from housekey.kernel.tokens import new_public_id

TEMPLATE = "housekey/mail/mails/test"


def send_test(house: House, to: str) -> None:
    """Raises `BadAddress`, and `DeliveryError` with what the mail server said."""
    renderer, sender = house.service(LetterRenderer), sender_of(house)  # type: ignore[type-abstract]
    letter = Letter(template=TEMPLATE, to=mail_address(to), purpose="test", facts={"at": clock.now()})
    reader, mail_id = Reader(renderer.language()), new_public_id()
    reference = message_id(mail_id, sender)
    mime = compose(
        renderer.render(letter, reader),
        sender=sender, to=letter.to, reference=reference, date=clock.now(), language=reader.language,
    )  # fmt: skip
    carrier = house.service(MailCarrier)
    try:
        carrier.transport(OutgoingMail(mail_id, letter.to, reference, mime))
    finally:
        carrier.rest()
