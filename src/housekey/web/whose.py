"""Whose user `g` holds.

Flask-Login keeps the user of a request in `g`, which a request that a view sends to its own app shares with the view's,
and tests share among all requests within an app context of theirs. So `g` notes for which request it was given the
user, and tells another one that it has none: then Flask-Login asks anew. A hook that forgets the user before each
request would do, but public pages would pay for it.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, has_request_context, request

USER = "_login_user"
_WHOSE = "_housekey_login_user_of"


def install(app: Flask) -> None:
    """Called at the start, and before the first request for a host that has put a class of its own there since."""
    theirs = app.app_ctx_globals_class
    if not issubclass(theirs, _Notes):
        noting: type[Any] = type(theirs.__name__, (_Notes, theirs), {})
        app.app_ctx_globals_class = noting


class _Notes:
    """Goes before Flask's class, or the host's own."""

    __dict__: dict[str, Any]

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == USER:
            self.__dict__[_WHOSE] = _running()

    def __contains__(self, name: str) -> bool:
        return name in self.__dict__ and (name != USER or self.__dict__[_WHOSE] is _running())


def _running() -> Any:
    return request._get_current_object() if has_request_context() else None  # type: ignore[attr-defined]
