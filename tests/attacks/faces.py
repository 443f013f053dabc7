"""The two faces of every verb, so that one test attacks both: a person with a form, and a program with JSON.

@pytest.mark.parametrize("face", FACES, ids=str)
def test_…(face):
    client = face.registered(app)
    assert face.log_out(client).done
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from housekey.capabilities.admin.actions import set_disabled
from rig.apps import PASSWORD
from rig.people import house_of, id_of

ANN = "ann@example.test"
BOB = "bob@example.test"
NEW_PASSWORD = "another long passphrase"
FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}


@dataclass(frozen=True)
class Answer:
    """What a face answered. `done`: the verb was carried out."""

    response: TestResponse
    done: bool

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        return self.response.get_data(as_text=True)


class Face:
    """One face; each verb takes the browser that does it."""

    name = ""

    def __str__(self) -> str:
        return self.name

    def send(self, client: FlaskClient, verb: str, body: dict[str, Any] | None = None, **options: Any) -> Answer:
        raise NotImplementedError

    def register(self, client: FlaskClient, email: str = ANN, password: str = PASSWORD, **more: Any) -> Answer:
        return self.send(client, "register", {"email": email, "password": password, **more})

    def registered(self, app: Flask, email: str = ANN, **more: Any) -> FlaskClient:
        """A browser whose user has just registered."""
        client = app.test_client()
        answer = self.register(client, email, **more)
        assert answer.done, answer.text
        return client

    def log_in(
        self, client: FlaskClient, identifier: str = ANN, password: str = PASSWORD, *, remember: bool = False
    ) -> Answer:
        body = {"identifier": identifier, "password": password} | ({"remember": True} if remember else {})
        return self.send(client, "login", body)

    def logged_in(self, app: Flask, identifier: str = ANN, **more: Any) -> FlaskClient:
        """A browser that has just logged in."""
        client = app.test_client()
        assert self.log_in(client, identifier, **more).done
        return client

    def log_out(self, client: FlaskClient) -> Answer:
        return self.send(client, "logout")

    def log_out_everywhere(self, client: FlaskClient) -> Answer:
        return self.send(client, "logout/everywhere")

    def change_password(self, client: FlaskClient, current: str = PASSWORD, new: str = NEW_PASSWORD) -> Answer:
        return self.send(client, "change", {"current": current, "new": new})

    def reauthenticate(self, client: FlaskClient, password: str = PASSWORD) -> Answer:
        return self.send(client, "reauthenticate", {"password": password})

    def prove_more(self, client: FlaskClient, code: str, method: str = "otp") -> Answer:
        return self.send(client, "challenge", {"method": method, "code": code})

    def end(self, client: FlaskClient, session_id: str) -> Answer:
        return self.send(client, "end", place=session_id)

    def end_others(self, client: FlaskClient) -> Answer:
        return self.send(client, "end-others")


class Page(Face):
    """A person with a browser: forms, and redirects after them."""

    name = "page"
    paths = {
        "change": "password",
        "challenge": "login/challenge",
        "end": "sessions/{place}/end",
        "end-others": "sessions/end-others",
        "user": "admin/users/{place}",
    }

    def send(
        self, client: FlaskClient, verb: str, body: dict[str, Any] | None = None, place: str = "", **options: Any
    ) -> Answer:
        path = "/account/" + self.paths.get(verb, verb).format(place=place)
        headers = FROM_OUR_PAGE | options.pop("headers", {})
        response = client.post(path, data=body or {}, headers=headers, **options)
        to_prove_first = ("/account/login", "/account/login/challenge", "/account/reauthenticate")
        back_to_proof = (response.location or "").partition("?")[0] in to_prove_first
        return Answer(response, response.status_code == 303 and not back_to_proof)


class Json(Face):
    """A program that speaks JSON."""

    name = "json"
    calls = {
        "change": ("POST", "password/change"),
        "challenge": ("POST", "login/challenge"),
        "end": ("DELETE", "sessions/{place}"),
        "end-others": ("DELETE", "sessions"),
        "user": ("PATCH", "admin/users/{place}"),
    }

    def send(
        self, client: FlaskClient, verb: str, body: dict[str, Any] | None = None, place: str = "", **options: Any
    ) -> Answer:
        method, path = self.calls.get(verb, ("POST", verb))
        response = client.open(
            "/account/api/" + path.format(place=place), method=method, json=body if body else None, **options
        )
        return Answer(response, response.status_code in (200, 201, 204))


FACES = [Page(), Json()]


def who(client: FlaskClient) -> str | None:
    """Who is logged in in this browser, by the name that a page behind login shows; None for nobody."""
    answer = client.get("/private")
    assert answer.status_code in (200, 302), answer.text
    return answer.text if answer.status_code == 200 else None


def session_ids(client: FlaskClient) -> list[str]:
    """The public ids of one's sessions, the asking one first."""
    listed = client.get("/account/api/sessions").json["sessions"]
    return [session["id"] for session in sorted(listed, key=lambda session: not session["current"])]


def cookie_name(app: Flask) -> str:
    return str(app.extensions["housekey"].cookies.session)


def token(app: Flask, client: FlaskClient) -> str | None:
    """What this browser holds."""
    cookie = client.get_cookie(cookie_name(app))
    return cookie.value if cookie else None


def with_token(app: Flask, value: str | None) -> FlaskClient:
    """A thief's browser, that holds a copied (or planted, or invented) token and nothing else."""
    client = app.test_client()
    if value is not None:
        client.set_cookie(cookie_name(app), value)
    return client


def disable(app: Flask, email: str = ANN) -> None:
    """What an administrator does to an account."""
    house_of(app).run(lambda unit: set_disabled(unit, id_of(app, email), True))


def rows(app: Flask, *tables: str) -> int:
    """How many rows these tables of ours hold."""
    house = house_of(app)
    with house.read() as connection:
        return sum(len(connection.execute(house.store.tables[table].select()).all()) for table in tables)
