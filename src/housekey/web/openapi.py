"""The OpenAPI 3.1 document of the JSON API, made from the declared routes and nothing else.

Summary and description are a view's docstring; schemas come from its structs; the refusals are the declared ones
and those that follow from access, body and the cross-site check (`web.operations`).
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

import msgspec
from flask import Response, current_app, url_for

from housekey.house import House
from housekey.kernel.texts import language
from housekey.web.here import here, state
from housekey.web.operations import Schemas, operation
from housekey.web.routes import Routes
from housekey.web.settings import HouseSettings

FILE = "/openapi.json"
_CACHE = "housekey.openapi"
_ABOUT = """\
The accounts of this site as JSON. Each call is a page, too.

Refusals are problem details (RFC 9457): judge by `code`, which is stable. Requests that change something and bear
the session cookie must come from this site's own pages. Browsers show that by themselves; clients that send
neither `Origin` nor `Sec-Fetch-Site` have nothing to do."""
_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "Problem details (RFC 9457). `code` is stable; `title` is a sentence for people.",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
    },
}
_FAULT = {
    "type": "object",
    "required": ["code", "text"],
    "properties": {"code": {"type": "string"}, "text": {"type": "string"}},
}
_FAULTS = {
    "type": "object",
    "title": "Faults",
    "description": 'All that is wrong, by field; under "" what concerns no single field.',
    "additionalProperties": {"type": "array", "minItems": 1, "items": _FAULT},
}

routes = Routes(tag="about")


@routes.get(FILE, name="openapi", answers={200: dict[str, Any]})
def serve() -> Response:
    """This document."""
    prefix = url_for("housekey.api.openapi").removesuffix(FILE)
    known: tuple[str, bytes] | None = current_app.extensions.get(_CACHE)
    if known is None or known[0] != prefix:
        made = document(here.house, state().api_routes, prefix=prefix, cookie=state().cookies.session)
        known = current_app.extensions[_CACHE] = (prefix, msgspec.json.encode(made))
    return Response(known[1], content_type="application/json")


def document(house: House, all_routes: Iterable[Routes], *, prefix: str, cookie: str) -> dict[str, Any]:
    """The whole document: `prefix` is the API's path on the server, `cookie` the session cookie's name.

    Always in English, whoever asks first, because it is kept.
    """
    spoken = language.set("en")
    try:
        return _document(house, all_routes, prefix, cookie)
    finally:
        language.reset(spoken)


def _document(house: House, all_routes: Iterable[Routes], prefix: str, cookie: str) -> dict[str, Any]:
    declared = [route for group in all_routes for route in group]
    schemas = Schemas(house, declared)
    paths: dict[str, dict[str, Any]] = {}
    for route in declared:
        paths.setdefault(route.template, {})[route.method.lower()] = operation(route, house, schemas)
    session = {"type": "apiKey", "in": "cookie", "name": cookie, "description": "Set by logging in."}
    return {
        "openapi": "3.1.0",
        "info": {"title": _title(house), "version": _version(), "description": _ABOUT},
        "servers": [{"url": prefix}],
        "tags": [{"name": tag} for tag in dict.fromkeys(route.tag for route in declared) if tag],
        "paths": paths,
        "components": {
            "schemas": {**schemas.components, "Problem": _PROBLEM, "Faults": _FAULTS},
            "securitySchemes": {"session": session},
        },
    }


def _version() -> str:
    """Of the interface: which patches a site has, and which it lacks, is nobody's business (ASVS 13.4.6)."""
    return ".".join(version("housekey").split(".")[:2])


def _title(house: House) -> str:
    site = house.settings[HouseSettings].site_name
    return f"Accounts of {site}" if site else "Accounts"
