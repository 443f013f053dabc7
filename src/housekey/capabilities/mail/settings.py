"""How mails leave, and how many one address gets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from housekey.errors import ConfigurationError
from housekey.kernel.mail import BadAddress, Sender
from housekey.settings import setting

USUAL_PORTS = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True)
class MailSettings:
    """`HOUSEKEY_MAIL_…`."""

    section = "mail"

    transport: Literal["auto", "smtp", "file", "console", "mailbox"] = setting(
        "auto",
        "How mails leave. “auto”: by SMTP if HOUSEKEY_MAIL_HOST is set, else into the mailbox page in debug mode and "
        "in tests. “file” and “console” are for trying out: whoever reads them can use the links.",
    )
    host: str | None = setting(None, "The mail server that takes your mails, such as smtp.example.org.")
    port: int | None = setting(
        None, "Its port. Default: 587, with “tls” 465, with “none” 25.", at_least=1, at_most=65535
    )
    security: Literal["starttls", "tls", "none"] = setting(
        "starttls",
        "How the way to the server is protected. Its certificate is always checked; “none” is for a server on this "
        "machine.",
        source="RFC 8314 §3",
    )
    username: str | None = setting(None, "The name to log in with at the mail server.")
    password: str | None = setting(None, "The password to log in with at the mail server.", secret=True)
    timeout: timedelta = setting(
        timedelta(seconds=10),
        "How long the mail server may be silent.",
        at_least=timedelta(seconds=1),
        at_most=timedelta(seconds=30),
    )
    sender: str | None = setting(
        None,
        "Whom mails come from: “Example <hello@example.org>”. Default: the site's name, and no-reply at the host of "
        "HOUSEKEY_BASE_URL.",
    )
    folder: str | None = setting(None, "Where the transport “file” puts mails, each in a file of its own.")
    budget: int = setting(5, "Mails of one purpose that one address gets per window; no more are sent.", at_least=1)
    budget_window: timedelta = setting(timedelta(hours=1), "That window; it moves with the clock.")
    notice_budget: int = setting(
        20, "Security notices of one kind that one address gets per window, whatever else it gets.", at_least=1
    )
    notice_budget_window: timedelta = setting(timedelta(hours=24), "That window.")

    def __post_init__(self) -> None:
        if self.transport == "smtp" and not self.host:
            raise ConfigurationError('HOUSEKEY_MAIL_TRANSPORT = "smtp" needs HOUSEKEY_MAIL_HOST, your mail server.')
        if self.transport == "file" and not self.folder:
            raise ConfigurationError('HOUSEKEY_MAIL_TRANSPORT = "file" needs HOUSEKEY_MAIL_FOLDER.')
        if self.sender is not None:
            try:
                Sender.read(self.sender)
            except BadAddress:
                raise ConfigurationError(
                    f"HOUSEKEY_MAIL_SENDER = {self.sender!r} is no sender. Write it as: Example <hello@example.org>"
                ) from None

    @property
    def smtp_port(self) -> int:
        return self.port or USUAL_PORTS[self.security]
