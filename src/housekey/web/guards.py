"""Guards for views, one grammar for hosts and for our own pages.

`login_required`, `fresh_login_required`, `roles_required` (all), `roles_accepted` (any), `permission_required`,
`aal_required` decorate a view, a MethodView's `decorators`, or guard a whole blueprint by `before_request`.
Whoever may not, gets what Flask-Login's handlers say, or `forbidden_handler`, or problem details.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import current_app, request

from housekey.errors import ConfigurationError, Forbidden, NotLoggedIn, ReauthenticationRequired
from housekey.web.here import state
from housekey.web.identity import Identity, identify
from housekey.web.problems import wants_json

P = ParamSpec("P")
R = TypeVar("R")
Judge = Callable[[Identity], None]
"""Raises `Forbidden` or `ReauthenticationRequired`."""
EXEMPT_METHODS = frozenset({"OPTIONS"})


def judge(check: Judge | None = None) -> Any:
    """Whether this request may go on: None, or the response that it gets instead."""
    if request.method in EXEMPT_METHODS or current_app.config.get("LOGIN_DISABLED"):
        return None
    try:
        demand(check)
    except NotLoggedIn:
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
    except ReauthenticationRequired as error:
        return current_app.login_manager.needs_refresh(error)  # type: ignore[attr-defined]
    except Forbidden as error:
        return forbidden(error)
    return None


def demand(check: Judge | None = None) -> Identity:
    """The identity of this request. Raises `NotLoggedIn`, `ReauthenticationRequired` or `Forbidden`."""
    identity = identify()
    if identity is None:
        raise NotLoggedIn()
    if check is not None:
        check(identity)
    return identity


def forbidden(error: Forbidden) -> Any:
    """Problem details for programs; for people what a host's `forbidden_handler` answers, else 403."""
    callback = state().forbidden_callback
    if callback is not None and not wants_json(request):
        return callback(error)
    raise error


def guarded(check: Judge | None = None) -> Callable[[Callable[P, R]], Callable[P, Any]]:
    """A decorator that lets a view run only if `check` doesn't object."""

    def decorate(view: Callable[P, R]) -> Callable[P, Any]:
        @wraps(view)
        def guarded_view(*args: P.args, **kwargs: P.kwargs) -> Any:
            refusal = judge(check)
            return current_app.ensure_sync(view)(*args, **kwargs) if refusal is None else refusal

        return guarded_view

    return decorate


def login_required(view: Callable[P, R]) -> Callable[P, Any]:
    """Only for people who are logged in."""
    return guarded()(view)


def _demand_fresh(max_age: int | None) -> Judge:
    def check(identity: Identity) -> None:
        if not identity.is_fresh(max_age):
            raise ReauthenticationRequired(max_age=max_age, methods=("password",))

    return check


def fresh_login_required(view: Callable[P, R] | None = None, *, max_age: int | None = None) -> Any:
    """Only shortly after a proof: `@fresh_login_required` or `@fresh_login_required(max_age=300)`, in seconds."""
    decorate = guarded(_demand_fresh(max_age))
    return decorate if view is None else decorate(view)


def aal_required(level: int, *, max_age: int | None = None) -> Callable[[Callable[P, R]], Callable[P, Any]]:
    """Only with proofs of this assurance level (NIST SP 800-63B-4)."""

    def check(identity: Identity) -> None:
        if identity.aal < level:
            raise ReauthenticationRequired(aal=level, max_age=max_age)
        if max_age is not None:
            _demand_fresh(max_age)(identity)

    return guarded(check)


def roles_required(*roles: str) -> Callable[[Callable[P, R]], Callable[P, Any]]:
    """Only for people who have all of these roles."""
    _named("roles_required", roles)
    return guarded(lambda identity: _require(identity.roles.issuperset(roles)))


def roles_accepted(*roles: str) -> Callable[[Callable[P, R]], Callable[P, Any]]:
    """Only for people who have any of these roles."""
    _named("roles_accepted", roles)
    return guarded(lambda identity: _require(not identity.roles.isdisjoint(roles)))


def permission_required(*permissions: str) -> Callable[[Callable[P, R]], Callable[P, Any]]:
    """Only for people who have all of these permissions, such as "posts:edit"."""
    _named("permission_required", permissions)
    return guarded(lambda identity: _require(identity.permissions.issuperset(permissions)))


def _require(holds: bool) -> None:
    if not holds:
        raise Forbidden()


def _named(guard: str, names: tuple[str, ...]) -> None:
    """An empty guard would let everyone in (flaw 46)."""
    if not names or not all(isinstance(name, str) and name for name in names):
        raise ConfigurationError(f'{guard} needs at least one name: @{guard}("admin").')


def check_access(access: Any) -> None:
    """Enforce the `Access` of one of our own routes; raises as `demand` does. `LOGIN_DISABLED` switches off the
    host's guards, never ours: our views need to know who is there."""
    if not access.logged_in:
        return
    identity = demand()
    if identity.session is None:
        raise NotLoggedIn()  # named by a host's request_loader: no session, so no account pages
    if access.permission is not None:
        _require(access.permission in identity.permissions)
    if access.fresh:
        _demand_fresh(None)(identity)


def guard_blueprint(*decorators: Callable[[Callable[[], Any]], Callable[..., Any]]) -> Callable[[], Any]:
    """A `before_request` function: `blueprint.before_request(guard_blueprint(roles_required("admin")))`."""

    def guard() -> Any:
        view: Callable[..., Any] = _pass
        for decorate in reversed(decorators or (login_required,)):
            view = decorate(view)
        return view()

    return guard


def _pass() -> None:
    return None
