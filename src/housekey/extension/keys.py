"""The keys of one app, as they are when they are needed: a host may set them after `Housekey(app)`."""

from __future__ import annotations

from flask import Flask

from housekey.web.settings import HouseSettings


def secret_keys(app: Flask) -> list[str | bytes]:
    """The key that signs now, then those that were used before (`SECRET_KEY_FALLBACKS`)."""
    keys = [app.secret_key, *(app.config.get("SECRET_KEY_FALLBACKS") or [])]
    return [key for key in keys if key]


def seal_keys(app: Flask, settings: HouseSettings) -> list[str | bytes]:
    """`HOUSEKEY_SEAL_KEY` before its fallbacks; the keys that sign come last, so that what they have sealed still opens
    when a seal key is first set."""
    own = [key for key in (settings.seal_key, *settings.seal_key_fallbacks) if key]
    return [*own, *secret_keys(app)]
