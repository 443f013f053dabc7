"""Guards for views, one grammar for hosts and for our own pages.

`login_required`, `fresh_login_required`, `require_aal`, `roles_required` (all), `roles_accepted` (any),
`permission_required` decorate a view, a MethodView's `decorators`, or guard a whole blueprint by `before_request`.
Whoever may not, gets what Flask-Login's handlers say, or `forbidden_handler`, or problem details.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, overload

from flask import current_app, request

from housekey.errors import (
    ConfigurationError,
    Forbidden,
    NotLoggedIn,
    ReauthenticationRequired,
    SecondFactorMissing,
)
from housekey.web import guard_names, guard_order, refusals, step_up
from housekey.web.here import state
from housekey.web.identity import Identity, identify
from housekey.web.problems import to_second_factor, wants_json
from housekey.web.step_up import MaxAge

P = ParamSpec("P")
R = TypeVar("R")
Judge = Callable[[Identity], None]
"""Raises `NotLoggedIn`, `Forbidden`, `ReauthenticationRequired` or `SecondFactorMissing`."""
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
    except SecondFactorMissing as error:
        return to_second_factor(error)
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
    refusals.note(error)
    callback = state().forbidden_callback
    if callback is not None and not wants_json(request):
        return callback(error)
    raise error


def guarded(check: Judge | None = None) -> Callable[[Callable[P, R]], Callable[P, Any]]:
    """A decorator that lets a view run only if `check` doesn't object."""

    def decorate(view: Callable[P, R]) -> Callable[P, Any]:
        guard_order.note(view)

        @wraps(view)
        def guarded_view(*args: P.args, **kwargs: P.kwargs) -> Any:
            refusal = judge(check)
            return current_app.ensure_sync(view)(*args, **kwargs) if refusal is None else refusal

        return guarded_view

    return decorate


@overload
def login_required(view: Callable[P, R]) -> Callable[P, Any]: ...


@overload
def login_required() -> Callable[[Callable[P, R]], Callable[P, Any]]: ...


def login_required(view: Any = None) -> Any:
    """Only for people who are logged in: `@login_required`, or with empty brackets, as the other guards have them."""
    return _with_or_without_brackets("login_required", guarded(), view)


def fresh_login_required(view: Callable[P, R] | None = None, *, max_age: MaxAge = None) -> Any:
    """Only shortly after a proof: `@fresh_login_required`, or `@fresh_login_required(max_age=300)` in seconds or as a
    timedelta. Whoever proved longer ago is asked to confirm who they are, and goes on from there."""
    limit = step_up.seconds(max_age)
    decorate = guarded(lambda identity: step_up.demand_fresh(identity, limit))
    return _with_or_without_brackets("fresh_login_required", decorate, view)


def _with_or_without_brackets(guard: str, decorate: Callable[[Any], Any], view: Any) -> Any:
    """What stands in the brackets of these two would be taken for the view, and fail at the first request."""
    if view is not None and not callable(view):
        raise ConfigurationError(f"{guard} can't guard {view!r}: it stands above a view, as @{guard}.")
    return decorate if view is None else decorate(view)


def require_aal(level: int, *, max_age: MaxAge = None) -> Callable[[Callable[P, R]], Callable[P, Any]]:
    """Only with proofs of this assurance level (NIST SP 800-63B-4): `@require_aal(2)` asks for a second factor too,
    and with `max_age` for one that was proved lately. Whoever has none is led to set one up."""
    asked, limit = step_up.level(level), step_up.seconds(max_age)
    return guarded(lambda identity: step_up.demand_level(identity, asked, limit))


aal_required = require_aal
"""The same, under the name that it had first."""


def roles_required(*roles: str) -> Callable[[Callable[P, R]], Callable[P, Any]]:
    """Only for people who have all of these roles."""
    _named("roles_required", roles)
    return guarded(lambda identity: _require(identity.roles.issuperset(roles), roles=roles))


def roles_accepted(*roles: str) -> Callable[[Callable[P, R]], Callable[P, Any]]:
    """Only for people who have any of these roles."""
    _named("roles_accepted", roles)
    return guarded(lambda identity: _require(not identity.roles.isdisjoint(roles), roles=roles))


def permission_required(*permissions: str) -> Callable[[Callable[P, R]], Callable[P, Any]]:
    """Only for people who have all of these permissions, such as "posts:edit"."""
    _named("permission_required", permissions)
    return guarded(lambda identity: _require(identity.permissions.issuperset(permissions), permissions=permissions))


def _require(holds: bool, *, roles: tuple[str, ...] = (), permissions: tuple[str, ...] = ()) -> None:
    if not holds:
        guard_names.warn_of_unborne(roles, permissions)
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
        step_up.demand_fresh(identity)


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
