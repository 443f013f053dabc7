"""Origins (RFC 6454): scheme, host and port, in the one spelling in which two can be compared."""

from __future__ import annotations

from urllib.parse import urlsplit

from housekey.kernel.names import ascii_domain

_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_of(url: str | None) -> str | None:
    """The origin of an http(s) address as browsers write it in `Origin`: lower case, no default port, `xn--`.

    None for all else: nothing, "null", another scheme, a user name in front of the host.
    """
    try:
        parts = urlsplit(url or "")
        host, port = ascii_domain(parts.hostname or ""), parts.port
    except ValueError:  # a port that is no number, a broken [IPv6 address]
        return None
    if parts.scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc:
        return None
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, _DEFAULT_PORTS[parts.scheme]) else "")
