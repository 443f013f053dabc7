"""The API does what its OpenAPI document says, for nobody, for a person and for an administrator.

schemathesis makes requests from the document, valid ones and broken ones, and judges every answer by it. Left out of
its checks are `positive_data_acceptance`, because a password that fits the schema may be too common and a name taken,
and two that follow a thing from the call that makes it to one that reads it by its id: here nothing is made that way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi import checks

from attacks.faces import token
from rig.apps import PASSWORD, registered, small_app
from rig.engines import engines_closed
from rig.people import administrator, role

LEFT_OUT = [checks.positive_data_acceptance, checks.use_after_free, checks.ensure_resource_availability]
SETTINGS: dict[str, Any] = {
    "SECRET_KEY": "the cookie's name follows from this key",
    "HOUSEKEY_THROTTLING_NETWORK_TRIES": 1_000_000,
    "HOUSEKEY_THROTTLING_NETWORK_REQUESTS": 1_000_000,
    "HOUSEKEY_THROTTLING_LOCK_AFTER": 1_000_000,
    # The session is opened by one client and used by another, and is fresh all the same.
    "HOUSEKEY_SESSIONS_PROTECTION": None,
}
EXAMPLES = settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def document() -> dict[str, Any]:
    """Read when tests are collected: each operation is a test."""
    with engines_closed():
        found: dict[str, Any] = small_app(**SETTINGS).test_client().get("/account/api/openapi.json").json
    _tell_what_nobody_guesses(found)
    return found


def _tell_what_nobody_guesses(found: dict[str, Any]) -> None:
    """Examples, which are sent among all that is invented: a user that is there, and the members' password."""
    for operation in found["paths"]["/admin/users/{user_id}"].values():
        operation["parameters"][0]["example"] = "1"
    for body, field in [("WithUsername", "password"), ("PasswordInput", "password"), ("ChangeInput", "current")]:
        found["components"]["schemas"][body]["properties"][field]["example"] = PASSWORD
    found["components"]["schemas"]["ChangeInput"]["properties"]["new"]["example"] = f"{PASSWORD}, changed"
    found["components"]["schemas"]["WithUsername"]["properties"]["email"]["example"] = "new@example.test"


DOCUMENT = document()
COOKIE = DOCUMENT["components"]["securitySchemes"]["session"]["name"]
TO_COME = "a token will stand here"
for_nobody = schemathesis.openapi.from_dict(DOCUMENT)
for_members = schemathesis.openapi.from_dict(DOCUMENT)


@for_members.auth(refresh_interval=None)
class OfAMember:
    """Marks a case that is to bear a session. The session itself is opened right before the call, since cases are
    made long before. It goes into the case and not beside it: a cookie that is handed to a call in-process is taken
    by the check `ignored_auth` for one that schemathesis has made up, and its 200 for a hole in the API."""

    def get(self, case: schemathesis.Case, context: schemathesis.AuthContext) -> str:
        return TO_COME

    def set(self, case: schemathesis.Case, data: str, context: schemathesis.AuthContext) -> None:
        case.cookies[COOKIE] = data


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Iterator[Flask]:
    with engines_closed():
        app = small_app(f"sqlite:///{tmp_path_factory.mktemp('api')}/db.sqlite", **SETTINGS)
        administrator(app)
        role(app, "editor", "posts:edit")
        yield app


def judged(app: Flask, case: schemathesis.Case) -> None:
    case.operation.schema.app = app  # for the calls that the checks make
    case.call_and_validate(app=app, excluded_checks=LEFT_OUT)


_numbers = count()


def judged_as(member: Callable[[Flask, str], FlaskClient], app: Flask, case: schemathesis.Case) -> None:
    """Every case has a member of its own: what one does to an account is nothing to the others."""
    if case.cookies.get(COOKIE) == TO_COME:
        case.cookies[COOKIE] = token(app, member(app, f"member{next(_numbers)}@example.test"))
    judged(app, case)


@pytest.mark.flaw(46)
@pytest.mark.asvs("2.2.1", "4.1.1", "8.2.1", "8.3.1")
@for_nobody.parametrize()
@EXAMPLES
def test_nobody_gets_what_the_document_says_and_nothing_that_is_for_members(app, case):
    judged(app, case)


@pytest.mark.asvs("2.2.1", "4.1.1", "8.2.1")
@for_members.parametrize()
@EXAMPLES
def test_a_person_gets_what_the_document_says(app, case):
    judged_as(registered, app, case)


# The other calls are the same for a person as for an administrator.
@pytest.mark.asvs("2.2.1", "4.1.1")
@for_members.include(path_regex="^/(admin|me)").parametrize()
@EXAMPLES
def test_an_administrator_gets_what_the_document_says(app, case):
    judged_as(administrator, app, case)
