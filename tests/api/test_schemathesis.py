"""The API does what its OpenAPI document says, for strangers and for an administrator, with valid and broken requests.

schemathesis 4 makes the requests from the document and judges every answer by it. Left out of its checks:
`positive_data_acceptance` (a password that fits the schema may still be too common, a name taken) and
`use_after_free`, `ensure_resource_availability` (no call makes a thing that another one reads by its id).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks as openapi

from attacks.faces import cookie_name, token
from rig.apps import log_in, small_app
from rig.engines import engines_closed
from rig.people import administrator, role

ROOT = "root@example.test"
JUDGED = [
    not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
    openapi.negative_data_rejection,
    openapi.unsupported_method,
    openapi.allow_header_conformance,
]
SETTINGS = {
    "SECRET_KEY": "the cookie's name follows from this key",
    "HOUSEKEY_THROTTLING_NETWORK_TRIES": 1_000_000,
    "HOUSEKEY_THROTTLING_NETWORK_REQUESTS": 1_000_000,
    "HOUSEKEY_THROTTLING_LOCK_AFTER": 1_000_000,
}
EXAMPLES = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


def document() -> dict[str, Any]:
    """Read when tests are collected: each operation is a test."""
    with engines_closed():
        found: dict[str, Any] = small_app(**SETTINGS).test_client().get("/account/api/openapi.json").json
    return found


def without_security(found: dict[str, Any]) -> dict[str, Any]:
    """For one who is logged in: no invented cookies in the place of the real one."""
    for methods in found["paths"].values():
        for operation in methods.values():
            operation.pop("security", None)
    found["components"].pop("securitySchemes")
    return found


for_strangers = schemathesis.openapi.from_dict(document())
for_an_administrator = schemathesis.openapi.from_dict(without_security(document()))


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Iterator[Flask]:
    with engines_closed():
        app = small_app(f"sqlite:///{tmp_path_factory.mktemp('api')}/db.sqlite", **SETTINGS)
        administrator(app)
        role(app, "editor", "posts:edit")
        yield app


@pytest.mark.asvs("2.2.1", "4.1.1")
@for_strangers.parametrize()
@EXAMPLES
def test_strangers_get_what_the_document_says(app, case):
    case.call_and_validate(checks=JUDGED, app=app)


@pytest.mark.flaw(46)
@pytest.mark.asvs("8.2.1", "8.3.1")
@for_strangers.parametrize()
@EXAMPLES
def test_strangers_get_nothing_from_what_is_for_people_who_are_logged_in(app, case):
    answer = case.call(app=app)
    if case.operation.definition.raw["security"] and case.method != "OPTIONS":
        assert answer.status_code in (401, 403, 404, 405), case.as_curl_command()


@pytest.mark.asvs("2.2.1", "4.1.1")
@for_an_administrator.parametrize()
@EXAMPLES
def test_an_administrator_gets_what_the_document_says(app, case):
    client = app.test_client()
    assert log_in(client, ROOT).status_code == 200
    case.call_and_validate(checks=JUDGED, app=app, cookies={cookie_name(app): token(app, client)})
