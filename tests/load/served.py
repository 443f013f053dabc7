"""The app that is put under load: Housekey alone, with its own engine, as an app without a database would have it."""

from __future__ import annotations

import tempfile

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from housekey import Housekey, current_user, login_required

SETTINGS = {
    "TESTING": True,
    "HOUSEKEY_PASSWORDS_HASH_PROFILE": "cheap",  # the database is to be the narrow place, not the processor
    "HOUSEKEY_LOGIN_REFUSAL_TIME": 0,
    "HOUSEKEY_REGISTRATION_ALLOW_TEST_ADDRESSES": True,
    "HOUSEKEY_REGISTRATION_VERIFICATION": "off",
    "HOUSEKEY_THROTTLING_LOCK_AFTER": 100,
}


def create_app(url: str) -> Flask:
    """An app behind a proxy, so that each browser may come from a network of its own."""
    app = Flask(__name__, instance_path=tempfile.gettempdir())
    app.secret_key = "one key for all the workers of this server"
    app.config.update(SETTINGS | {"SQLALCHEMY_DATABASE_URI": url})
    app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]
    Housekey(app)

    @app.get("/private")
    @login_required
    def private() -> str:
        """Through the host's own user object and session, as most views do it."""
        return str(current_user.email)

    @app.get("/")
    def public() -> str:
        return "ready"

    return app
