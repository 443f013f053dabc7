"""How a capability declares its two faces: `Routes` for pages, `Routes(tag="…")` for the JSON API.

A declaration says all that serving and describing it needs: path, who may, what comes in, what goes out, what can
be refused. `web.mount` serves it, `web.openapi` describes it.
"""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from housekey.errors import ConfigurationError, Refused

if TYPE_CHECKING:
    from housekey.house import House

V = TypeVar("V", bound=Callable[..., Any])
Input = type[Struct] | Callable[["House"], type[Struct] | None] | None
_PLACE = re.compile(r"<(?:(?P<converter>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)>")


@dataclass(frozen=True, kw_only=True)
class Access:
    """Who may use a route; `web.guards.check_access` enforces it before anything is read."""

    logged_in: bool = False
    fresh: bool = False
    permission: str | None = None


ANYONE = Access()
LOGGED_IN = Access(logged_in=True)
FRESH = Access(logged_in=True, fresh=True)
"""Logged in, and proved recently: for what concerns the account's safety."""


def permission(name: str, *, fresh: bool = False) -> Access:
    """Those who have a permission: `access=permission("users:manage")`."""
    if not name:
        raise ConfigurationError('An empty permission would let everyone in: name one, such as "users:manage".')
    return Access(logged_in=True, fresh=fresh, permission=name)


@dataclass(frozen=True, kw_only=True)
class Route:
    """One method of one path. Immutable and shared by all apps; what depends on an app is asked with its house."""

    method: str
    path: str
    name: str
    view: Callable[..., Any]
    access: Access = ANYONE
    input: Input = None
    query: Input = None
    answers: Mapping[int, Any] = field(default_factory=dict)
    errors: Sequence[type[Refused]] = ()
    again: str | None = None
    tag: str = ""

    @property
    def changes(self) -> bool:
        """Whether it may change something; a GET never does (flaw 41)."""
        return self.method != "GET"

    @cached_property
    def places(self) -> Mapping[str, str]:
        """The named places of the path, each with its converter."""
        return {found["name"]: found["converter"] or "string" for found in _PLACE.finditer(self.path)}

    @property
    def template(self) -> str:
        """The path as OpenAPI writes it: `/sessions/{session_id}`."""
        return _PLACE.sub(r"{\g<name>}", self.path)

    @cached_property
    def input_name(self) -> str | None:
        """The view's parameter for the body: `form` on pages, `body` in the API."""
        return next((name for name in ("form", "body") if name in self._parameters), None)

    def input_struct(self, house: House) -> type[Struct] | None:
        """What the body is read as in this app; None if the view takes none."""
        return self._checked(self._input, house)

    def query_struct(self, house: House) -> type[Struct] | None:
        """What the query is read as in this app."""
        return self._checked(self._query, house)

    def outcomes(self) -> Mapping[int, Any]:
        """What it answers by status; from the view's return type when nothing was declared."""
        if self.answers:
            return self.answers
        returned = self._annotation("return")
        return {204: None} if returned is type(None) else {200: returned}

    @cached_property
    def _parameters(self) -> Sequence[str]:
        return tuple(inspect.signature(self.view).parameters)

    @cached_property
    def _input(self) -> Input:
        return self.input or self._annotation(self.input_name) if self.input_name else None

    @cached_property
    def _query(self) -> Input:
        return self.query or self._annotation("query") if "query" in self._parameters else None

    def _checked(self, declared: Input, house: House) -> type[Struct] | None:
        if declared is None:
            return None
        found = declared if isinstance(declared, type) else declared(house)
        if isinstance(found, type) and issubclass(found, Struct):
            return found
        raise ConfigurationError(f"{self.name}(): what comes in needs a msgspec.Struct as its type, or `input=`.")

    def _annotation(self, name: str) -> Any:
        """One annotation alone: the others may name types that are imported for type checkers only."""
        view = inspect.unwrap(self.view)

        def probe() -> None: ...

        probe.__annotations__ = {name: view.__annotations__.get(name)}
        try:
            return typing.get_type_hints(probe, view.__globals__, include_extras=True)[name]
        except NameError as error:
            raise ConfigurationError(f"{self.name}(): {error}. Import the type where the view can see it.") from None


class Routes:
    """The routes of one capability on one face. `tag` groups them in the OpenAPI document."""

    def __init__(self, tag: str = "") -> None:
        self.tag = tag
        self._routes: list[Route] = []

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes)

    def get(self, path: str, **about: Any) -> Callable[[V], V]:
        """Declare a GET; see `add`."""
        return self.add("GET", path, **about)

    def post(self, path: str, **about: Any) -> Callable[[V], V]:
        """Declare a POST; see `add`."""
        return self.add("POST", path, **about)

    def patch(self, path: str, **about: Any) -> Callable[[V], V]:
        """Declare a PATCH; see `add`."""
        return self.add("PATCH", path, **about)

    def delete(self, path: str, **about: Any) -> Callable[[V], V]:
        """Declare a DELETE; see `add`."""
        return self.add("DELETE", path, **about)

    def add(
        self,
        method: str,
        path: str,
        *,
        name: str | None = None,
        access: Access = ANYONE,
        input: Input = None,
        query: Input = None,
        answers: Mapping[int, Any] | None = None,
        errors: Sequence[type[Refused]] = (),
        again: str | None = None,
    ) -> Callable[[V], V]:
        """Declare a view.

        path      relative to /account (pages) or /account/api (API)
        name      of the endpoint: `housekey.<name>` or `housekey.api.<name>`; default: the function's name
        access    ANYONE, LOGGED_IN, FRESH or permission("…")
        input     the struct of `form` or `body` when the annotation doesn't say it: a struct, or `house -> struct`
        query     the same for `query`
        answers   API: status -> struct or None; default: from the return annotation
        errors    API: the refusals that the view itself may raise; those of access, body and CSRF are known
        again     pages: the GET that a refused POST shows once more; default: the one at the same path
        """

        def keep(view: V) -> V:
            self._routes.append(
                Route(
                    method=method, path=path, name=name or view.__name__, view=view, access=access, input=input,
                    query=query, answers=answers or {}, errors=tuple(errors), again=again, tag=self.tag,
                )
            )  # fmt: skip
            return view

        return keep

    def page_of(self, route: Route) -> Route | None:
        """The page that is shown once more when this POST is refused."""
        for other in self._routes:
            if not other.changes and (other.name == route.again if route.again else other.path == route.path):
                return other
        if route.again:
            raise ConfigurationError(f'{route.name}(): there is no page named again="{route.again}" beside it.')
        return None
