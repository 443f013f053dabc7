"""Who may do what with an object: `authorize("edit", post)`, `can("edit", post)`, `accessible(select(Post), "edit")`.

A policy is a function `(identity, object) -> bool`, registered by `@accounts.policy(Post, "edit")`; the same for
lists is a filter, `(identity) -> SQL condition`. Without one the answer is no (flaw 46). The policy of a class holds
for its subclasses, unless they have their own. `LOGIN_DISABLED` switches off guards, never policies: a policy is
about somebody, and then nobody is there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import has_request_context

from housekey.errors import ConfigurationError, Forbidden, NotLoggedIn
from housekey.web import refusals
from housekey.web.here import state
from housekey.web.identity import Identity, identify

F = TypeVar("F", bound=Callable[..., Any])
S = TypeVar("S")
Registered = dict[tuple[type, str], Any]


def register(registered: Registered, model: type, actions: tuple[str, ...]) -> Callable[[F], F]:
    """The decorator behind `accounts.policy` and `accounts.filter`."""
    if not isinstance(model, type) or not actions or not all(isinstance(name, str) and name for name in actions):
        raise ConfigurationError('Name a model and what may be done with it: @accounts.policy(Post, "edit").')

    def keep(judge: F) -> F:
        for action in actions:
            registered[model, action] = judge
        return judge

    return keep


def can(action: str, subject: Any) -> bool:
    """Whether the one who asks may do `action` with `subject` (an object, or a class such as `Post`).

    Nobody may do anything unless a policy says so; anonymous visitors have no identity and may do nothing.
    """
    identity = identify() if has_request_context() else None
    # Not type(subject): current_user is a proxy, which names the user's own class as its own.
    model = subject if isinstance(subject, type) else subject.__class__
    judge = _found(state().policies, model, action)
    if identity is None or judge is None:
        return False
    return _yes_or_no(judge, judge(identity, subject))


def _yes_or_no(judge: Any, answer: Any) -> bool:
    """A coroutine or an SQL condition would count as yes; a function that ends without a word says no."""
    if answer is None or isinstance(answer, bool):
        return answer is True
    name = getattr(judge, "__qualname__", repr(judge))
    raise ConfigurationError(f"The policy {name} must answer True or False, not {type(answer).__name__}.")


def authorize(action: str, subject: Any) -> None:
    """Raise `NotLoggedIn` or `Forbidden` unless `can(action, subject)`."""
    if identify() is None:
        raise NotLoggedIn()
    if not can(action, subject):
        refusal = Forbidden()
        refusals.note(refusal)  # here, since a host may catch it
        raise refusal


def accessible(statement: S, action: str) -> S:
    """Narrow a `select(Model)` to the rows with which the one who asks may do `action`; of several models the first
    counts. Raises `NotLoggedIn`, and `ConfigurationError` without a filter: no list is open by forgetting one."""
    model = _model_of(statement)
    condition = _found(state().filters, model, action)
    if condition is None:
        raise ConfigurationError(
            f'No filter for "{action}" on {model.__name__}: register one with '
            f'@accounts.filter({model.__name__}, "{action}").'
        )
    identity: Identity | None = identify()
    if identity is None:
        raise NotLoggedIn()
    return statement.where(condition(identity))  # type: ignore[attr-defined,no-any-return]


def _model_of(statement: Any) -> type:
    """The class that a statement selects; an alias has columns of its own, which a filter doesn't know."""
    described = getattr(statement, "column_descriptions", None) or [{}]
    model = described[0].get("entity")
    if not isinstance(model, type):
        raise ConfigurationError('accessible() takes a select() of a model: accessible(select(Post), "edit").')
    return model


def _found(registered: Registered, model: type, action: str) -> Any:
    return next((registered[parent, action] for parent in model.__mro__ if (parent, action) in registered), None)
