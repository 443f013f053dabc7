"""Carries what the outbox holds of the kind "mail", by the transport that the settings or the host choose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from housekey.capabilities.mail.settings import MailSettings
from housekey.capabilities.mail.transports.local import FileTransport, to_console, to_mailbox
from housekey.capabilities.mail.transports.smtp import SmtpTransport
from housekey.capabilities.outbox.carriers import Parcel
from housekey.errors import CarrierDown
from housekey.house import House
from housekey.kernel.mail import OutgoingMail

Transport = Callable[[OutgoingMail], Any]
"""Sends one mail. Raises `DeliveryRefused` if it never will be taken; after any other error it is tried again."""
NO_TRANSPORT = "no mail server is set: HOUSEKEY_MAIL_HOST, or another HOUSEKEY_MAIL_TRANSPORT"


class MailCarrier:
    """One for each app."""

    at_leisure = False

    def __init__(self, house: House) -> None:
        self._house = house
        self.own: Transport | None = None
        """The host's, by `accounts.mail_transport`."""
        self._made: tuple[MailSettings, Transport] | None = None

    @property
    def _settings(self) -> MailSettings:
        return self._house.settings[MailSettings]

    @property
    def way(self) -> str:
        """`own`, `smtp`, `file`, `console`, `mailbox`, or `none`: nothing is set yet."""
        chosen = self._settings.transport
        if self.own is not None:
            return "own"
        if chosen != "auto":
            return chosen
        if self._settings.host:
            return "smtp"
        return "mailbox" if self._house.trying_out() else "none"

    @property
    def keeps_bodies(self) -> bool:
        return self.way == "mailbox"

    def carry(self, parcel: Parcel) -> None:
        self.transport(OutgoingMail(parcel.id, parcel.recipient, parcel.reference, parcel.body))

    def rest(self) -> None:
        if self._made is not None and isinstance(self._made[1], SmtpTransport):
            self._made[1].rest()

    @property
    def transport(self) -> Transport:
        """Raises `CarrierDown` if none is set."""
        if self.own is not None:
            return self.own
        if self._made is None or self._made[0] is not self._settings:  # tests set others
            self._made = (self._settings, self._new())
        return self._made[1]

    def _new(self) -> Transport:
        settings = self._settings
        match self.way:
            case "smtp":
                return SmtpTransport(settings)
            case "file":
                return FileTransport(settings.folder or "")
            case "console":
                return to_console
            case "mailbox":
                return to_mailbox
            case _:
                raise CarrierDown(NO_TRANSPORT)
