"""Settings of the house itself: where it stands, and what it shows to browsers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from housekey.errors import ConfigurationError
from housekey.settings import setting
from housekey.web.headers import CSP, csp_text
from housekey.web.known_keys import refuse_weak
from housekey.web.origins import origin_of


@dataclass(frozen=True)
class HouseSettings:
    """`HOUSEKEY_…` without a middle word."""

    base_url: str | None = setting(
        None,
        "The address that people see, for example https://example.org. Cookies, links in mails and the check of "
        "origins follow it, never the request. Needed outside debug, testing and localhost.",
    )
    insecure_http: bool = setting(False, "Allow plain http elsewhere than on localhost. Anyone on the way can read it.")
    site_name: str | None = setting(None, "What the site is called in pages and mails. Default: the app's name.")
    url_prefix: str = setting("/account", "Where the account pages are.")
    layout: str = setting("housekey/base.html", "The template that the pages extend; it needs the block `content`.")
    profile: Literal["standard", "strict"] = setting(
        "standard",
        "“strict”: sessions end after 1 hour idle and after 24 hours, and everybody has a second factor.",
        source="NIST SP 800-63B-4 §2.2.3",
    )
    trusted_origins: tuple[str, ...] = setting(
        (), "Origins of your own front ends on other hosts, which may send requests with cookies (CORS)."
    )
    csrf_protect_host: bool = setting(False, "Check your own views against cross-site requests too.")
    cookie_name: str | None = setting(None, "The session cookie's name. Default: __Host-housekey on https.")
    cookie_path: str = setting("/", "The cookies' path; another one drops the __Host- prefix.")
    cookie_domain: str | None = setting(None, "The cookies' domain; setting it drops the __Host- prefix.")
    content_security_policy: str | None = setting(
        csp_text(CSP),
        "The Content-Security-Policy of the account pages; None sends none, for a layout that needs more.",
        source="ASVS 3.4.3",
    )
    seal_key: str | None = setting(
        None,
        "Encrypts what the database holds and Housekey must read again, such as mails that wait. Default: SECRET_KEY.",
        secret=True,
    )
    seal_key_fallbacks: tuple[str, ...] = setting((), "Former seal keys; they still open.", secret=True)
    hsts: timedelta | None = setting(
        None, "Send Strict-Transport-Security for so long, for the whole site.", source="ASVS 3.4.1: one year or more"
    )
    create_tables: bool | None = setting(
        None, "Make and migrate the tables at start-up. Default: only in a database that Housekey itself opens."
    )
    languages: tuple[str, ...] = setting(
        ("en",), 'The languages to offer people, the first is the default. Shipped: "en" and "de".'
    )
    locale_folder: str | None = setting(
        None,
        "A folder with catalogues of your own (`de/LC_MESSAGES/housekey.mo`), whose sentences come before Housekey's; "
        "relative to the app's folder.",
    )

    def __post_init__(self) -> None:
        refuse_weak("HOUSEKEY_SEAL_KEY", self.seal_key)
        for origin in self.trusted_origins:
            if origin_of(origin) is None:
                raise ConfigurationError(
                    f"HOUSEKEY_TRUSTED_ORIGINS: {origin!r} is no origin. Give scheme and host of each front end, "
                    "such as https://app.example.org; there are no wildcards."
                )


STRICT: Mapping[str, Any] = {
    "HOUSEKEY_FACTORS_REQUIRED_FOR": "everybody",
    "HOUSEKEY_SESSIONS_IDLE": timedelta(hours=1),
    "HOUSEKEY_SESSIONS_ABSOLUTE": timedelta(hours=24),
    "HOUSEKEY_SESSIONS_REMEMBER_IDLE": timedelta(hours=1),
    "HOUSEKEY_SESSIONS_REMEMBER_ABSOLUTE": timedelta(hours=24),
}
"""What `HOUSEKEY_PROFILE = "strict"` sets, where the app doesn't."""
