"""The cookies: their names, and how they are set and removed.

Names and `Secure` follow the site's own address, not the request, so that a proxy that ends TLS can't weaken
them; only the one name is ever read.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask, Response

from housekey.errors import ConfigurationError
from housekey.web.origins import origin_of
from housekey.web.settings import HouseSettings

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_SCHEME_AND_HOST = re.compile(r"https?://[^/?#]+/?", re.IGNORECASE)
DEVICE_MAX_AGE_S = 400 * 24 * 3600
"""As long as browsers keep a cookie (RFC 6265bis §5.5)."""


@dataclass(frozen=True)
class Cookies:
    """Names and attributes for one app."""

    session: str
    device: str
    attempt: str
    csrf: str
    asker: str
    link: str
    trust: str
    secure: bool
    path: str
    domain: str | None

    def set(self, response: Response, name: str, value: str, max_age: int | None) -> None:
        """`max_age` None: until the browser is closed."""
        response.set_cookie(
            name, value, max_age=max_age, path=self.path, domain=self.domain,
            secure=self.secure, httponly=True, samesite="Lax",
        )  # fmt: skip

    def remove(self, response: Response, name: str) -> None:
        response.delete_cookie(
            name, path=self.path, domain=self.domain, secure=self.secure, httponly=True, samesite="Lax"
        )


def cookies_for(app: Flask, settings: HouseSettings, database: str) -> Cookies:
    """Decide the names. `database`: where it is, since one app started twice on two of them is two. Raises
    `ConfigurationError` for plain http elsewhere than on localhost."""
    secure = is_https(settings)
    stem = settings.cookie_name or _default_name(app, settings, secure, database)
    return Cookies(
        session=stem,
        device=f"{stem}-device",
        attempt=f"{stem}-attempt",
        csrf=f"{stem}-form",
        asker=f"{stem}-asker",
        link=f"{stem}-link",
        trust=f"{stem}-trust",
        secure=secure,
        path=settings.cookie_path,
        domain=settings.cookie_domain,
    )


def is_https(settings: HouseSettings) -> bool:
    """Whether people reach the site over TLS, by its own address."""
    if settings.base_url is None:
        return False
    origin = origin_of(settings.base_url)
    url = urlsplit(origin or "")
    if origin is None or not _SCHEME_AND_HOST.fullmatch(settings.base_url):
        raise ConfigurationError(
            f"HOUSEKEY_BASE_URL = {settings.base_url!r}: give scheme and host alone, such as https://example.org."
        )
    if url.scheme == "http" and url.hostname not in LOCAL_HOSTS and not settings.insecure_http:
        raise ConfigurationError(
            f"HOUSEKEY_BASE_URL = {settings.base_url!r} is not https: passwords and sessions could be read on the "
            "way. Use https, or set HOUSEKEY_INSECURE_HTTP = True if you accept that."
        )
    return url.scheme == "https"


def _default_name(app: Flask, settings: HouseSettings, secure: bool, database: str) -> str:
    if not secure:
        return f"housekey-{_fingerprint(app, settings, database)}"
    plain = settings.cookie_domain is None and settings.cookie_path == "/"
    return "__Host-housekey" if plain else "__Secure-housekey"


def _fingerprint(app: Flask, settings: HouseSettings, database: str) -> str:
    """Cookies of localhost are shared by all its ports: two apps under one name would log each other out. SECRET_KEY
    has no part in it, since a change of it must log nobody out."""
    about = f"{app.name}|{app.instance_path}|{settings.base_url}|{database}"
    return hashlib.sha256(about.encode()).hexdigest()[:6]
