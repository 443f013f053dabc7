"""The addresses that webhooks go to, as the settings name them."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from housekey.web.cookies import LOCAL_HOSTS

PORTS = {"https": 443, "http": 80}
LONGEST = 2000
_LONGEST_HOST, _LONGEST_LABEL = 253, 63


@dataclass(frozen=True)
class Target:
    """An address in its parts. The path may hold a key: it is shown nowhere."""

    scheme: str
    host: str
    port: int
    path: str = field(repr=False)

    @property
    def is_local(self) -> bool:
        """By its name: this machine, for trying out."""
        return self.host in LOCAL_HOSTS

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == PORTS[self.scheme] else f":{self.port}")


def read(url: str) -> Target:
    """Raises ValueError that says what is wrong, without the address."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url or len(url) > LONGEST:
        raise ValueError("holds characters that no address has; write a name in another script as xn--…")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("is no address") from None
    if parts.scheme not in PORTS or not _could_be_host(host) or port == 0:
        raise ValueError("is no address such as https://example.org/hook")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("has a user name, a password or a part after “#”, which are never sent")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or PORTS[parts.scheme], path)


def _could_be_host(host: str) -> bool:
    return 0 < len(host) <= _LONGEST_HOST and all(0 < len(part) <= _LONGEST_LABEL for part in host.split("."))
