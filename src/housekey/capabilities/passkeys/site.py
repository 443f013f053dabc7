"""The site as authenticators know it, from the settings."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from housekey.capabilities.passkeys import kept
from housekey.capabilities.passkeys.party import LOCALHOST, RelyingParty
from housekey.capabilities.passkeys.settings import PasskeySettings
from housekey.house import House
from housekey.web.origins import origin_of
from housekey.web.settings import HouseSettings


def party(house: House) -> RelyingParty:
    """Follows `HOUSEKEY_BASE_URL`, never the request."""
    settings, site = house.settings[PasskeySettings], house.settings[HouseSettings]
    origin = origin_of(site.base_url)
    host = (urlsplit(origin).hostname if origin else None) or LOCALHOST
    own_id = settings.rp_id or host
    return RelyingParty(
        name=site.site_name or own_id, id=own_id, origin=origin, others=settings.origins, open=settings.open
    )


def is_offered(house: House) -> bool:
    """Whether pages show anything of passkeys."""
    return house.service(RelyingParty).is_offered


def has_any(house: House, user_id: Any) -> bool:
    """Whether a person has one that can be used here."""
    with house.read() as connection:
        return is_offered(house) and bool(kept.of(connection, house.store.schema, user_id))


def related_origins(house: House) -> list[str]:
    """Web origins that share the passkeys of this site's domain (WebAuthn §5.11)."""
    return [one for one in house.service(RelyingParty).others if one.startswith("https://")]
