"""Refusals as answers: problem details (RFC 9457) for programs, pages and redirects for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from flask import Blueprint, Flask, Request, Response, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, default_exceptions

from housekey.errors import (
    Forbidden,
    LoginExpired,
    MailedCodeNeeded,
    NotLoggedIn,
    ReauthenticationRequired,
    Refused,
    SecondFactorMissing,
)
from housekey.kernel.texts import Text
from housekey.kernel.texts import text as _
from housekey.web import refusals
from housekey.web.answers import SEE_OTHER, render, return_path
from housekey.web.headers import secure_headers
from housekey.web.here import here, state
from housekey.web.readers import speak_outside_our_pages

API = "housekey.api"
"""The blueprint whose answers are JSON whatever is asked for."""
PROBLEM_JSON = "application/problem+json"
_JSON = ("application/json", PROBLEM_JSON)
_HTML = ("text/html", "application/xhtml+xml")

HTTP_CODES: Mapping[int, tuple[str, Text]] = {
    400: ("bad_request", _("The request could not be read.")),
    401: ("not_logged_in", NotLoggedIn.text),
    403: ("forbidden", Forbidden.text),
    404: ("not_found", _("There is nothing here.")),
    405: ("method_not_allowed", _("This address doesn't take that method; the Allow header names those it takes.")),
    406: ("not_acceptable", _("The answer exists only as JSON.")),
    408: ("request_timeout", _("The request took too long to arrive. Send it again.")),
    413: ("payload_too_large", _("The request is too large. Send less.")),
    414: ("uri_too_long", _("The address is too long.")),
    415: ("unsupported_media_type", _("Send the body as application/json.")),
    429: ("too_many_requests", _("Too many requests. Wait a little and try again.")),
    500: ("internal_error", _("Something went wrong on our side. It has been noted; try again later.")),
    503: ("unavailable", _("The site can't answer just now. Try again in a moment.")),
}
"""Codes and texts for what Flask and Werkzeug refuse by themselves; other statuses bear `http_<status>`."""


@dataclass(frozen=True)
class Told:
    """What an answer tells of an error, whatever raised it."""

    status: int
    code: str
    text: Text
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, error: Refused | HTTPException) -> Told:
        if isinstance(error, Refused):
            return cls(error.status, error.code, error.text, error.extra, error.headers)
        status = error.code or 500
        # Werkzeug's own description may quote the request or, in debug mode, the code: it is not shown.
        code, text = HTTP_CODES.get(status, (f"http_{status}", _("This request was refused.")))
        headers = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
        return cls(status, code, text, headers=headers)


def problem(error: Refused | HTTPException) -> Response:
    """The error as problem details."""
    speak_outside_our_pages()
    if isinstance(error, Refused):
        refusals.note(error)
    told = Told.of(error)
    members = {"type": "about:blank", "title": str(told.text), "status": told.status, "code": told.code, **told.extra}
    answer = Response(msgspec.json.encode(members), told.status, content_type=PROBLEM_JSON)
    return _completed(answer, told)


def _completed(answer: Response, told: Told) -> Response:
    """With the headers of our pages: in a host's view, and where no view was found, nobody else adds them."""
    answer.headers.update(told.headers)
    answer.headers["Cache-Control"] = "no-store"
    return secure_headers(answer, csp=here.settings.content_security_policy, hsts=None)


def error_page(error: Refused | HTTPException) -> Response:
    """The error as a page of its own."""
    speak_outside_our_pages()
    told = Told.of(error)
    page = render("errors/error.html", status=told.status, text=told.text, code=told.code)
    return _completed(Response(page, told.status, content_type="text/html; charset=utf-8"), told)


def wants_json(request: Request) -> bool:
    """Whether a refusal is to be JSON: our API always; elsewhere what `Accept` prefers, and if that names neither,
    what the body is or `X-Requested-With` says. Nothing else decides."""
    if API in request.blueprints:
        return True
    accepted = [(item.partition(";")[0].strip().lower(), quality) for item, quality in request.accept_mimetypes]
    best = MIMEAccept(accepted).best_match(["text/html", *_JSON])
    if best in _JSON:
        return True
    names_html = any(name in _HTML and quality > 0 for name, quality in accepted)
    return not names_html and (request.is_json or request.headers.get("X-Requested-With") == "XMLHttpRequest")


def answer(error: Refused) -> ResponseReturnValue:
    """A refusal in a page of ours or in a host's view: problem details for programs; for people the way to log in,
    the host's `forbidden_handler`, or a page that says why."""
    speak_outside_our_pages()
    if wants_json(request):
        return problem(error)
    refusals.note(error)
    if isinstance(error, (NotLoggedIn, ReauthenticationRequired)):
        return _to_proof(error)
    if isinstance(error, SecondFactorMissing):
        return to_second_factor(error)
    if isinstance(error, MailedCodeNeeded):
        return redirect(url_for("housekey.factor_code"), 302 if request.method == "GET" else SEE_OTHER)
    if isinstance(error, Forbidden) and state().forbidden_callback is not None:
        return state().forbidden_callback(error)  # type: ignore[no-any-return]
    return _page_for(error)


def _to_proof(error: NotLoggedIn | ReauthenticationRequired) -> ResponseReturnValue:
    """Flask-Login's handlers send the request's own address along as `next`; a POST can't be gone back to, so
    there `next` is the page whose form was sent, or one that shows what was sent and sends it on."""
    manager: Any = current_app.login_manager  # type: ignore[attr-defined]
    if isinstance(error, LoginExpired):  # without `next`: the page of a step is nowhere to come back to
        flash(str(error.text), "warning")
        return redirect(url_for(_own_or(manager.login_view, "login")), 302 if request.method == "GET" else SEE_OTHER)
    again = isinstance(error, ReauthenticationRequired)
    if request.method not in ("GET", "HEAD"):
        view, ours = (manager.refresh_view, "reauthenticate") if again else (manager.login_view, "login")
        back_to = (_kept_form() if again else None) or return_path()
        return redirect(url_for(_own_or(view, ours), next=back_to), SEE_OTHER)
    try:
        return manager.needs_refresh() if again else manager.unauthorized()  # type: ignore[no-any-return]
    except HTTPException:  # Flask-Login's abort(401), where the host has taken its login page away
        return _page_for(error)


def _kept_form() -> str | None:
    from housekey.web.interrupted import kept_path

    return kept_path()


def to_second_factor(error: SecondFactorMissing) -> ResponseReturnValue:
    """People without one are led to where they set one up, and find there what they were sending. Proving again would
    send them round and round."""
    if wants_json(request):
        return problem(error)
    _kept_form()
    flash(str(error.text), "warning")
    return redirect(url_for("housekey.factors"), 302 if request.method == "GET" else SEE_OTHER)


def _own_or(view: str | None, ours: str) -> str:
    """The host's own page, if it has one."""
    return view if view in current_app.view_functions else f"housekey.{ours}"


def _page_for(error: Refused) -> ResponseReturnValue:
    """The host's own page for this status (`@app.errorhandler(403)`) comes before ours."""
    stand_in = default_exceptions.get(error.status, HTTPException)(str(error.text))
    stand_in.refused = error  # type: ignore[attr-defined]
    shown = current_app.handle_http_exception(stand_in)
    return error_page(error) if shown is stand_in else shown


def answer_http(error: HTTPException) -> ResponseReturnValue:
    """The same for what Flask and Werkzeug refuse; redirects and failures of the server stay as they are."""
    if error.response is not None or error.code is None or not 400 <= error.code < 500:
        return error
    return problem(error) if wants_json(request) else error_page(getattr(error, "refused", error))


Handler = Callable[[Any], Any]


def handle_on_pages(blueprint: Blueprint) -> None:
    """Refusals on our pages. A host's handler for a status (`@app.errorhandler(404)`) comes first."""
    blueprint.register_error_handler(Refused, answer)
    blueprint.register_error_handler(HTTPException, answer_http)


def handle_on_api(blueprint: Blueprint) -> None:
    """Every error of the API is problem details. Each status by itself: Flask asks a host's handler for 404
    before a blueprint's handler for all."""
    blueprint.register_error_handler(Refused, problem)
    for status in default_exceptions:
        blueprint.register_error_handler(status, problem)


def handle_unknown_paths(app: Flask, prefix: str) -> None:
    """A path or method that doesn't exist: problem details below the API, and below our pages our own page, unless the
    host has one. No blueprint sees those; all other paths are the host's. Called when the host has registered its
    handlers: ours stand before them, so that no request pays for a hook."""
    for kind in (NotFound, MethodNotAllowed):
        by_status = app.error_handler_spec[None][kind.code]
        by_status[kind] = _below(prefix, by_status.get(kind) or _handler_for_all(app, kind))


def _below(prefix: str, of_host: Handler | None) -> Handler:
    def judge(error: HTTPException) -> ResponseReturnValue:
        unknown, path = request.routing_exception is error, f"{request.path}/"
        if unknown and path.startswith(f"{prefix}/api/"):
            return problem(error)
        if of_host is not None:
            return current_app.ensure_sync(of_host)(error)  # type: ignore[no-any-return]
        return answer_http(error) if unknown and prefix and path.startswith(f"{prefix}/") else error

    return judge


def _handler_for_all(app: Flask, kind: type[HTTPException]) -> Handler | None:
    """What the host has for HTTPException or Exception, which Flask asks after a status's own handler."""
    by_class = app.error_handler_spec[None][None]
    return next((by_class[parent] for parent in kind.__mro__ if parent in by_class), None)
