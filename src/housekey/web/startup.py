"""What is checked before the first request is served: mistakes that would make the site unsafe stop it, with the cure.

Importing the app never fails for these, so that tools and tests can load it.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, render_template, request

from housekey.errors import ConfigurationError
from housekey.kernel.texts import language
from housekey.web.answers import translate
from housekey.web.cookies import LOCAL_HOSTS
from housekey.web.here import here, state

SHORTEST_KEY = 32
"""Characters: SECRET_KEY signs cookies and form tokens; shorter ones have been guessed (flaw 9)."""
WELL_KNOWN = frozenset(
    {"dev", "secret", "secret key", "secret-key", "secretkey", "changeme", "change-me", "change me", "password"}
)
MAKE_ONE = 'Make one with: python -c "import secrets; print(secrets.token_hex(32))"'


def install(app: Flask) -> None:
    """Check once, before the first request; afterwards the hook is gone and costs nothing."""

    def check_once() -> None:
        check_secret_key(app)
        for check in state().house.checks:
            check()
        hooks = app.before_request_funcs
        hooks[None] = [hook for hook in hooks[None] if hook is not check_once]  # a new list: this one is being walked

    app.before_request(check_once)


def show_developer(error: ConfigurationError) -> Any:
    """In debug mode a page with the cure; else the failure of the server that it is."""
    if not current_app.debug:
        raise error
    language.set("en")
    site = current_app.name
    page = render_template("housekey/errors/setup.html", t=translate, site_name=site, message=str(error), cure="")
    return page, 500


def check_secret_key(app: Flask) -> None:
    """Refuse to serve with a key that an attacker may know, outside debug and testing."""
    if app.debug or app.testing:
        return
    weakness = weakness_of(app.secret_key)
    if weakness:
        raise ConfigurationError(f"SECRET_KEY {weakness}. {MAKE_ONE} and keep it as FLASK_SECRET_KEY.")


def weakness_of(key: str | bytes | None) -> str | None:
    """What is wrong with a key that signs, never the key itself; None if nothing is."""
    if not key:
        return "is not set"
    text = key.decode("latin-1") if isinstance(key, bytes) else key
    if text.lower() in WELL_KNOWN or len(set(text)) < 8:
        return "is well known or has a pattern"
    return f"has {len(text)} characters; it needs {SHORTEST_KEY}" if len(text) < SHORTEST_KEY else None


def check_address() -> None:
    """Cookies and links follow `HOUSEKEY_BASE_URL`; only on localhost the site needs none."""
    if here.settings.base_url is not None or current_app.debug or current_app.testing:
        return
    host = request.host.rpartition(":")[0] or request.host
    if host.strip("[]") not in LOCAL_HOSTS and request.host not in LOCAL_HOSTS:
        raise ConfigurationError(
            "HOUSEKEY_BASE_URL is not set. Set it to the address of your site, for example https://example.org: "
            "cookies and links follow it."
        )
