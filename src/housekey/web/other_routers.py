"""Refusals in views that another extension routes.

Flask-RESTful and its kin put an error handler of their own before the app's, which makes a 500 of whatever is no
HTTPException: a 403 of `roles_required` or `authorize` too. So refusals go to Flask's handler first.
"""

from __future__ import annotations

from typing import Any

from flask import Flask

from housekey.errors import Refused


def come_before(app: Flask) -> None:
    """Called once before the first request, when every extension has been initialised."""
    theirs = app.__dict__.get("handle_user_exception")
    if theirs is None:
        return

    def handle(error: Exception) -> Any:
        return Flask.handle_user_exception(app, error) if isinstance(error, Refused) else theirs(error)

    app.__dict__["handle_user_exception"] = handle
