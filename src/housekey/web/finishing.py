"""What every answer gets at its end, and what is written down after it."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Response, g, request

from housekey.kernel import clock
from housekey.login.settings import SessionSettings
from housekey.store.sessions import SessionFacts
from housekey.web import flask_session, readers, session_owner
from housekey.web.here import EXTENSION, Asking, asked_so_far, state

CLEAR_AT_LOGOUT = '"cache"'
"""Pages that the browser has kept (ASVS 14.3.1). Not "cookies": that would take the device cookie along, and those of
the host and of sister sites."""


def install(app: Flask) -> None:
    """Hook into the end of each request and, where Housekey makes the host's sessions, of each app context: a command
    has no request. Public pages pay for each hook, so there are no more. `finish` comes after all that the host does at
    the end of its requests, for it may ask who is there, or write to Flask's session."""
    app.after_request_funcs.setdefault(None, []).insert(0, finish)  # Flask calls the first one last
    app.teardown_request(forget)
    end_session = app.extensions[EXTENSION].house.store.database.forget
    if end_session is not None:  # the next request of this thread sees what others have committed meanwhile
        app.teardown_appcontext(lambda _error: end_session())


def finish(response: Response) -> Response:
    """Cookies and cache headers, only for requests that asked who is there: a page that didn't ask sends neither
    `Vary` nor `Set-Cookie`."""
    found = asked_so_far()
    if found is None:
        if flask_session.peek().modified:
            session_owner.note(None)
        if response.is_streamed and _may_ask_late(response):
            _forbid_sharing(response, sets_cookies=False)
        return response
    state().csrf.finish(response)
    flask_session.hide_freshness()
    session_owner.note(found)
    if found.cookies:
        _set_cookies(found, response)
    for name, path, domain in found.foreign_cookies:
        response.delete_cookie(name, path=path, domain=domain)
    if found.asked:
        _forbid_sharing(response, sets_cookies=bool(found.cookies))
    if found.logged_out:
        response.headers.setdefault("Clear-Site-Data", CLEAR_AT_LOGOUT)
    return response


def _may_ask_late(response: Response) -> bool:
    """A generator may ask who is there when its headers are long out. Where somebody may be there and the view has said
    nothing about caches, its answer counts as asked for. A file asks nothing, nor does what has a length already."""
    making = not response.direct_passthrough and response.content_length is None
    return making and "Cache-Control" not in response.headers and state().cookies.session in request.cookies


def _set_cookies(found: Asking, response: Response) -> None:
    cookies = state().cookies
    for name, value in found.cookies.items():
        if value is not None:
            cookies.set(response, name, *value)
        elif name in request.cookies:
            cookies.remove(response, name)


def _forbid_sharing(response: Response, *, sets_cookies: bool) -> None:
    """A page for one person is never served to another (flaw 7). A view may choose `private, no-cache`."""
    headers = response.headers
    if "Vary" in headers:
        response.vary.add("Cookie")
    else:
        headers["Vary"] = "Cookie"
    if sets_cookies or "Cache-Control" not in headers or _lets_others_keep(response):
        headers["Cache-Control"] = "no-store"


def _lets_others_keep(response: Response) -> bool:
    chosen = response.cache_control
    return chosen.public or not (chosen.private or chosen.no_store)


def forget(error: BaseException | None = None) -> None:
    """After the answer: note that the browser was here, if that is worth it; `g` outlives a request in tests."""
    found = asked_so_far()
    if found is None:
        return
    g.pop("_login_user", None)
    readers.be_silent()
    if found.record is None or found.identity is None:
        return
    current = state()
    settings = current.house.settings[SessionSettings]
    if clock.now() - found.record.last_seen_at >= _worth_noting(settings, found.record):
        current.recogniser.touch(found.record.id, settings.aal2_idle)
        current.house.store.broom.now_and_then(current.house)


def _worth_noting(settings: SessionSettings, record: SessionFacts) -> timedelta:
    """Once a minute does, unless a session rests for less: one in use would end, or lose its second step, between two
    notes."""
    return min(settings.touch_every, timedelta(seconds=record.idle_seconds) / 4, settings.aal2_idle / 4)
