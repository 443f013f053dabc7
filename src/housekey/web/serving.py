"""Hangs the capabilities' routes into one Flask app, with the hooks that keep them safe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from housekey.errors import ConfigurationError, Refused
from housekey.house import House
from housekey.kernel.dates import Day, time_text
from housekey.web import (
    cors,
    finishing,
    openapi,
    other_routers,
    policies,
    problems,
    readers,
    rules,
    startup,
    statics,
    whose,
)
from housekey.web.cookies import Cookies, is_https
from housekey.web.csrf import Csrf, check_host
from housekey.web.headers import secure_headers
from housekey.web.here import EXTENSION, AppState, asking, here
from housekey.web.identity import current_identity
from housekey.web.mount import mount_api, mount_pages
from housekey.web.routes import Routes
from housekey.web.settings import HouseSettings

PAGES = "housekey"
PACKAGE = Path(__file__).parent.parent
HELPERS: Mapping[str, Any] = {
    "can": policies.can,
    "csrf_token": lambda: here.csrf.token(),
    "current_identity": current_identity,
    "housekey_day": Day,
    "housekey_static": statics.static_url,
    "housekey_time": time_text,
}
"""What the host's own templates may use, besides `current_user`."""


def serve(
    app: Flask, pages: Sequence[Routes], api: Sequence[Routes], menu: Sequence[Any], overview: Sequence[Any] = ()
) -> None:
    """Register blueprints, error handlers and hooks."""
    current: AppState = app.extensions[EXTENSION]
    prefix = current.house.settings[HouseSettings].url_prefix.rstrip("/")
    current.menu, current.overview = list(menu), list(overview)
    current.api_routes = [*api, openapi.routes]
    startup.install(app)
    finishing.install(app)
    with rules.built_later(app):
        app.register_blueprint(_pages(pages, current), url_prefix=prefix)
    app.register_error_handler(Refused, problems.answer)
    for name, helper in HELPERS.items():
        app.jinja_env.globals.setdefault(name, helper)  # the host's own, and Flask-WTF's csrf_token, stay
    app.register_error_handler(ConfigurationError, startup.show_developer)
    current.house.checks.append(lambda: problems.handle_unknown_paths(app, prefix))
    current.house.checks.append(lambda: readers.check_folder(app, current.house.settings[HouseSettings]))
    current.house.checks.append(lambda: _guard_ours_ourselves(app))
    current.house.checks.append(lambda: other_routers.come_before(app))
    current.house.checks.append(lambda: whose.install(app))
    _guard_ours_ourselves(app)
    app.add_url_rule("/.well-known/change-password", "housekey_change_password", _change_password)
    if current.house.settings[HouseSettings].csrf_protect_host:
        app.before_request(_protect_host)
    if current.house.settings[HouseSettings].hsts is not None:
        app.after_request(_bind_to_https)


def _pages(routes: Sequence[Routes], current: AppState) -> Blueprint:
    pages = Blueprint(PAGES, "housekey", root_path=str(PACKAGE), template_folder="templates", static_folder="static")
    problems.handle_on_pages(pages)
    pages.before_request(_prepare)
    pages.after_request(_secure)
    for part in routes:
        mount_pages(pages, part)
    pages.register_blueprint(_api(current.api_routes), url_prefix="/api")
    return pages


def _api(routes: Sequence[Routes]) -> Blueprint:
    api = Blueprint("api", "housekey")
    problems.handle_on_api(api)
    api.before_request(cors.answer_preflight)
    api.after_request(cors.allow_trusted)
    for part in routes:
        mount_api(api, part)
    return api


def _prepare() -> None:
    """Before each of our own pages: the site's address must be known, and the reader's language."""
    asking()  # what ends with a request ends with this one
    if not statics.asked_for():
        startup.check_address()
    readers.speak_as_browser_asks()


def _secure(response: Response) -> Response:
    """Our own pages and answers bear strict headers, our static files only `nosniff`."""
    if statics.asked_for():
        return statics.keep(response)
    settings = here.settings
    return secure_headers(response, csp=settings.content_security_policy, hsts=None)


def _bind_to_https(response: Response) -> Response:
    """`HOUSEKEY_HSTS` holds for the host's whole site, once the site is reached by https (RFC 6797 §7.2)."""
    lifetime = here.settings.hsts
    if request.is_secure and lifetime is not None:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={int(lifetime.total_seconds())}")
    return response


def _change_password() -> AnyResponse:
    """Where password managers look (W3C “A Well-Known URL for Changing Passwords”)."""
    return redirect(url_for("housekey.password"), 302)


def _protect_host() -> None:
    """`HOUSEKEY_CSRF_PROTECT_HOST`: the host's own state-changing views get the same guard."""
    if PAGES not in request.blueprints:
        check_host()


def _guard_ours_ourselves(app: Flask) -> None:
    """Flask-WTF's CSRFProtect, wherever the host has it, looks for its own token: programs that send JSON have none,
    and our routes have a guard of their own. Now, and once more for one that is set up after us."""
    theirs: Any = app.extensions.get("csrf")
    if hasattr(theirs, "exempt"):
        for endpoint, view in app.view_functions.items():
            if endpoint.startswith(f"{PAGES}."):
                theirs.exempt(view)


def csrf_for(house: House, cookies: Cookies) -> Csrf:
    """The guard against requests from other sites, for one app."""
    settings = house.settings[HouseSettings]
    return Csrf(
        secret_keys=house.secret_keys,
        base_url=settings.base_url,
        trusted_origins=settings.trusted_origins,
        cookie_name=cookies.csrf,
        secure=is_https(settings),
    )
