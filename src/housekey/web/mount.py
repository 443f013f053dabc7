"""Serves declared routes: admits, reads, calls the view, answers.

Order, at every route: the body is bounded, then the cross-site check, then access, then the input, then the view.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Blueprint, Response, current_app, make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header

from housekey.errors import (
    ConfigurationError,
    MailedCodeNeeded,
    MalformedRequest,
    NotFound,
    NotLoggedIn,
    ReauthenticationRequired,
    Refused,
    UnsupportedMediaType,
)
from housekey.kernel.texts import text as _
from housekey.web.answers import nothing, reply, retry
from housekey.web.faults import LARGEST_INTEGER
from housekey.web.fields import fields_of
from housekey.web.here import asking, here
from housekey.web.inputs import MAX_BODY_BYTES, read_form, read_json, read_query, typed_values
from housekey.web.problems import wants_json
from housekey.web.routes import Route, Routes

Handler = Callable[..., ResponseReturnValue]
ELSEWHERE = (NotLoggedIn, ReauthenticationRequired, MailedCodeNeeded)
"""Refusals that lead to another page, and not back to the form."""
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def mount_pages(blueprint: Blueprint, routes: Routes) -> None:
    """Serve a capability's pages. The blueprint needs `problems.handle_on_pages`."""
    for route in routes:
        page = routes.page_of(route) if route.changes else None
        if page is not None and not page.places.keys() <= route.places.keys():
            raise ConfigurationError(f"{route.name}(): its path lacks what {page.path} needs to be shown again.")
        _add(blueprint, route, _page(route, page), body="form")


def mount_api(blueprint: Blueprint, routes: Routes) -> None:
    """Serve a capability's JSON. The blueprint needs `problems.handle_on_api`."""
    for route in routes:
        _add(blueprint, route, _json(route), body="body")


def _add(blueprint: Blueprint, route: Route, handler: Handler, *, body: str) -> None:
    if route.input_name and not route.changes:
        raise ConfigurationError(f"{route.name}(): a GET takes no {route.input_name}; give it a `query`.")
    if route.input_name not in (None, body):
        raise ConfigurationError(
            f"{route.name}(): call the parameter `{body}`: pages take `form`, the API takes `body`."
        )
    handler.__name__, handler.__doc__ = route.name, route.view.__doc__
    blueprint.add_url_rule(route.path, route.name, handler, methods=[route.method])


def _json(route: Route) -> Handler:
    def handle(**places: Any) -> ResponseReturnValue:
        _refuse_forms(route)
        admit(route, places)
        arguments = {**places, **_query(route)}
        struct = route.input_struct(here.house)
        if struct is not None:
            arguments["body"] = read_json(struct, request.get_data(), request.content_type)
        return answered(route, _call(route, arguments))

    return handle


def _refuse_forms(route: Route) -> None:
    """A program that sends a form is told what to send, and not about pages that are too old."""
    if route.input_name and request.mimetype in _FORMS:
        raise UnsupportedMediaType()


def answered(route: Route, result: Any) -> ResponseReturnValue:
    """A struct, None, `(struct, status)` or a Response, as the architecture promises."""
    if result is None:
        return nothing(next(iter(route.outcomes()), 204))
    if isinstance(result, Response) or not isinstance(result, tuple):
        return result if isinstance(result, Response) else reply(result, next(iter(route.outcomes())))
    return reply(*result)


def _page(route: Route, page: Route | None) -> Handler:
    def handle(**places: Any) -> ResponseReturnValue:
        typed: dict[str, Any] = {}
        try:
            admit(route, places)
            return _call(route, {**places, **_query(route), **_form(route, typed)})  # type: ignore[no-any-return]
        except Refused as error:
            if isinstance(error, ReauthenticationRequired):
                asking().secret_fields = _secrets_of(route)
            if page is None or isinstance(error, ELSEWHERE) or wants_json(request):
                raise
            if any(map(_is_odd, places.values())):
                raise  # its page would look for that row
            return show_again(page, error, typed, places)

    return handle


def _secrets_of(route: Route) -> frozenset[str]:
    """The fields of its form that must not be kept while their sender proves who they are."""
    struct = route.input_struct(here.house)
    return frozenset(field.name for field in fields_of(struct) if field.secret) if struct else frozenset()


def show_again(page: Route, error: Refused, typed: Mapping[str, Any], places: Mapping[str, Any]) -> Response:
    """The page whose form was refused, with what was typed and why. Nobody sees a page that isn't open to them."""
    with retry(error, typed):
        try:
            _check_access(page)
            arguments = {name: places[name] for name in page.places}
            answer = make_response(_call(page, {**arguments, **_query(page)}))
        except Refused:
            raise error from None
    if answer.status_code == 200:
        answer.status_code = error.status
        answer.headers.update(error.headers)
    return answer


def admit(route: Route, places: Mapping[str, Any]) -> None:
    """Raises what keeps this request out before its input is looked at."""
    if route.changes:
        _bound_body()
        here.csrf.check(request)
    _check_access(route)
    if any(map(_is_odd, places.values())):
        raise NotFound()


def _check_access(route: Route) -> None:
    """A page open to anyone doesn't ask who is there."""
    from housekey.web.guards import check_access

    if route.access.logged_in:
        check_access(route.access)


def _bound_body() -> None:
    """Keep the body's bytes, at most so many of them (413 beyond), before anything parses them as a form.

    One byte more is read: Werkzeug cuts a chunked body off at its limit, and half a password would count as whole.
    """
    limit = min(MAX_BODY_BYTES, MAX_BODY_BYTES if request.max_content_length is None else request.max_content_length)
    request.max_content_length = limit + 1
    if len(request.get_data(cache=True, parse_form_data=False)) > limit:
        raise RequestEntityTooLarge()


def _is_odd(value: Any) -> bool:
    """What no row is named, and no database takes: NUL, numbers beyond 64 bits (flaw 45)."""
    return (isinstance(value, str) and "\0" in value) or (isinstance(value, int) and abs(value) > LARGEST_INTEGER)


def _call(route: Route, arguments: Mapping[str, Any]) -> Any:
    return current_app.ensure_sync(route.view)(**arguments)


def _query(route: Route) -> dict[str, Any]:
    struct = route.query_struct(here.house)
    return {} if struct is None else {"query": read_query(struct, request.args)}


def _form(route: Route, typed: dict[str, Any]) -> dict[str, Any]:
    struct = route.input_struct(here.house)
    if struct is None:
        return {}
    form = sent_form()
    typed.update(typed_values(struct, form))
    return {"form": read_form(struct, form)}


def sent_form() -> MultiDict[str, str]:
    """The form of this request. Raises `UnsupportedMediaType` or `MalformedRequest` (not UTF-8).

    Werkzeug would put other characters in the place of bytes that are not UTF-8, and then two passwords are one.
    """
    kind, options = parse_options_header(request.content_type)
    if kind.lower() not in (*_FORMS, "") or options.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType(_("Send the form as a browser does, in UTF-8."))
    body = request.get_data(cache=True, parse_form_data=False)
    try:
        (unquote_to_bytes(body) if kind.lower() == _FORMS[0] else body).decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedRequest() from None
    return request.form
