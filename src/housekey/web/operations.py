"""One route as an OpenAPI operation: what comes in, what goes out, what can be refused."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from msgspec import Struct

from housekey.errors import (
    Busy,
    CrossSite,
    Forbidden,
    InvalidInput,
    MalformedRequest,
    NotFound,
    NotLoggedIn,
    ReauthenticationRequired,
    Refused,
    SecondFactorMissing,
    TooManyAttempts,
    UnsupportedMediaType,
)
from housekey.house import House
from housekey.web.fields import wire_struct
from housekey.web.problems import HTTP_CODES, PROBLEM_JSON
from housekey.web.routes import Route

REF = "#/components/schemas/{name}"
TOO_LARGE = 413
"""From Werkzeug, not from our error tree."""

EXTRA_MEMBERS: Mapping[type[Refused], Mapping[str, Any]] = {
    InvalidInput: {"fields": {"$ref": REF.format(name="Faults")}},
    TooManyAttempts: {"retry_after": {"type": "integer", "minimum": 1, "description": "Seconds to wait."}},
    ReauthenticationRequired: {
        "acr_values": {"type": "string", "description": "The level that is needed (RFC 9470), such as `aal2`."},
        "max_age": {"type": "integer", "description": "How many seconds ago the last proof may be."},
        "aal": {"type": "integer", "description": "The assurance level that is needed."},
        "methods": {"type": "array", "items": {"type": "string"}, "description": "Methods that would do."},
    },
    SecondFactorMissing: {"acr_values": {"const": "aal2"}, "aal": {"const": 2}},
}
"""What the problem document of an error holds beside the common members."""
_ALWAYS_THERE = {"fields", "retry_after"}
_RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}}
_PLACES: Mapping[str, Mapping[str, Any]] = {"int": {"type": "integer"}, "uuid": {"type": "string", "format": "uuid"}}


class Schemas:
    """The schemas of all structs that come in or go out."""

    def __init__(self, house: House, declared: Sequence[Route]) -> None:
        inputs = [route.input_struct(house) for route in declared]
        queries = [wire_struct(struct) for route in declared if (struct := route.query_struct(house))]
        outputs = [kind for route in declared for kind in route.outcomes().values() if kind is not None]
        kinds = list(dict.fromkeys([*(wire_struct(struct) for struct in inputs if struct), *queries, *outputs]))
        found, self.components = msgspec.json.schema_components(kinds, ref_template=REF)
        self._found = dict(zip(kinds, found, strict=True))
        self._queries = {query: self.components.pop(self._name(query)) for query in dict.fromkeys(queries)}

    def _name(self, struct: type[Struct]) -> str:
        return str(self._found[struct]["$ref"]).rpartition("/")[2]

    def body(self, struct: type[Struct]) -> Any:
        """What a body must look like."""
        return self._found[wire_struct(struct)]

    def query(self, struct: type[Struct]) -> Any:
        """The whole schema of a query, whose properties become parameters."""
        return self._queries[wire_struct(struct)]

    def answer(self, kind: Any) -> Any:
        """What an answer looks like."""
        return self._found[kind]


def operation(route: Route, house: House, schemas: Schemas) -> dict[str, Any]:
    """The operation object of a route."""
    summary, _, rest = (inspect.getdoc(route.view) or route.name).partition("\n")
    body, query = route.input_struct(house), route.query_struct(house)
    described: dict[str, Any] = {"operationId": route.name, "summary": summary, "description": rest.strip()}
    described["tags"] = [route.tag] if route.tag else []
    described["security"] = [{"session": []}] if route.access.logged_in else []
    described["parameters"] = [*_places(route), *(_parameters(schemas.query(query)) if query else ())]
    if body is not None:
        described["requestBody"] = {"required": True, "content": _json(schemas.body(body))}
    described["responses"] = _answers(route, schemas) | _refusals(refusals_of(route, house), too_large=route.changes)
    return {name: value for name, value in described.items() if value or name == "security"}


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _places(route: Route) -> Iterable[dict[str, Any]]:
    for name, converter in route.places.items():
        yield {"name": name, "in": "path", "required": True, "schema": _PLACES.get(converter, {"type": "string"})}


def _parameters(schema: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    for name, about in schema["properties"].items():
        required = name in schema["required"]
        described = {"name": name, "in": "query", "required": required, "schema": about}
        described |= {} if required else {"allowEmptyValue": True}  # as a form with an empty field sends it
        yield described | ({"description": about["description"]} if "description" in about else {})


def _answers(route: Route, schemas: Schemas) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for status, kind in route.outcomes().items():
        about = (getattr(kind, "__doc__", None) if isinstance(kind, type) and issubclass(kind, Struct) else None) or ""
        answers[str(status)] = {"description": about.partition("\n")[0] or HTTPStatus(status).phrase}
        if kind is not None:
            answers[str(status)]["content"] = _json(schemas.answer(kind))
    return answers


def refusals_of(route: Route, house: House) -> Sequence[type[Refused]]:
    """What a route may refuse: what it declares, and what follows from its declaration."""
    takes_body = route.input_struct(house) is not None
    implied: Sequence[tuple[type[Refused], bool]] = (
        (MalformedRequest, takes_body),
        (NotLoggedIn, route.access.logged_in),
        (ReauthenticationRequired, route.access.fresh),
        (Forbidden, route.access.permission is not None),
        (CrossSite, route.changes),
        (NotFound, bool(route.places)),
        (UnsupportedMediaType, takes_body),
        (InvalidInput, takes_body or route.query_struct(house) is not None),
    )
    return tuple(dict.fromkeys([*(error for error, holds in implied if holds), *route.errors]))


def _refusals(errors: Sequence[type[Refused]], *, too_large: bool) -> dict[str, Any]:
    by_status: dict[int, list[type[Refused]]] = {}
    for error in errors:
        by_status.setdefault(error.status, []).append(error)
    told = {status: _refusal(status, some) for status, some in by_status.items()}
    if too_large:
        code, text = HTTP_CODES[TOO_LARGE]
        told[TOO_LARGE] = _problem(TOO_LARGE, {code: str(text)}, {})
    return {str(status): told[status] for status in sorted(told)}


def _refusal(status: int, errors: Sequence[type[Refused]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for error in errors:
        members |= next((extra for kind, extra in EXTRA_MEMBERS.items() if issubclass(error, kind)), {})
    answer = _problem(status, {error.code: str(error.text) for error in errors}, members)
    return answer | ({"headers": _RETRY_AFTER} if set(errors) <= {TooManyAttempts, Busy} else {})


def _problem(status: int, codes: Mapping[str, str], members: Mapping[str, Any]) -> dict[str, Any]:
    own = {"status": {"const": status}, "code": {"enum": list(codes)}, **members}
    required = sorted(_ALWAYS_THERE & members.keys()) if len(codes) == 1 else []
    detail = {"type": "object", "properties": own} | ({"required": required} if required else {})
    schema = {"allOf": [{"$ref": REF.format(name="Problem")}, detail]}
    return {
        "description": "\n".join(f"`{code}`: {text}" for code, text in codes.items()),
        "content": {PROBLEM_JSON: {"schema": schema}},
    }
