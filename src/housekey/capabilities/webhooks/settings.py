"""Where webhooks go, and how they are signed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from housekey.capabilities.webhooks import signing, targets
from housekey.errors import ConfigurationError
from housekey.kernel.internet import is_public
from housekey.settings import setting

MAKE = "python -c 'import base64, os; print(\"whsec_\" + base64.b64encode(os.urandom(32)).decode())'"


@dataclass(frozen=True)
class WebhookSettings:
    """`HOUSEKEY_WEBHOOKS_…`."""

    section = "webhooks"

    urls: tuple[str, ...] = setting(
        (),
        "Where events are sent: public addresses with https. While one tries things out, also http://localhost.",
        secret=True,
    )
    secrets: tuple[str, ...] = setting(
        (),
        "What webhooks are signed with: “whsec_” and then 24 to 64 random bytes in base64. Of several each signs, so "
        "that receivers can change from one to the next.",
        secret=True,
        source="Standard Webhooks 1.0",
    )
    events: tuple[str, ...] = setting(
        (), "Only these events are sent, by their names, such as “user.registered”. Empty: all."
    )
    timeout: timedelta = setting(
        timedelta(seconds=10),
        "How long a receiver may take altogether, from its name to the end of its answer.",
        at_least=timedelta(seconds=1),
        at_most=timedelta(seconds=60),
    )

    def __post_init__(self) -> None:
        _each("HOUSEKEY_WEBHOOKS_URLS", self.urls, _check_url)
        _each("HOUSEKEY_WEBHOOKS_SECRETS", self.secrets, signing.key_of)
        if self.urls and not self.secrets:
            raise ConfigurationError(
                f"HOUSEKEY_WEBHOOKS_URLS needs HOUSEKEY_WEBHOOKS_SECRETS: without a signature anybody could send what "
                f"seems to come from this site. Make one with: {MAKE}"
            )


def _check_url(url: str) -> None:
    target = targets.read(url)
    if target.is_local:
        return
    if target.scheme != "https":
        raise ValueError("must begin with https://")
    if _is_number(target.host) and not is_public(target.host):
        raise ValueError("is an inner address, which webhooks don't go to")


def _is_number(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


def _each(key: str, values: tuple[str, ...], check: Callable[[str], Any]) -> None:
    """By its number: an address may hold a key, and a secret is one."""
    for number, value in enumerate(values, 1):
        try:
            check(value)
        except ValueError as error:
            raise ConfigurationError(f"{key}: number {number} {error}.") from None
