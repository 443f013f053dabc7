"""Whether a request that changes something was sent by a page of this site (flaw 41, ASVS 3.5.1).

The first sign that is there decides:

1. `Sec-Fetch-Site`, which no page can forge: every browser since 2023, on https and on localhost.
2. `Origin`, compared with the site's own address and with the front ends that the host trusts: Chromium on plain
   http elsewhere, and older browsers.
3. A token bound to the browser, for what is left: old browsers without either, and `Origin: null`, which browsers
   send for pages under `Referrer-Policy: no-referrer` and for a hostile page's sandboxed frame alike.

Programs send neither header and no form. JSON from them passes: across sites browsers send JSON, and methods other
than POST, only after asking (CORS preflight), and always with an `Origin`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Response, current_app, request
from werkzeug.wrappers import Request

from housekey.errors import ConfigurationError, CrossSite
from housekey.kernel.tokens import looks_like_token, new_token
from housekey.web.form_tokens import form_token, is_form_token
from housekey.web.here import asking, here
from housekey.web.identity import proved_by_header
from housekey.web.origins import origin_of

P = ParamSpec("P")
R = TypeVar("R")
log = logging.getLogger("housekey")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
FIELD = "_csrf"
"""Our form field. Flask-WTF's is `csrf_token`; a host without Flask-WTF may use that one for our token too."""
_FIELDS = (FIELD, "csrf_token")
_HEADERS = ("X-CSRF-Token", "X-CSRFToken")
_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


class Verdict(Enum):
    """Who sent a request, as far as its headers tell."""

    OURS = "a page of this site, or of a front end that the host trusts"
    PROGRAM = "no page of another site: no browser sends this across sites unasked"
    FOREIGN = "a page of another site"
    UNSURE = "the headers don't tell; a token must"


def same_site(request: Request, base_url: str | None, trusted_origins: Collection[str] = ()) -> Verdict:
    """Judge a request by its headers. `base_url` None: the site doesn't know its address, so `Origin` says nothing.

    "same-site" is not enough: a sister host, or another port of localhost, is another site unless it is trusted.
    """
    fetched, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    came_from, own = origin_of(origin), origin_of(base_url)
    if fetched == "same-origin" or (came_from and came_from in {origin_of(trusted) for trusted in trusted_origins}):
        return Verdict.OURS
    if _is_json(request) and not request.cookies:
        return Verdict.PROGRAM
    if fetched in ("same-site", "cross-site"):
        return Verdict.FOREIGN
    if origin is None and fetched is None and (_is_json(request) or _has_no_body(request)):
        return Verdict.PROGRAM
    if origin in (None, "null") or own is None:
        return Verdict.UNSURE
    return Verdict.OURS if came_from == own else Verdict.FOREIGN


def _is_json(request: Request) -> bool:
    """Not text/plain or none at all: a page of another site may send those unasked (FastAPI CVE-2021-32677)."""
    return request.mimetype == "application/json"


def _has_no_body(request: Request) -> bool:
    """`curl -X POST …/logout`: a form always has a content type, even when it is empty."""
    return not request.mimetype and not request.content_length


@dataclass
class _Browser:
    """What this request has learnt about its browser's cookie."""

    value: str | None
    is_new: bool = False
    was_shown: bool = False
    is_forgotten: bool = False


class Csrf:
    """The guard of one app: `check` before a change, `token` in forms, `forget` at login and logout, `finish` at the
    request's end.

    The cookie holds a random value and is set by the first page that shows a form, never by another. `secret_keys`
    answers the key in use, then the fallbacks.
    """

    def __init__(
        self,
        secret_keys: Callable[[], Sequence[str | bytes | None]],
        base_url: str | None,
        trusted_origins: Sequence[str],
        cookie_name: str,
        secure: bool,
    ) -> None:
        self._secret_keys, self._base_url, self._trusted = secret_keys, base_url, tuple(trusted_origins)
        self._cookie, self._secure = cookie_name, secure
        self._place = f"housekey.csrf.{cookie_name}"

    def check(self, request: Request) -> None:
        """Raises `CrossSite` unless the request changes nothing, was sent by a page of ours, or bears a token."""
        if request.method in SAFE_METHODS:
            return
        verdict = same_site(request, self._base_url, self._trusted)
        if verdict is Verdict.FOREIGN or (verdict is Verdict.UNSURE and not self._bears_token(request)):
            self._tell_why(request, verdict)
            raise CrossSite()

    def token(self) -> str:
        """A token for a form in this answer: `{{ csrf_token() }}`."""
        keys = self._keys()
        if not keys:
            raise ConfigurationError("Set SECRET_KEY: forms are bound to the browser by it.")
        browser = self._browser()
        if browser.value is None:
            browser.value, browser.is_new = new_token().secret, True
        browser.was_shown = True
        return form_token(browser.value, keys[0])

    def forget(self) -> None:
        """From here on the tokens that this browser holds are worthless: none is kept across a login (flaw 41)."""
        browser = self._browser()
        browser.value, browser.is_new, browser.is_forgotten = None, False, True

    def finish(self, response: Response) -> Response:
        """Set or remove the cookie, only in an answer that showed a form or forgot its browser."""
        browser: _Browser | None = request.environ.get(self._place)
        if browser is None:
            return response
        if browser.is_new and browser.value:
            response.set_cookie(self._cookie, browser.value, secure=self._secure, httponly=True, samesite="Lax")
        elif browser.is_forgotten and self._cookie in request.cookies:
            response.delete_cookie(self._cookie, secure=self._secure, httponly=True, samesite="Lax")
        if browser.was_shown:
            _keep_to_this_browser(response, sets_cookie=browser.is_new)
        return response

    def _keys(self) -> Sequence[str | bytes]:
        """An empty key would let everyone make tokens."""
        return [key for key in self._secret_keys() if key]

    def _browser(self) -> _Browser:
        """Kept in the environ: `g` outlives a request in tests that hold an outer app context."""
        found: _Browser | None = request.environ.get(self._place)
        if found is None:
            found = request.environ[self._place] = _Browser(self._cookie_of(request))
            asking()  # `finish` is called at the end of requests that have asked for something
        return found

    def _cookie_of(self, request: Request) -> str | None:
        value = request.cookies.get(self._cookie, "")
        return value if looks_like_token(value) else None

    def _bears_token(self, request: Request) -> bool:
        value, keys = self._cookie_of(request), self._keys()
        return value is not None and any(is_form_token(token, value, keys) for token in _tokens_of(request))

    def _tell_why(self, request: Request, verdict: Verdict) -> None:
        # For the developer whose HOUSEKEY_BASE_URL isn't the address that people use. %r: no line ends in the log.
        signs = {name: request.headers.get(name) for name in ("Sec-Fetch-Site", "Origin")}
        log.warning("refused as cross-site (%s): %r; the site is at %r", verdict.value, signs, self._base_url)


def csrf_protected(view: Callable[P, R]) -> Callable[P, Any]:
    """Give a view of the host's the same guard: `CrossSite` (403) unless a page of this site sent the request."""

    @wraps(view)
    def protected(*args: P.args, **kwargs: P.kwargs) -> Any:
        check_host()
        return current_app.ensure_sync(view)(*args, **kwargs)

    return protected


def check_host() -> None:
    """Judge a request to a view of the host's; what an `Authorization` header alone opens needs no judging."""
    if request.method not in SAFE_METHODS and not proved_by_header():
        here.csrf.check(request)


def _tokens_of(request: Request) -> Iterator[str]:
    """Whatever may be our token; Flask-WTF's, under the same names, isn't one and does no harm."""
    for header in _HEADERS:
        yield request.headers.get(header, "")
    if request.mimetype in _FORMS:
        for name in _FIELDS:
            yield request.form.get(name, "")


def _keep_to_this_browser(response: Response, *, sets_cookie: bool) -> None:
    """A form with this browser's token is no other one's (flaw 7)."""
    response.vary.add("Cookie")
    chosen = response.cache_control
    if sets_cookie or chosen.public or not (chosen.private or chosen.no_store):
        response.headers["Cache-Control"] = "no-store"
