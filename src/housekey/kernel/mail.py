"""A mail: what a capability says (`Letter`), what the templates make of it (`Rendered`), and its bytes."""

from __future__ import annotations

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from housekey.kernel.names import ascii_domain

if TYPE_CHECKING:
    from email.message import EmailMessage

LONGEST_SUBJECT = 150
_ADDRESS = re.compile(r"[^\s@<>,;:\\\"()\[\]\x00-\x1f\x7f]+@[^\s@<>,;:\\\"()\[\]\x00-\x1f\x7f]+")
_SENDER = re.compile(r"\s*(?P<name>[^<>]*?)\s*<(?P<address>[^<>]*)>\s*")


class BadAddress(ValueError):
    """No address that a mail could be sent to; the message doesn't quote it."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What is to be said to whom.

    template    such as "housekey/recovery/mails/reset": its `.txt` and `.html`
    to          the address
    purpose     a word for budgets, lists and logs: "reset", "verification"
    user_id     whose letter it is: it is written in their language, and goes when they go
    facts       what the templates need; tokens belong here and nowhere else
    notice      a security notice, which has a budget of its own
    apart       names whose share of its purpose's budget is counted apart: a browser that the account knows, say
    decoy       does all the work of a letter and is never sent, so that an answer takes its time
    useful_for  how long its links work; it isn't sent later
    language    of whoever reads it; default: the account's own, else that of this request if its reader asks for it
                now, else the site's first: a notice never speaks as a stranger's browser does
    asked_for   whether its reader asks for it now; default: as far as the circumstances tell
    """

    template: str
    to: str
    purpose: str
    user_id: Any = None
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)
    notice: bool = False
    apart: str = ""
    decoy: bool = False
    useful_for: timedelta | None = None
    language: str | None = None
    asked_for: bool | None = None


@dataclass(frozen=True)
class Reader:
    """In which language, and by which clock, somebody reads."""

    language: str
    time_zone: str | None = None


@dataclass(frozen=True)
class Rendered:
    """What the templates have made of a letter."""

    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)


class LetterRenderer(ABC):
    """Makes texts of letters. The web layer provides it to the house, for templates and links are its matter."""

    @abstractmethod
    def render(self, letter: Letter, reader: Reader) -> Rendered:
        """Raises `ConfigurationError` if a link is needed and the site's address isn't known."""

    @abstractmethod
    def default_sender(self) -> str:
        """`Notebook <no-reply@example.org>`, of the site's name and address."""

    @abstractmethod
    def language(self, *wishes: str | None) -> str:
        """The first wish that the site offers, else the site's own language."""


@dataclass(frozen=True)
class Sender:
    """Whom a mail comes from."""

    name: str
    address: str

    @classmethod
    def read(cls, text: str) -> Sender:
        """`Notebook <no-reply@example.org>`, or the address alone. Raises `BadAddress`."""
        found = _SENDER.fullmatch(text)
        name, address = (found["name"].strip('"'), found["address"]) if found else ("", text.strip())
        return cls(one_line(name), mail_address(address))

    @property
    def domain(self) -> str:
        return parts_of(self.address)[1]


def mail_address(text: str) -> str:
    """An address as the wire takes it: the domain in ASCII, nothing around it. Raises `BadAddress`: whatever could end
    a line or begin another address is none (flaw 42)."""
    if not _ADDRESS.fullmatch(text) or not text.isprintable():
        raise BadAddress("This is no e-mail address.")
    local, domain = parts_of(text)
    ascii_name = ascii_domain(domain)
    if not ascii_name:
        raise BadAddress("This is no e-mail address.")
    return f"{local}@{ascii_name}"


def parts_of(address: str) -> tuple[str, str]:
    """What stands before the last @, and behind it."""
    local, _at, domain = address.rpartition("@")
    return local, domain


def one_line(text: str, length: int = LONGEST_SUBJECT) -> str:
    """A text for a header: no line ends, nothing that can't be seen, not too long (flaw 42)."""
    kept = "".join(c if c.isprintable() and unicodedata.category(c) != "Cf" else " " for c in text)
    short = " ".join(kept.split())
    return short if len(short) <= length else short[: length - 1].rstrip() + "…"


def message_id(parcel_id: str, sender: Sender) -> str:
    """The same at every try, so that a mail that went out twice shows once."""
    return f"<{parcel_id}@{sender.domain}>"


def compose(rendered: Rendered, *, sender: Sender, to: str, reference: str, date: datetime, language: str) -> bytes:
    """The mail as it goes over the wire (RFC 5322): text and HTML, and the header fields of a mail that no person
    wrote. There is no List-Unsubscribe: what it says isn't advertising."""
    from email import policy
    from email.headerregistry import Address
    from email.message import EmailMessage

    address = mail_address(to)
    mail = EmailMessage(policy.SMTP if address.isascii() and sender.address.isascii() else policy.SMTPUTF8)
    # In parts, which it takes as they are: of a whole address it refuses a local part beyond ASCII (RFC 6531).
    mail["From"] = Address(sender.name, *parts_of(sender.address))
    mail["To"] = Address("", *parts_of(address))
    mail["Subject"] = one_line(rendered.subject)
    mail["Date"] = date
    mail["Message-ID"] = reference
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: no holiday notice comes back
    mail.set_content(rendered.text)
    mail.add_alternative(rendered.html, subtype="html")
    mail["Content-Language"] = language  # after the content: that drops or moves whatever begins with "Content-"
    return mail.as_bytes()


@dataclass(frozen=True)
class OutgoingMail:
    """A mail that a transport is to send. A service with an API of its own takes `subject`, `text` and `html`; what
    speaks SMTP takes `mime`."""

    id: str
    recipient: str
    message_id: str
    mime: bytes = field(repr=False)

    @cached_property
    def message(self) -> EmailMessage:
        """The same, parsed."""
        from email import message_from_bytes, policy

        return message_from_bytes(self.mime, policy=policy.default)

    @property
    def sender(self) -> str:
        return str(self.message["From"])

    @property
    def sender_address(self) -> str:
        """Where the mail comes back to if it can't be delivered."""
        return str(self.message["From"].addresses[0].addr_spec)

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: str) -> str:
        found = self.message.get_body((kind,))
        return str(found.get_content()) if found is not None else ""
