"""What every host of these tests has: settings that make tests quick, and pages that show who is there."""

from __future__ import annotations

import secrets
import tempfile
from typing import Any

from flask import Flask, render_template_string

from housekey import current_identity, current_user, login_required
from rig.apps import QUICK


def new_app(name: str, url: str, **settings: Any) -> Flask:
    """A Flask app on the database at `url`, for any of the extensions."""
    app = Flask(name, instance_path=tempfile.mkdtemp())
    app.config.update(QUICK | {"SECRET_KEY": secrets.token_hex(32), "SQLALCHEMY_DATABASE_URI": url})
    app.config.update({"SQLALCHEMY_ENGINES": {"default": url}, **settings})
    return app


def add_pages(app: Flask) -> None:
    """`/public` asks for nobody, `/private` for anybody, `/object` for the host's own user object."""

    @app.get("/public")
    def public() -> str:
        return "open to all"

    @app.get("/private")
    @login_required
    def private() -> str:
        assert current_identity is not None
        return f"Hello, {current_identity.name}!"

    @app.get("/object")
    @login_required
    def own_object() -> str:
        return render_template_string("{{ current_user.email }}, {{ current_user.get_id() }}", user=current_user)
