"""Where an old cookie of Flask-Login's becomes a session, once; see `login.bridge`."""

from __future__ import annotations

from typing import Any

from flask import current_app, request

from housekey.errors import HostTransactionOpen, InvalidCredentials
from housekey.login import bridge
from housekey.login.attempt import Parked
from housekey.store.recognition import key_of
from housekey.web import old_cookies, opening
from housekey.web.client import client
from housekey.web.here import Asking, state
from housekey.web.identity import is_basic
from housekey.web.old_cookies import OldCookie


def cross(found: Asking) -> None:
    """For a browser that no session of ours names. After the last day its old cookies only go."""
    last_day = state().bridge_until
    if last_day is None or found.bridge_crossed or _is_api_request() or not old_cookies.are_here():
        return
    try:
        state().house.store.refuse_if_host_wrote()
    except HostTransactionOpen:
        return  # the next request will do
    cookies = old_cookies.found_here()
    old_cookies.leave(found)
    if not cookies or not bridge.is_open(last_day):
        return
    new = bridge.spend(state().house, [cookie.mark for cookie in cookies])
    first = next((cookie for cookie in cookies if cookie.mark in new), None)
    if first is not None:
        _open(found, first, any(cookie.remember for cookie in cookies if cookie.user == first.user))


def _is_api_request() -> bool:
    """An `Authorization` header is judged alone; Basic may be a proxy's."""
    return "Authorization" in request.headers and not is_basic(request)


def _open(found: Asking, cookie: OldCookie, remember: bool) -> None:
    user_id = _key_of(cookie.user)
    if user_id is None:
        return
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    try:
        outcome = bridge.cross(state().house, client(), user_id, remember=remember, target=target)
    except InvalidCredentials:
        return
    opening.carry_out(outcome, tell=False)
    found.parked = outcome if isinstance(outcome, Parked) else None


def _key_of(text: str) -> Any:
    """What the host's `user_loader` makes of it, which may know ids of another kind; else a key."""
    load = current_app.login_manager._user_callback  # type: ignore[attr-defined]
    if load is None:
        return state().house.store.parse_key(text)
    user = load(text)
    return key_of(user) if isinstance(user, state().house.store.user_model) else None
