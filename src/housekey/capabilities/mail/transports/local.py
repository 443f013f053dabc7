"""Transports for trying out: mails as files, on the console, or kept in the outbox for the mailbox page."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from housekey.errors import CarrierDown
from housekey.kernel.mail import OutgoingMail


class FileTransport:
    """Each mail in a file of its own that only its owner may read: it holds links that log in."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def __call__(self, mail: OutgoingMail) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = self._folder / f".{mail.id}"
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(mail.mime)
            draft.rename(self._folder / f"{mail.message['Date'].datetime:%Y%m%dT%H%M%S}-{mail.id}.eml")
        except OSError as error:
            raise CarrierDown(f"HOUSEKEY_MAIL_FOLDER: {error.strerror}") from None


def to_console(mail: OutgoingMail) -> None:
    """The text of a mail, where the server writes its errors."""
    head = "\n".join(f"{name}: {mail.message[name]}" for name in ("From", "To", "Subject", "Date", "Message-ID"))
    rule = "-" * 72
    print(f"{rule}\n{head}\n\n{mail.text}{rule}", file=sys.stderr, flush=True)  # noqa: T201


def to_mailbox(mail: OutgoingMail) -> None:
    """It stays where it is, sealed, in the outbox."""
