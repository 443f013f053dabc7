"""A real mail server on this machine, that can be told how to behave.

server = smtp_server(login=("name", "word"), tls=True)
app = small_app(**server.settings)
server.says["RCPT"] = "550 5.1.1 nobody here"
server.received        # what it took: .to, .sender, .mail
"""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


@dataclass(frozen=True)
class Received:
    """One mail that the server took."""

    sender: str
    to: list[str]
    raw: bytes = field(repr=False)

    @property
    def mail(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)


class OnAnyPort(Controller):
    """Listens where the system says; aiosmtpd itself would then knock at port 0."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()  # type: ignore[no-untyped-call]


class MailServer:
    """How it behaves: `says` answers a command in its own words, `drops` closes the connection at it, `waits` lets it
    take so many seconds."""

    def __init__(self, login: tuple[str, str] | None = None, certificate: tuple[Path, Path] | None = None) -> None:
        self.received: list[Received] = []
        self.says: dict[str, str] = {}
        self.drops: set[str] = set()
        self.waits: dict[str, float] = {}
        self.login, self.certificate = login, certificate
        self._controller = self._new(0)

    def _new(self, port: int) -> Controller:
        options: dict[str, Any] = {"data_size_limit": None}
        if self.certificate is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(*self.certificate)
            options |= {"tls_context": context, "require_starttls": True}
        if self.login is not None:
            options |= {"authenticator": self._check, "auth_required": True, "auth_require_tls": bool(self.certificate)}
        return OnAnyPort(self, hostname="127.0.0.1", port=port, ready_timeout=10, **options)

    def _check(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        name, word = self.login or ("", "")
        right = (given.login, given.password) == (name.encode(), word.encode())
        return AuthResult(success=right, handled=False)

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        if self._controller.server is not None:
            self._controller.stop()

    def start_again(self) -> None:
        """At the same place."""
        self._controller = self._new(self.port)
        self._controller.start()

    @property
    def port(self) -> int:
        return int(self._controller.port)

    @property
    def settings(self) -> dict[str, Any]:
        """For an app that sends by it."""
        login = dict(zip(("HOUSEKEY_MAIL_USERNAME", "HOUSEKEY_MAIL_PASSWORD"), self.login or (), strict=False))
        return {
            "HOUSEKEY_MAIL_TRANSPORT": "smtp",
            "HOUSEKEY_MAIL_HOST": "localhost",
            "HOUSEKEY_MAIL_PORT": self.port,
            "HOUSEKEY_MAIL_SECURITY": "starttls" if self.certificate else "none",
            "HOUSEKEY_MAIL_TIMEOUT": 2,
            "HOUSEKEY_BASE_URL": "https://example.org",
            "HOUSEKEY_MAIL_SENDER": "Example <hello@example.org>",
            **login,
        }

    async def _behave(self, command: str, server: SMTP) -> str | None:
        await asyncio.sleep(self.waits.get(command, 0))
        if command in self.drops:
            server.transport.abort()  # type: ignore[union-attr]
            return "421 nobody hears this"
        return self.says.get(command)

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        said = await self._behave("MAIL", server)
        envelope.mail_from = address
        return said or "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        said = await self._behave("RCPT", server)
        if said is None:
            envelope.rcpt_tos.append(address)
        return said or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        said = await self._behave("DATA", server)
        if said is None:
            raw = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
            self.received.append(Received(envelope.mail_from or "", list(envelope.rcpt_tos), raw))
        return said or "250 OK"


@pytest.fixture
def smtp_server() -> Iterator[Callable[..., MailServer]]:
    """Starts mail servers that end with the test."""
    servers: list[MailServer] = []

    def start(**about: Any) -> MailServer:
        servers.append(MailServer(**about))
        servers[-1].start()
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost and hooks.example.org that nobody has signed, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    made = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    more = [
        "-addext",
        "subjectAltName=DNS:localhost,DNS:hooks.example.org",
        "-out",
        str(made[0]),
        "-keyout",
        str(made[1]),
    ]
    subprocess.run([*command, *more], check=True, capture_output=True)
    return made
