"""What a request shows of the one who sends it. Nothing below the web layer sees requests."""

from __future__ import annotations

import logging

from flask import request

from housekey.kernel import devices, networks, tokens
from housekey.login.attempt import Client
from housekey.web.here import asked_so_far, asking, state

log = logging.getLogger("housekey")
PROXY_FIX = "werkzeug.proxy_fix.orig"
"""Werkzeug's ProxyFix leaves this mark in the environ."""


def client() -> Client:
    """The client of the current request. `remote_addr` counts `X-Forwarded-For` only through Werkzeug's ProxyFix."""
    found = asking()
    if found.client is None:
        found.client = _read()
    return found.client


def _read() -> Client:
    address, agent = request.remote_addr or "", devices.clean(request.headers.get("User-Agent", ""))
    return Client(
        address=devices.clean(address),  # behind a proxy it is a text like any other: PostgreSQL refuses a NUL
        network=_network(address),
        user_agent=agent,
        family=devices.family(agent),
        session_token=session_token(),
        device_token=_token(state().cookies.device),
        trust_token=_token(state().cookies.trust),
        boot=state().boot,
    )


def _network(address: str) -> str | None:
    """None behind a proxy that the app doesn't know of: all visitors would share the proxy's address, and the
    first guesser would shut out everyone."""
    hidden = "X-Forwarded-For" in request.headers and PROXY_FIX not in request.environ
    if hidden and networks.is_private(address):
        log.warning(
            "Network limits are off: a proxy at %s sends X-Forwarded-For, which this app ignores. "
            "Wrap app.wsgi_app in werkzeug.middleware.proxy_fix.ProxyFix.",
            address,
        )
        return None
    return networks.network_of(address)


def session_token() -> str | None:
    """What the browser holds. The rest of `client()` is costly, and most requests need only this."""
    return _token(state().cookies.session)


def attempt_token() -> str | None:
    """What the browser holds of a login under way."""
    return _token(state().cookies.attempt)


def asker_token() -> str | None:
    """What the browser holds that has asked for a mail: only there its short code may be typed."""
    return _token(state().cookies.asker)


def _token(name: str) -> str | None:
    """What this request has set goes before what came with it: a view may log somebody in and out again, and what it
    has opened must end."""
    found = asked_so_far()
    if found is not None and name in found.cookies:
        now = found.cookies[name]
        return now[0] if now else None
    value = request.cookies.get(name)
    return value if value and tokens.looks_like_token(value) else None
