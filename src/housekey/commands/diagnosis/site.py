"""The keys that sign, the address, the cookies, and the proxy before the server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date
from typing import Any

from flask import Flask
from sqlalchemy.exc import DBAPIError
from werkzeug.middleware.proxy_fix import ProxyFix

from housekey.capabilities.stuffing import wall
from housekey.capabilities.stuffing.settings import StuffingSettings
from housekey.commands.diagnosis.finding import FAIL, OK, WARN, Finding, Level
from housekey.house import House
from housekey.kernel import clock
from housekey.login.settings import LoginSettings, SessionSettings
from housekey.web.boot import BOOT_ID
from housekey.web.cookies import is_https
from housekey.web.here import here
from housekey.web.known_keys import KNOWN, MAKE_ONE, weakness_of
from housekey.web.settings import HouseSettings
from housekey.web.startup import WITHOUT_IT

LONGEST_BRIDGE = 90
"""Days: people who come at least once in three months stay logged in over the change."""
LAYERS = 20
"""Middlewares that are looked through; more are a circle."""


def examine(app: Flask, house: House) -> Iterator[Finding]:
    """All of it."""
    settings = house.settings[HouseSettings]
    yield key(app)
    yield from old_keys(app)
    yield from debugging(app)
    yield address(app, settings)
    yield cookies()
    yield from hosts_cookie(app, settings)
    yield proxy(app, settings)
    yield from restarts(house.settings[SessionSettings])
    yield from bridge(house.settings[LoginSettings].bridge_until)
    yield stuffing(house)


def key(app: Flask) -> Finding:
    """In debug mode a weak key is served, so it is only worth a warning."""
    weakness = weakness_of(app.secret_key)
    if weakness is None:
        return Finding(OK, "SECRET_KEY", f"has {len(app.secret_key or '')} characters.")
    return Finding(_unless_tried_out(app), "SECRET_KEY", f"{weakness}.", f"{MAKE_ONE} and keep it as FLASK_SECRET_KEY.")


def _unless_tried_out(app: Flask) -> Level:
    return WARN if app.debug or app.testing else FAIL


def old_keys(app: Flask) -> Iterator[Finding]:
    """A signature by a fallback counts as much as one by the key. A short one is only worth a warning: it was the key
    until yesterday, and goes."""
    for number, old in enumerate(app.config.get("SECRET_KEY_FALLBACKS") or (), start=1):
        weakness = weakness_of(old)
        if weakness:
            level = _unless_tried_out(app) if weakness == KNOWN else WARN
            yield Finding(level, "SECRET_KEY_FALLBACKS", f"number {number} {weakness}.", WITHOUT_IT)


def debugging(app: Flask) -> Iterator[Finding]:
    """The debugger runs any code for whoever reaches it."""
    if app.debug:
        yield Finding(WARN, "debug", "is on.", "Never on a real server: leave --debug and FLASK_DEBUG out.")


def address(app: Flask, settings: HouseSettings) -> Finding:
    """Cookies and links follow it."""
    url = settings.base_url
    if url is None:
        cure = "Set it to the address of your site, for example https://example.org."
        return Finding(WARN, "HOUSEKEY_BASE_URL", "is not set: only localhost is served.", cure)
    if is_https(settings):
        return Finding(OK, "HOUSEKEY_BASE_URL", f"is {url}.")
    if settings.insecure_http:
        cure = "Use https, and take HOUSEKEY_INSECURE_HTTP away."
        return Finding(WARN, "HOUSEKEY_BASE_URL", f"is {url}: passwords can be read on the way.", cure)
    return Finding(WARN, "HOUSEKEY_BASE_URL", f"is {url}: for this machine alone.", "Real sites need https.")


def cookies() -> Finding:
    """Their names and flags; `__Host-` binds them to this host and to https."""
    found = here.cookies
    flags = ["HttpOnly", "SameSite=Lax", f"Path={found.path}"]
    flags += ["Secure"] if found.secure else []
    flags += [f"Domain={found.domain}"] if found.domain else []
    about = f"are {found.session}: {', '.join(flags)}."
    if not found.secure:
        cure = "They become Secure when HOUSEKEY_BASE_URL begins with https."
        return Finding(WARN, "cookies", f"{about} Not Secure.", cure)
    if not found.session.startswith("__Host-"):
        cure = "Leave HOUSEKEY_COOKIE_NAME, _PATH and _DOMAIN out, unless sister sites must share the login."
        return Finding(WARN, "cookies", f"{about} Without __Host-, a sister site can plant them.", cure)
    return Finding(OK, "cookies", about)


def hosts_cookie(app: Flask, settings: HouseSettings) -> Iterator[Finding]:
    """Flask's own session grants nothing of ours, but it may hold what the app puts there."""
    if is_https(settings) and not app.config["SESSION_COOKIE_SECURE"]:
        yield Finding(WARN, "Flask's session", "has a cookie that isn't Secure.", "Set SESSION_COOKIE_SECURE = True.")


def restarts(settings: SessionSettings) -> Iterator[Finding]:
    """Which start it is can't be told from inside where several containers serve one site."""
    subject = "HOUSEKEY_SESSIONS_END_ON_RESTART"
    if settings.end_on_restart and os.environ.get(BOOT_ID):
        yield Finding(OK, subject, f"is on; {BOOT_ID} names the start.")
    elif settings.end_on_restart:
        cure = (
            f"With several containers or machines, or a server that isn't gunicorn, set {BOOT_ID} in the environment."
        )
        yield Finding(WARN, subject, "is on: a start is known by the master process on this machine.", cure)


def bridge(last_day: date | None) -> Iterator[Finding]:
    """Flask-Login's cookies can't be ended: the shorter they count, the better."""
    left = None if last_day is None else (last_day - clock.now().astimezone(UTC).date()).days
    if left is None:
        return
    subject, cure = "HOUSEKEY_LOGIN_BRIDGE_UNTIL", "Choose a day within three months."
    if left < 0:
        yield Finding(WARN, subject, f"was {last_day}: old cookies count no more.", "Take it out of your settings.")
    elif left > LONGEST_BRIDGE:
        yield Finding(WARN, subject, f"is {last_day}, {left} days off: a stolen old cookie counts till then.", cure)
    else:
        yield Finding(OK, subject, f"is {last_day}: for {left} more days old cookies of Flask-Login's count once.")


def proxy(app: Flask, settings: HouseSettings) -> Finding:
    """Who is asking is known only if the app knows its proxy."""
    found = proxy_fix(app)
    if found is not None:
        about = f"trusts {found.x_for} for the address, {found.x_proto} for the scheme."
        return Finding(OK, "ProxyFix", f"{about} That must be how many proxies stand before this server.")
    cure = (
        "If a proxy stands before this server (one that ends TLS, say), the app must know it, else network limits "
        "are off: app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1), from "
        "werkzeug.middleware.proxy_fix. Without a proxy, leave it out."
    )
    return Finding(WARN if is_https(settings) else OK, "ProxyFix", "is not there.", cure)


def proxy_fix(app: Flask) -> ProxyFix | None:
    """Also below other middlewares, which keep what they wrap as `app` or `wsgi_app`."""
    layer: Any = app.wsgi_app
    for _ in range(LAYERS):
        if layer is None or isinstance(layer, ProxyFix):
            return layer
        layer = getattr(layer, "app", None) or getattr(layer, "wsgi_app", None)
    return None


def stuffing(house: House) -> Finding:
    """Whether passwords are being tried on the whole site, and what is done about it."""
    subject, limit = "HOUSEKEY_STUFFING_REFUSALS_PER_MINUTE", house.settings[StuffingSettings].refusals_per_minute
    if not limit:
        cure = "Set it to more than people mistype: then in an attack a stolen password alone opens no new browser."
        return Finding(WARN, subject, "is off.", cure)
    try:
        now = wall.stands(house)
    except DBAPIError:
        return Finding(OK, subject, f"is {limit}.")  # what is wrong with the database is told with the database
    if now:
        cure = "flask housekey audit list --event LoginRefused shows where they come from."
        return Finding(WARN, subject, "is reached: new browsers are asked for a mailed code just now.", cure)
    return Finding(OK, subject, f"is {limit}, and not reached now.")
