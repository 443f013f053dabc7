"""What a browser holds while a mail is under way: whom its short code belongs to, and the link it has opened.

The token of a link leaves the address bar at its first click, into a cookie: else it would lie in the history, in
the logs of every later request, and in the `Referer` of what the page loads.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Annotated, ParamSpec

from flask import flash, request, url_for
from msgspec import Meta
from werkzeug.wrappers import Response

from housekey.errors import InvalidLink
from housekey.kernel import tokens
from housekey.kernel.shown import Shown
from housekey.web.answers import redirect_to
from housekey.web.client import asker_token
from housekey.web.here import asking, here

ASKER_MAX_AGE_S = 24 * 3600
LINK_MAX_AGE_S = 3600
"""Long enough to choose a password; the link itself may end sooner."""
PLACE = "token"
Code = Annotated[str, Meta(title="Code", max_length=64)]
LinkToken = Annotated[str, Meta(title="Token of the link", max_length=64)]
Page = Response | str
P = ParamSpec("P")


def asker() -> str:
    """The token of this browser, new with its first wish. The same whether a mail goes out or not."""
    held = asker_token() or tokens.new_token().secret
    asking().cookies[here.cookies.asker] = (held, ASKER_MAX_AGE_S)
    return held


def landing(purpose: str, *, dead: str | None = None) -> Callable[[Callable[P, Page]], Callable[P, Page]]:
    """For the pages that a link leads to. Its first click moves the token into the cookie and comes back without it.

    A link that works no more is put away; the answer is its problem, or leads to the endpoint `dead`, where a new one
    can be asked for.
    """

    def decorate(view: Callable[P, Page]) -> Callable[P, Page]:
        @wraps(view)
        def page(*args: P.args, **kwargs: P.kwargs) -> Page:
            try:
                if PLACE in request.args and request.method != "POST":
                    return _take(purpose, request.args[PLACE])
                return view(*args, **kwargs)
            except InvalidLink as error:
                put_away()
                if dead is None:
                    raise
                flash(str(error.text), "error")
                return redirect_to(dead)

        return page

    return decorate


def _take(purpose: str, token: str) -> Response:
    """Raises `InvalidLink` for what is no token: mail programs break long links, and the page without one would ask to
    open the link."""
    if not tokens.looks_like_token(token):
        raise InvalidLink()
    asking().cookies[here.cookies.link] = (f"{purpose}.{token}", LINK_MAX_AGE_S)
    return redirect_to(url_for(str(request.endpoint), **(request.view_args or {})))


def opened(purpose: str) -> str | None:
    """The token of the link that this browser has opened for this purpose."""
    held, _dot, token = request.cookies.get(here.cookies.link, "").rpartition(".")
    return token if held == purpose else None


def shown(purpose: str, code: str | None) -> Shown:
    """What this browser shows in a form: the link that it has opened, else the code that was typed."""
    return Shown(token=opened(purpose), code=code, asker=asker_token())


def put_away() -> None:
    """The link is spent or dead: the browser holds nothing of it any more."""
    asking().cookies[here.cookies.link] = None
