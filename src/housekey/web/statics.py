"""Style sheet and scripts: their addresses bear the version, so browsers may keep them for ever."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Response, request, url_for

FOLDER = Path(__file__).parent.parent / "static"
ENDPOINT = "housekey.static"
FOR_EVER = "public, max-age=31536000, immutable"


def static_url(filename: str) -> str:
    """The address of one of our static files; another content is another address."""
    return url_for(ENDPOINT, filename=filename, v=_fingerprint(filename))


@lru_cache(maxsize=64)
def _fingerprint(filename: str) -> str:
    return hashlib.sha256((FOLDER / filename).read_bytes()).hexdigest()[:12]


def asked_for() -> bool:
    """Whether the request is for one of our static files. They hold nothing of anybody's, so a site that isn't set up
    yet serves them: the page that says so needs them."""
    return request.endpoint == ENDPOINT


def keep(response: Response) -> Response:
    """Headers of a static file; kept for ever only under an address with a version."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    if "v" in request.args and response.status_code == 200:
        response.headers["Cache-Control"] = FOR_EVER
    return response
