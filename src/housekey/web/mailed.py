"""What a browser holds while a mail is under way: whom its short code belongs to, and the link it has opened.

The token of a link leaves the address bar at its first click, into a cookie: else it would lie in the history, in
the logs of every later request, and in the `Referer` of what the page loads.
"""

from __future__ import annotations

from flask import request, url_for
from werkzeug.wrappers import Response

from housekey.kernel import tokens
from housekey.web.answers import redirect_to
from housekey.web.client import asker_token
from housekey.web.here import asking, here

ASKER_MAX_AGE_S = 24 * 3600
LINK_MAX_AGE_S = 3600
"""Long enough to choose a password; the link itself may end sooner."""
PLACE = "token"


def asker() -> str:
    """The token of this browser, new with its first wish. The same whether a mail goes out or not."""
    held = asker_token() or tokens.new_token().secret
    asking().cookies[here.cookies.asker] = (held, ASKER_MAX_AGE_S)
    return held


def arrived(purpose: str, endpoint: str) -> Response | None:
    """At a link's first click: keep its token in a cookie and come back without it. Else None."""
    token = request.args.get(PLACE)
    if token is None:
        return None
    kept = f"{purpose}.{token}" if tokens.looks_like_token(token) else ""
    asking().cookies[here.cookies.link] = (kept, LINK_MAX_AGE_S)
    return redirect_to(url_for(endpoint))


def opened(purpose: str) -> str | None:
    """The token of the link that this browser has opened for this purpose."""
    held, _dot, token = request.cookies.get(here.cookies.link, "").rpartition(".")
    return token if held == purpose else None


def put_away() -> None:
    """The link is spent or dead: the browser holds nothing of it any more."""
    asking().cookies[here.cookies.link] = None
