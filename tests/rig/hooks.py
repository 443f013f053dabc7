"""A real web server on this machine that takes webhooks, and can be told how to behave.

server = hook_server()                    # or hook_server(certificate=…) for https
app = small_app(**server.settings)
server.status = 503
server.received                           # what it took: .headers, .body, .type
"""

from __future__ import annotations

import base64
import json
import os
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

SECRET = "whsec_" + base64.b64encode(os.urandom(32)).decode()


@dataclass(frozen=True)
class Hook:
    """One webhook that came."""

    path: str
    headers: dict[str, str]
    body: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def type(self) -> str:
        return str(self.json["type"])


class HookServer:
    """`status`, `headers` and `says` are its answers; with `drips` they come one byte every so many seconds."""

    def __init__(self, certificate: tuple[Path, Path] | None = None, host: str = "127.0.0.1") -> None:
        self.received: list[Hook] = []
        self.status, self.headers, self.says = 204, dict[str, str](), b""
        self.drips = 0.0
        self.answers: list[int] = []
        """Statuses of the next answers, before `status`."""
        self.scheme = "http" if certificate is None else "https"
        self._server = ThreadingHTTPServer((host, 0), handler_of(self))
        self._server.daemon_threads = True
        if certificate is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.port}/hook?key=a-key-of-the-receiver"

    @property
    def settings(self) -> dict[str, Any]:
        """For an app that sends to it."""
        return {"HOUSEKEY_WEBHOOKS_URLS": [self.url], "HOUSEKEY_WEBHOOKS_SECRETS": [SECRET]}

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def types(self) -> list[str]:
        return [hook.type for hook in self.received]


def handler_of(server: HookServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.received.append(Hook(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            if server.drips:
                self._drip()
                return
            self.send_response(server.answers.pop(0) if server.answers else server.status)
            for name, value in server.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(server.says)))
            self.end_headers()
            self.wfile.write(server.says)

        def _drip(self) -> None:
            """An answer that never ends, and always has just said something."""
            try:
                for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000:
                    self.wfile.write(bytes([byte]))
                    time.sleep(server.drips)
            except OSError:
                pass

        def log_message(self, format: str, *arguments: Any) -> None: ...

    return Handler


@pytest.fixture
def hook_server() -> Iterator[Callable[..., HookServer]]:
    """Starts such servers, that end with the test."""
    servers: list[HookServer] = []

    def start(**about: Any) -> HookServer:
        servers.append(HookServer(**about))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()
