"""SMTP (RFC 5321, 6409): one connection for as long as mails wait, one for each thread that sends.

What a server says decides: 4xx is tried again, 5xx to this mail is final, and whatever concerns the connection itself,
also a refused login, means that nothing can be sent just now.
"""

from __future__ import annotations

import ssl
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from housekey.capabilities.mail.settings import MailSettings
from housekey.errors import CarrierDown, DeliveryPostponed, DeliveryRefused
from housekey.kernel.mail import OutgoingMail

if TYPE_CHECKING:
    from smtplib import SMTP

PERMANENT = range(500, 600)
SERVICE_CLOSES = 421
"""RFC 5321 §3.8: the server shuts down."""


class SmtpTransport:
    """Sends by one mail server."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._local = threading.local()

    def __call__(self, mail: OutgoingMail) -> None:
        import smtplib

        connection = self._connected()
        try:
            self._hand_over(connection, mail)
        except smtplib.SMTPResponseException as error:
            self._reset(connection)
            judge(error.smtp_code, error.smtp_error)
        except smtplib.SMTPRecipientsRefused as error:
            self._reset(connection)
            judge(*next(iter(error.recipients.values())))
        except smtplib.SMTPNotSupportedError:
            self._reset(connection)
            raise DeliveryRefused("the mail server doesn't take addresses beyond ASCII") from None
        except (smtplib.SMTPException, OSError) as error:
            self._hang_up()
            if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):  # smtplib wraps it
                raise CarrierDown("the mail server was silent for too long") from None
            raise DeliveryPostponed(f"the connection broke: {reason(error)}") from None

    def _hand_over(self, connection: SMTP, mail: OutgoingMail) -> None:
        sender = mail.sender_address
        plain = mail.recipient.isascii() and sender.isascii()
        if not plain and not connection.has_extn("smtputf8"):
            raise DeliveryRefused("the mail server doesn't take addresses beyond ASCII")
        options = () if plain else ("SMTPUTF8", "BODY=8BITMIME")
        connection.sendmail(sender, [mail.recipient], mail.mime, mail_options=options)

    def _connected(self) -> SMTP:
        """The connection of this thread. Raises `CarrierDown`."""
        import smtplib

        kept: SMTP | None = getattr(self._local, "connection", None)
        if kept is not None:
            with suppress(smtplib.SMTPException, OSError):
                if kept.noop()[0] == 250:
                    return kept
            self._hang_up()
        try:
            self._local.connection = connection = self._opened()
        except smtplib.SMTPAuthenticationError as error:
            raise CarrierDown(f"the mail server refused the login ({error.smtp_code})") from None
        except (smtplib.SMTPException, OSError) as error:
            where = f"{self._settings.host}, port {self._settings.smtp_port}, “{self._settings.security}”"
            raise CarrierDown(f"no connection to the mail server ({where}): {reason(error)}") from None
        return connection

    def _opened(self) -> SMTP:
        import smtplib

        settings, wait = self._settings, self._settings.timeout.total_seconds()
        host = settings.host or ""
        connection = (
            smtplib.SMTP_SSL(host, settings.smtp_port, timeout=wait, context=ssl.create_default_context())
            if settings.security == "tls"
            else smtplib.SMTP(host, settings.smtp_port, timeout=wait)
        )
        try:
            if settings.security == "starttls":
                connection.starttls(context=ssl.create_default_context())
            connection.ehlo_or_helo_if_needed()
            if settings.username is not None:
                connection.login(settings.username, settings.password or "")
        except BaseException:
            connection.close()
            raise
        return connection

    def _reset(self, connection: SMTP) -> None:
        """Ready for the next mail; else the connection is given up."""
        import smtplib

        try:
            connection.rset()
        except (smtplib.SMTPException, OSError):
            self._hang_up()

    def rest(self) -> None:
        """Say goodbye on the connection of this thread, if there is one."""
        import smtplib

        kept: SMTP | None = getattr(self._local, "connection", None)
        if kept is not None:
            with suppress(smtplib.SMTPException, OSError):
                kept.quit()
        self._hang_up()

    def _hang_up(self) -> None:
        """Without a word: the server doesn't listen any more."""
        kept: SMTP | None = getattr(self._local, "connection", None)
        self._local.connection = None
        if kept is not None:
            kept.close()


def judge(code: int, text: bytes | str) -> NoReturn:
    """Raise what a reply means."""
    said = f"{code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"
    if code in PERMANENT:
        raise DeliveryRefused(said)
    if code == SERVICE_CLOSES:
        raise CarrierDown(said)
    raise DeliveryPostponed(said)


def reason(error: Exception) -> str:
    """Why there is no connection, in the system's or the server's words."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
