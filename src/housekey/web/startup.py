"""What is checked before the first request is served: mistakes that would make the site unsafe stop it, with the cure.

Importing the app never fails for these, so that tools and tests can load it.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import Any
from weakref import WeakSet

from flask import Flask, current_app, got_request_exception, render_template, request
from werkzeug.exceptions import InternalServerError

from housekey.errors import ConfigurationError
from housekey.kernel.texts import language
from housekey.web import statics
from housekey.web.answers import translate
from housekey.web.cookies import LOCAL_HOSTS
from housekey.web.guard_order import warn_of_open_views
from housekey.web.here import here, state
from housekey.web.known_keys import KNOWN, MAKE_ONE, is_known, weakness_of
from housekey.web.problems import wants_json

log = logging.getLogger("housekey")
WITHOUT_IT = "Remove it: whoever knows it can still sign."
SECOND_USERS = (
    "This app has a model User of its own, but Housekey keeps its users elsewhere. If they are the same people, "
    "write Housekey(app, db); see “An existing users table” in the docs."
)


def install(app: Flask) -> None:
    """Check once in each process, before its first request; afterwards the hook is gone and costs nothing."""
    _apps.add(app)
    _arm(app)


def _arm(app: Flask) -> None:
    hooks = app.before_request_funcs.setdefault(None, [])
    if _check_once not in hooks:
        hooks.append(_check_once)


def _check_once() -> None:
    if statics.asked_for():
        return
    check_secret_key(current_app)
    warn_of_other_users(current_app)
    warn_of_open_views(current_app)
    for check in state().house.checks:
        check()
    hooks = current_app.before_request_funcs
    hooks[None] = [hook for hook in hooks[None] if hook is not _check_once]  # a new list: this one is being walked


_apps: WeakSet[Flask] = WeakSet()


def _arm_all() -> None:
    """In a new child. Whoever tries a page and then forks workers has used up the first request: theirs would come
    without the thread that sends mails."""
    for app in list(_apps):
        _arm(app)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_arm_all)


def show_developer(error: ConfigurationError) -> Any:
    """In debug mode a page with the cure; else the failure of the server that it is, and a page that says whom to ask:
    what is wrong tells an attacker where to begin."""
    if current_app.debug:
        return _set_up(str(error))
    propagates = current_app.testing or current_app.config["PROPAGATE_EXCEPTIONS"]
    if propagates or wants_json(request):
        raise error
    got_request_exception.send(current_app, _async_wrapper=current_app.ensure_sync, exception=error)
    current_app.log_exception(sys.exc_info())
    failure = InternalServerError(original_exception=error)
    shown = current_app.handle_http_exception(failure)  # the host's own page comes before ours
    return _set_up("") if shown is failure else shown


def _set_up(message: str) -> Any:
    language.set("en")
    site = current_app.name
    page = render_template("housekey/errors/setup.html", t=translate, site_name=site, message=message, cure="")
    return page, 500


def warn_of_other_users(app: Flask) -> None:
    """`Housekey(app)` in an app that has a `User` of its own makes a second one, in a database of Housekey's."""
    flask_sqlalchemy = app.extensions.get("sqlalchemy")
    registries = getattr(getattr(flask_sqlalchemy, "Model", None), "registry", None)
    if state().house.store.database.own and "User" in getattr(registries, "_class_registry", ()):
        log.warning(SECOND_USERS)


def check_secret_key(app: Flask) -> None:
    """Refuse to serve with a key that an attacker may know, outside debug and testing; in debug mode without any:
    nobody could log in, and that is better told by the first page than by the form."""
    if app.testing or (app.debug and app.secret_key):
        return
    weakness = weakness_of(app.secret_key)
    if weakness:
        raise ConfigurationError(f"SECRET_KEY {weakness}. {MAKE_ONE} and keep it as FLASK_SECRET_KEY.")
    for number, old in enumerate(app.config.get("SECRET_KEY_FALLBACKS") or (), start=1):
        if old and is_known(old):
            raise ConfigurationError(f"SECRET_KEY_FALLBACKS: number {number} {KNOWN}. {WITHOUT_IT}")


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
