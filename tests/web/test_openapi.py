"""The document is valid, complete, and tells nothing that isn't so."""

import time

import msgspec
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from housekey import errors
from housekey.errors import Refused
from housekey.kernel.texts import language
from housekey.web.operations import EXTRA_MEMBERS
from web.stand_in import ANN, BOSS, STALE, api, make_app

GOOD = {"name": "lamp", "secret": "hunter2"}


@pytest.fixture(scope="module")
def app():
    return make_app()


@pytest.fixture(scope="module")
def document(app):
    return app.test_client().get("/account/api/openapi.json").get_json()


def fits(document, schema, value):
    """Whether a value fits a schema of the document."""
    whole = Resource.from_contents({"$id": "urn:doc", **document}, default_specification=DRAFT202012)
    registry = Registry().with_resource("urn:doc", whole)
    return Draft202012Validator({"$id": "urn:doc", **document, **schema}, registry=registry).is_valid(value)


def test_it_is_valid_openapi_3_1(document):
    assert document["openapi"] == "3.1.0"
    validate(document)


def test_every_route_stands_in_it(document):
    described = {(path, method) for path, methods in document["paths"].items() for method in methods}
    declared = {(route.template, route.method.lower()) for route in api}
    assert described == declared | {("/openapi.json", "get")}


def test_a_view_is_described_by_its_docstring(document):
    keep = document["paths"]["/things"]["post"]
    assert (keep["operationId"], keep["tags"]) == ("keep", ["things"])
    assert keep["summary"] == "Keep a thing."
    assert keep["description"] == "It is kept for good. Two things\nmay bear one name."
    assert {tag["name"] for tag in document["tags"]} == {"things", "about"}


def test_secrets_are_passwords_that_are_only_written(document):
    schema = document["components"]["schemas"]["NewThing"]
    assert schema["properties"]["secret"] == {
        "title": "Secret", "type": "string", "minLength": 1, "maxLength": 20, "format": "password", "writeOnly": True,
    }  # fmt: skip
    assert (schema["required"], schema["additionalProperties"]) == (["name", "secret"], False)
    assert schema["description"] == "A thing to keep."


def test_queries_and_places_are_parameters(document):
    assert [(p["name"], p["in"], p["required"]) for p in document["paths"]["/things"]["get"]["parameters"]] == [
        ("page", "query", False),
        ("query", "query", False),
    ]
    page = document["paths"]["/things"]["get"]["parameters"][0]
    assert (page["description"], page["allowEmptyValue"]) == ("Which page, from 1.", True)
    (place,) = document["paths"]["/things/{thing_id}"]["patch"]["parameters"] + []
    assert (place["name"], place["in"], place["schema"]) == ("thing_id", "path", {"type": "integer"})
    assert "Page" not in document["components"]["schemas"]


def codes(document, path, method):
    answers = document["paths"][path][method]["responses"]
    found = {}
    for status, answer in answers.items():
        schema = answer.get("content", {}).get("application/problem+json", {}).get("schema")
        if schema:
            found[status] = schema["allOf"][1]["properties"]["code"]["enum"]
    return found


def test_refusals_follow_from_access_body_and_place(document):
    assert codes(document, "/things", "post") == {
        "400": ["malformed_request"], "401": ["invalid_credentials"], "403": ["cross_site"], "409": ["conflict"],
        "413": ["payload_too_large"], "415": ["unsupported_media_type"], "422": ["invalid_input"],
        "429": ["too_many_attempts"], "503": ["busy"],
    }  # fmt: skip
    assert codes(document, "/things", "get") == {"401": ["not_logged_in"], "422": ["invalid_input"]}
    assert codes(document, "/things/{thing_id}", "delete") == {
        "401": ["not_logged_in", "reauthentication_required"], "403": ["cross_site"], "404": ["not_found"],
        "413": ["payload_too_large"],
    }  # fmt: skip
    assert codes(document, "/things/{thing_id}", "patch")["403"] == ["forbidden", "cross_site"]


def test_what_needs_a_session_says_so(document):
    assert document["components"]["securitySchemes"]["session"]["name"] == "__Host-housekey"
    assert document["paths"]["/things"]["get"]["security"] == [{"session": []}]
    assert document["paths"]["/things"]["post"]["security"] == []


def test_answers_have_their_schemas(document):
    answers = document["paths"]["/things"]["post"]["responses"]
    assert answers["201"]["description"] == "A thing that is kept."
    assert answers["201"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Thing"}
    ended = document["paths"]["/things/{thing_id}"]["delete"]["responses"]["204"]
    assert ended == {"description": "No Content"}
    assert "Retry-After" in answers["429"]["headers"]


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("post", "/things", {"json": GOOD}),
        ("post", "/things", {"json": GOOD | {"count": 2}}),
        ("post", "/things", {"json": {"count": 99}}),
        ("post", "/things", {"data": b"{", "content_type": "application/json"}),
        ("post", "/things", {"data": b"{}"}),
        ("post", "/things", {"json": GOOD, "headers": {"Sec-Fetch-Site": "cross-site"}}),
        ("post", "/things", {"json": {"name": "limit", "secret": "x"}}),
        ("post", "/things", {"json": {"name": "x" * 70_000}}),
        ("get", "/things", {}),
        ("get", "/things", {"headers": {"X-Person": ANN}}),
        ("get", "/things", {"headers": {"X-Person": ANN}, "query_string": "page=0"}),
        ("patch", "/things/1", {"json": {}, "headers": {"X-Person": ANN}}),
        ("patch", "/things/404", {"json": {}, "headers": {"X-Person": BOSS}}),
        ("delete", "/things/1", {"headers": {"X-Person": STALE}}),
        ("get", "/openapi.json", {}),
    ],
)
def test_answers_are_what_the_document_says(app, document, method, path, sent):
    answer = app.test_client().open(f"/account/api{path}", method=method.upper(), **sent)
    template = path if path in document["paths"] else "/things/{thing_id}"
    described = document["paths"][template][method]["responses"][str(answer.status_code)]
    assert fits(document, described["content"][answer.mimetype]["schema"], answer.get_json())


def test_the_schema_of_a_refusal_fits_no_other(document):
    schema = document["paths"]["/things"]["post"]["responses"]["422"]["content"]["application/problem+json"]["schema"]
    right = {"type": "about:blank", "title": "x", "status": 422, "code": "invalid_input", "fields": {}}
    assert fits(document, schema, right)
    assert not fits(document, schema, right | {"code": "conflict"})
    assert not fits(document, schema, right | {"status": 400})
    assert not fits(document, schema, {name: value for name, value in right.items() if name != "fields"})


def test_every_error_with_members_of_its_own_is_described():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Refused)]
    assert {kind for kind in kinds if "extra" in vars(kind)} - {Refused} == set(EXTRA_MEMBERS)


def test_it_is_made_once_per_app_and_quick():
    app = make_app()
    client = app.test_client()
    started = time.perf_counter()
    first = client.get("/account/api/openapi.json").data
    assert time.perf_counter() - started < 2
    app.extensions["housekey"].api_routes = []
    assert client.get("/account/api/openapi.json").data is not None
    assert client.get("/account/api/openapi.json").data == first


def test_it_names_the_path_that_the_server_gives_it():
    client = make_app().test_client()
    below = client.get("/account/api/openapi.json", environ_overrides={"SCRIPT_NAME": "/site"}).get_json()
    assert below["servers"] == [{"url": "/site/account/api"}]
    assert client.get("/account/api/openapi.json").get_json()["servers"] == [{"url": "/account/api"}]


def test_it_does_not_keep_the_language_of_the_first_reader():
    spoken = language.set("de")
    try:
        document = make_app().test_client().get("/account/api/openapi.json").get_json()
        assert language.get() == "de"
    finally:
        language.reset(spoken)
    assert "Please log in" in document["paths"]["/things"]["get"]["responses"]["401"]["description"]


def test_two_structs_of_one_name_are_told_apart():
    from housekey.web.routes import Routes

    first, second = (msgspec.defstruct("Same", [(name, str)], module=f"m_{name}") for name in ("a", "b"))
    more = Routes(tag="more")
    more.post("/first", name="first", input=first, answers={200: second})(lambda body: None)
    more.post("/second", name="second", input=second, answers={204: None})(lambda body: None)
    app = make_app(more=[more])
    document = app.test_client().get("/account/api/openapi.json").get_json()
    validate(document)
    assert len([name for name in document["components"]["schemas"] if name.endswith("Same")]) == 3
