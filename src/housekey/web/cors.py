"""CORS for the JSON API: only for the host's own front ends that `HOUSEKEY_TRUSTED_ORIGINS` names, with cookies.

Nobody else gets a header, and so no browser shows them an answer (Fetch standard §3.3).
"""

from __future__ import annotations

from flask import Response, request

from housekey.web.answers import nothing
from housekey.web.here import here
from housekey.web.origins import origin_of

METHODS = "GET, POST, PATCH, DELETE"
HEADERS = "Content-Type, X-CSRF-Token"
PREFLIGHT_S = 600


def answer_preflight() -> Response | None:
    """A browser asks before a request that changes something; it bears no cookie and needs no login."""
    if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
        return None
    return nothing()


def allow_trusted(response: Response) -> Response:
    """Let a trusted front end read the answer."""
    if not here.settings.trusted_origins:
        return response
    response.vary.add("Origin")
    origin = request.headers.get("Origin")
    if origin is None or origin_of(origin) not in _trusted():
        return response
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Allow-Credentials"] = "true"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = METHODS
        response.headers["Access-Control-Allow-Headers"] = HEADERS
        response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_S)
    response.headers["Cross-Origin-Resource-Policy"] = "same-site"
    return response


def _trusted() -> set[str | None]:
    """`Origin: null`, which any page can send from a sandboxed frame, is nobody's."""
    return {origin_of(url) for url in here.settings.trusted_origins} - {None}
