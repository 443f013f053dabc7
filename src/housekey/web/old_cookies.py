"""Flask-Login's two cookies, as an app before Housekey has set them: reading them, and leaving nothing of them.

Only for `HOUSEKEY_LOGIN_BRIDGE_UNTIL`; elsewhere nothing reads them.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, request

from housekey.kernel import devices
from housekey.login import bridge
from housekey.web import flask_session
from housekey.web.here import Asking, asking, state

_SIGNATURE = re.compile(r"[0-9a-f]{128}")
"""SHA-512; what isn't ASCII has crashed Flask-Login (flaw 5)."""
STRONG = "strong"


@dataclass(frozen=True)
class OldCookie:
    """A sound one. `user` is what Flask-Login's `get_id()` gave; `mark` is what it is spent by."""

    user: str = field(repr=False)
    mark: str = field(repr=False)
    remember: bool


def found_here() -> list[OldCookie]:
    """Those that this browser has sent and whose signatures hold, Flask's session first."""
    return [cookie for cookie in (_of_flask_session(), _of_remember_cookie()) if cookie is not None]


def are_here() -> bool:
    """Whether there is anything of them, sound or not."""
    return "_user_id" in flask_session.peek() or _remember_name() in request.cookies


def leave(found: Asking) -> None:
    """Take them from this browser."""
    found.bridge_crossed = True
    flask_session.take_out(*flask_session.FLASK_LOGIN_KEYS)
    if _remember_name() in request.cookies:
        config = current_app.config
        path = config.get("REMEMBER_COOKIE_PATH", "/")
        found.foreign_cookies.append((_remember_name(), path, config.get("REMEMBER_COOKIE_DOMAIN")))


def spend_and_leave(user_id: Any = None) -> None:
    """At a login and at a logout: what is still there must open nothing later, when this one is over (flaw 1). What
    another user than the one who logs in has left in Flask's session goes, too (flaw 3)."""
    found = asking()
    if state().bridge_until is None or found.bridge_crossed:
        return
    cookies = found_here()
    if not cookies and not are_here():
        return
    if cookies:
        bridge.spend(state().house, [cookie.mark for cookie in cookies])
    leave(found)
    if user_id is not None and any(cookie.user != str(user_id) for cookie in cookies):
        flask_session.clear()


def _of_flask_session() -> OldCookie | None:
    """As it was sent: what the running view has put into its session is nobody's login. Flask re-signs the cookie
    whenever its content changes, so it is spent by the login in it: `_id` names browser and address of that login."""
    interface = current_app.session_interface
    if interface.get_cookie_name(current_app) not in request.cookies:
        return None
    sent = interface.open_session(current_app, request)
    user = sent.get("_user_id") if sent else None
    if sent is None or not isinstance(user, (str, int)) or not _is_protected(sent.get("_id")):
        return None
    return OldCookie(str(user), f"session|{user}|{sent.get('_id')}", remember=bool(sent.permanent))


def _is_protected(login: Any) -> bool:
    """Under "strong" protection only the browser and address that logged in may go on."""
    manager: Any = current_app.login_manager  # type: ignore[attr-defined]
    return bool(manager.protection() != STRONG or login == manager._session_identifier_generator())


def _of_remember_cookie() -> OldCookie | None:
    """The same text in every browser of a user, for ever. So it is spent once for each kind of browser, of which there
    are some dozens: a copy can't be used again and again, and a person's phone isn't logged out by the laptop."""
    user, bar, signature = request.cookies.get(_remember_name(), "").rpartition("|")
    if not bar or not _SIGNATURE.fullmatch(signature) or not any(_signs(key, user, signature) for key in _keys()):
        return None
    device = devices.describe(request.headers.get("User-Agent", ""))
    return OldCookie(user, f"remember|{user}|{device.browser}|{device.system}", remember=True)


def _signs(key: bytes, user: str, signature: str) -> bool:
    expected = hmac.digest(key, user.encode("utf-8", "surrogatepass"), "sha512").hex()
    return hmac.compare_digest(expected, signature)


def _keys() -> list[bytes]:
    """As Flask-Login takes them: a key of other letters than Latin-1 never signed anything there."""
    keys = state().house.secret_keys()
    return [key if isinstance(key, bytes) else key.encode("latin-1") for key in keys if _is_latin(key)]


def _is_latin(key: str | bytes) -> bool:
    return isinstance(key, bytes) or all(ord(c) < 256 for c in key)


def _remember_name() -> str:
    name: str = current_app.config.get("REMEMBER_COOKIE_NAME", "remember_token")
    return name
