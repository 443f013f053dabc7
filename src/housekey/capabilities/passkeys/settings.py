"""Whether people may use passkeys, and under which address they hold."""

from __future__ import annotations

import re
from dataclasses import dataclass

from housekey.errors import ConfigurationError
from housekey.settings import setting

DOMAIN = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


@dataclass(frozen=True)
class PasskeySettings:
    """`HOUSEKEY_PASSKEYS_…`."""

    section = "passkeys"

    open: bool = setting(
        True,
        "Whether people may add passkeys and log in with them. They need https, or localhost: elsewhere nothing of it "
        "is shown.",
    )
    rp_id: str | None = setting(
        None,
        "The domain that passkeys are made for. Default: the host of HOUSEKEY_BASE_URL. A parent domain, such as "
        "example.org, makes them work on its other hosts too. Whoever changes it loses all passkeys.",
        source="WebAuthn §5.1.2",
    )
    origins: tuple[str, ...] = setting(
        (),
        "Further origins where the passkeys may be used, such as https://example.net or an app's "
        "android:apk-key-hash:…; the web ones are told at /.well-known/webauthn.",
        source="WebAuthn §5.11",
    )

    def __post_init__(self) -> None:
        if self.rp_id is not None and not DOMAIN.fullmatch(self.rp_id):
            raise ConfigurationError(
                f"HOUSEKEY_PASSKEYS_RP_ID = {self.rp_id!r}: give a domain alone, in small letters, such as example.org."
            )
        for origin in self.origins:
            if not origin.startswith(("https://", "android:apk-key-hash:")) or origin.endswith("/"):
                raise ConfigurationError(
                    f"HOUSEKEY_PASSKEYS_ORIGINS: {origin!r} is no origin. Give scheme and host, such as "
                    "https://example.net, or android:apk-key-hash: and its hash."
                )
