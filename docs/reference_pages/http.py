"""Every call of the JSON API, from its OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from housekey.web import openapi, problems
from housekey.web.here import state
from reference_pages.markdown import bare, code, page, table


def http_page() -> str:
    app = bare()
    with app.app_context():
        document = openapi.document(state().house, state().api_routes, prefix="/account/api", cookie="__Host-housekey")
    intro = document["info"]["description"] + (
        "\n\nThe same as OpenAPI 3.1, with the fields of your app, is at `/account/api/openapi.json`. "
        "What each code means stands under [Errors](errors.md)."
    )
    return page("HTTP API", intro, [*_calls(document), "## Shapes", *_shapes(document["components"]["schemas"])])


def _calls(document: dict[str, Any]) -> Iterator[str]:
    for tag in document["tags"]:
        yield f"## {tag['name'].capitalize()}"
        for path, methods in document["paths"].items():
            for method, about in methods.items():
                if tag["name"] in about.get("tags", ()):
                    yield from _call(f"{method.upper()} {document['servers'][0]['url']}{path}", about)


def _call(title: str, about: dict[str, Any]) -> Iterator[str]:
    yield f"### `{title}`"
    yield f"{about['summary']}\n\n{about.get('description', '')}"
    yield "Needs a session." if about["security"] else "Open to anyone."
    rows = [
        (code(p["name"]), p["in"], shape(p["schema"]), p.get("description", "")) for p in about.get("parameters", ())
    ]
    yield table(("Parameter", "In", "Type", "Meaning"), rows)
    if "requestBody" in about:
        yield f"Body: {shape(about['requestBody']['content']['application/json']['schema'])}"
    yield table(("Status", "Answer"), [(status, _answer(answer)) for status, answer in about["responses"].items()])


def _answer(answer: dict[str, Any]) -> str:
    content: dict[str, Any] = answer.get("content", {})
    if problems.PROBLEM_JSON in content:
        detail = content[problems.PROBLEM_JSON]["schema"]["allOf"][1]["properties"]
        return ", ".join(map(code, detail["code"]["enum"]))
    return shape(content["application/json"]["schema"]) if content else "nothing"


def _shapes(schemas: dict[str, Any]) -> Iterator[str]:
    for name, schema in schemas.items():
        yield f"### {name}"
        yield schema.get("description", "")
        required = set(schema.get("required", ()))
        yield table(
            ("Member", "Type", "Meaning"),
            [
                (code(key) + ("" if key in required else " (optional)"), shape(about), about.get("description", ""))
                for key, about in schema.get("properties", {}).items()
            ],
        )


def shape(schema: dict[str, Any]) -> str:
    """A JSON schema in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return " or ".join(shape(part) for part in schema[choice])
    if "enum" in schema:
        return " or ".join(code(repr(value)) for value in schema["enum"])
    named = schema.get("type", "anything")
    word = " or ".join(named) if isinstance(named, list) else named
    if word == "array":
        return f"list of {shape(schema.get('items', {}))}"
    limits = {"minLength": "at least {}", "maxLength": "at most {}", "minimum": "at least {}", "maximum": "at most {}"}
    told = [limits[key].format(schema[key]) for key in limits if key in schema]
    return ", ".join([schema.get("format", word), *told])
