"""What views answer with: `render` a page, `redirect_to` the next one, `reply` with JSON, `nothing`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import msgspec
from flask import Response, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from housekey.errors import ConfigurationError, Fault, InvalidInput, Refused
from housekey.kernel.dates import Day
from housekey.kernel.texts import Text, language
from housekey.web.here import here, state
from housekey.web.identity import Identity, identify
from housekey.web.redirects import safe_path

SEE_OTHER = 303
"""After a POST: reloading the next page does not send the form again."""


@dataclass(frozen=True)
class Retry:
    """A form that was refused and is shown once more: why, and what was typed (secrets aside)."""

    error: Refused | None = None
    typed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def faults(self) -> Mapping[str, Sequence[Fault]]:
        """By field, as in JSON; under "" what concerns no field."""
        if self.error is None:
            return {}
        if isinstance(self.error, InvalidInput):
            return self.error.fields
        return {"": (Fault(self.error.code, self.error.text),)}

    def fault(self, name: str) -> Text | None:
        """The first fault of a field, to stand beside it."""
        found = self.faults.get(name)
        return found[0].text if found else None

    def value(self, name: str, default: Any = None) -> Any:
        """What was typed into a field before; `default` when the page is shown for the first time."""
        return self.typed.get(name, default)


@dataclass(frozen=True)
class MenuLine:
    """A line of the account menu, as templates see it. `current`: it leads to the page that is shown; `within`: to one
    above it. `admin`: it is about everybody, not about the reader."""

    label: Text
    url: str
    current: bool
    admin: bool = False
    within: bool = False


_NOTHING_WRONG = Retry()
_retry: ContextVar[Retry] = ContextVar("housekey_retry", default=_NOTHING_WRONG)


@contextmanager
def retry(error: Refused, typed: Mapping[str, Any]) -> Iterator[None]:
    """Pages rendered inside show these faults and these values."""
    token = _retry.set(Retry(error, typed))
    try:
        yield
    finally:
        _retry.reset(token)


def typed(name: str) -> Any:
    """What was typed into a field of the form that is shown again; None on a page that is shown for the first time."""
    return _retry.get().value(name)


def render(template: str, **context: Any) -> str:
    """The page `housekey/<template>`, with everything that our templates may use (docs/architecture.md)."""
    return render_template(f"housekey/{template}", **{**page_context(), **context})


def page_context() -> dict[str, Any]:
    """What every template of ours finds, whoever renders it."""
    again, identity, settings = _retry.get(), identify(), here.settings
    return {
        "t": translate,
        "tn": translate_many,
        "fault": again.fault,
        "value": again.value,
        "faults": again.faults,
        "csrf_token": here.csrf.token,
        "menu": menu_for(identity),
        "identity": identity,
        "language": language.get(),
        "site_name": site_name(),
        "housekey_layout": settings.layout,
        "house_settings": settings,
    }


def site_name() -> str:
    """What the site is called: the setting, else the app's name."""
    return here.settings.site_name or current_app.name


def translate(text: str | Text | None, **places: Any) -> str:
    """`t("Page {page} of {pages}", page=1, pages=2)` in templates; also for texts made elsewhere.

    Nothing stays nothing: gettext's translation of the empty text is the head of its catalogue.
    """
    if not text:
        return ""
    sentence = text if isinstance(text, Text) else Text(text, **places)
    return sentence.__html__() if any(isinstance(place, Day) for place in places.values()) else str(sentence)


def translate_many(one: str, many: str, **places: Any) -> str:
    """`tn("{count} code is left", "{count} codes are left", count=2)` in templates."""
    return str(Text(one, many, **places))


def menu_for(identity: Identity | None) -> Sequence[MenuLine]:
    """The lines that this person may follow; none for nobody."""
    if identity is None:
        return ()
    allowed = [i for i in state().menu if i.permission is None or i.permission in identity.permissions]
    return [_line(item) for item in allowed]


def _line(item: Any) -> MenuLine:
    endpoint = _endpoint(item.endpoint)
    url, current = url_for(endpoint), request.endpoint == endpoint
    below = (request.root_path + request.path).startswith(f"{url}/")
    return MenuLine(item.label, url, current, admin=item.permission is not None, within=below and not current)


def _endpoint(name: str) -> str:
    """`sessions` is short for `housekey.sessions`; a name with a dot is whole."""
    return name if "." in name else f"housekey.{name}"


def redirect_to(target: str, **values: Any) -> AnyResponse:
    """303 to a page of ours (`redirect_to("sessions")`), to another endpoint ("blog.index"), or to a path.

    A path that a client sent must have been judged before (flaw 40): here, a bad one is a mistake in the code.
    """
    if not target.startswith("/"):
        return redirect(url_for(_endpoint(target), **values), SEE_OTHER)
    path = None if values else safe_path(target)
    if path is None:
        raise ConfigurationError("redirect_to() takes an endpoint, or a path on this site that begins with one slash.")
    return redirect(path, SEE_OTHER)


def return_path() -> str | None:
    """Where to go on after logging in or proving once more: this page, or the page whose form was sent.

    None if that is not known. A POST's own address can't be gone back to.
    """
    if request.method in ("GET", "HEAD"):
        return safe_path(request.url, request.url)
    page = request.referrer
    return safe_path(page, here.settings.base_url) or safe_path(page, request.url)


def reply(value: Any, status: int = 200) -> Response:
    """A struct as JSON. Times must be aware, and become RFC 3339 in UTC with Z; a `Secret` can't be written."""
    return Response(msgspec.json.encode(value), status, content_type="application/json")


def nothing(status: int = 204) -> Response:
    """An answer without content, and so without a type of it (RFC 9110 §8.3): Flask would call it HTML."""
    answer = Response(status=status)
    del answer.headers["Content-Type"]
    return answer
