"""A small app around the machinery of the two faces: real Flask, real structs, and stand-ins for who is asking."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Annotated

import msgspec
from flask import Blueprint, Flask, request
from jinja2 import DictLoader
from msgspec import UNSET, Meta, Struct, UnsetType

from housekey.capability import MenuItem
from housekey.errors import (
    Busy,
    Conflict,
    CrossSite,
    Forbidden,
    InvalidCredentials,
    InvalidInput,
    NotFound,
    Refused,
    TooManyAttempts,
)
from housekey.kernel.secret import Secret
from housekey.kernel.texts import text as _
from housekey.login.settings import SessionSettings
from housekey.web import openapi, problems
from housekey.web.answers import redirect_to, render
from housekey.web.here import EXTENSION, state
from housekey.web.manager import LoginManager
from housekey.web.mount import mount_api, mount_pages
from housekey.web.routes import FRESH, LOGGED_IN, Routes, permission
from housekey.web.settings import HouseSettings

FORM = """\
{% set typed = value("name", "nothing typed") %}
{{ status_text }}|name={{ typed }}|secret={{ value("secret") }}|fault={{ fault("name") or "" }}|count={{ query.page }}|
{%- for name, list in faults.items() %}[{{ name }}:{{ list[0].code }}:{{ t(list[0].text) }}]{% endfor -%}
|csrf={{ csrf_token() }}|{{ identity.name if identity else "nobody" }}|{{ site_name }}|{{ housekey_layout }}|
{%- for line in menu %}({{ t(line.label) }} {{ line.url }}{{ " here" if line.current }}){% endfor -%}
|{{ t("Page {page} of {pages}", page=1, pages=2) }}|{{ t("") }}|{{ t(none) }}|"""
TEMPLATES = {
    "housekey/things/list.html": FORM,
    "housekey/errors/error.html": "error {{ status }}: {{ t(text) }}",
    "host403.html": "the host's own page",
}
ANN, BOSS, STALE = "ann", "boss", "stale"


class NewThing(Struct, kw_only=True):
    """A thing to keep."""

    name: Annotated[str, Meta(title="Name", min_length=2, max_length=20)]
    secret: Annotated[Secret, Meta(title="Secret", max_length=20)]
    count: Annotated[int, Meta(ge=0, le=9, description="How many.")] = 0
    private: bool = False


class ThingChange(Struct, kw_only=True):
    name: Annotated[str, Meta(min_length=2)] | UnsetType = UNSET


class Page(Struct, kw_only=True):
    page: Annotated[int, Meta(ge=1, le=1000, description="Which page, from 1.")] = 1
    query: str = ""


class Thing(Struct, kw_only=True):
    """A thing that is kept."""

    id: str
    name: str
    kept_at: datetime


class ThingList(Struct, kw_only=True):
    things: list[Thing]


pages = Routes()
api = Routes(tag="things")
RAISES = {
    "invalid": lambda: InvalidInput.of("name", "taken", _("That name is taken.")),
    "credentials": InvalidCredentials,
    "limit": lambda: TooManyAttempts(30),
    "busy": Busy,
    "gone": NotFound,
    "conflict": Conflict,
    "forbidden": Forbidden,
}


def refuse(name):
    if name in RAISES:
        raise RAISES[name]()


@pages.get("/things")
def things(query: Page):
    """All things."""
    return render("things/list.html", query=query)


@pages.post("/things")
def keep_thing(form: NewThing):
    refuse(form.name)
    return redirect_to("things")


@pages.post("/things/<thing_id>/end", access=FRESH, again="own_things")
def end_thing(thing_id: str):
    refuse(thing_id)
    return redirect_to("own_things")


@pages.get("/own", access=LOGGED_IN)
def own_things():
    return render("things/list.html", query=Page())


@pages.post("/alone")
def alone():
    raise Conflict()


@pages.get("/moved")
def moved():
    return redirect_to("things")


@pages.post("/moved", name="move")
def move():
    raise Conflict()


@pages.get("/secret", access=permission("things:manage", fresh=True))
def secret_page():
    return "secret"


@pages.post("/secret", access=permission("things:manage"))
def secret_change():
    return "changed"


@pages.get("/slow")
async def slow(query: Page):
    return f"slow {query.page}"


@pages.post("/slow")
async def slow_change(form: ThingChange):
    raise Conflict()


@api.post("/things", answers={201: Thing, 202: ThingList}, errors=[InvalidCredentials, TooManyAttempts, Busy, Conflict])
def keep(body: NewThing):
    """Keep a thing.

    It is kept for good. Two things
    may bear one name.
    """
    refuse(body.name)
    if body.count == 2:
        return ThingList(things=[]), 202
    return Thing(id="1", name=body.name, kept_at=datetime(2026, 1, 31, 12, tzinfo=UTC))


@api.get("/things", access=LOGGED_IN)
def list_things(query: Page) -> ThingList:
    """List your things."""
    return ThingList(things=[])


@api.patch("/things/<int:thing_id>", access=permission("things:manage"), answers={200: Thing}, errors=[NotFound])
def change_thing(thing_id: int, body: ThingChange):
    """Change a thing."""
    refuse("gone" if thing_id == 404 else "")
    name = "unchanged" if body.name is UNSET else body.name
    return Thing(id=str(thing_id), name=name, kept_at=datetime(2026, 1, 31, 12, tzinfo=UTC))


@api.delete("/things/<thing_id>", access=FRESH)
async def end(thing_id: str) -> None:
    """End a thing."""
    refuse(thing_id)


@api.post("/broken")
def broken() -> None:
    """Break."""
    raise RuntimeError("hunter2 in a traceback")


api.post("/declared", name="declared", answers={204: None}, input=lambda house: house.declared)(lambda body: None)


@dataclass
class Person:
    """Who asks, as far as our pages look: named by the header X-Person."""

    name: str
    permissions: frozenset[str] = frozenset()
    fresh: bool = True
    user_id: int = 1
    session_id: str | None = None
    session: object = field(default_factory=object)

    def is_fresh(self, max_age=None):
        return self.fresh


def ways(house, user_id, aal):
    return ("password",)


PEOPLE = {
    ANN: Person(ANN),
    BOSS: Person(BOSS, frozenset({"things:manage"})),
    STALE: Person(STALE, frozenset({"things:manage"}), fresh=False),
}


class Manager(LoginManager):
    def recognise(self, found, *, with_user):
        found.judged = True
        found.identity = PEOPLE.get(request.headers.get("X-Person"))


class Csrf:
    """Refuses what says that it comes from elsewhere."""

    def check(self, request):
        if request.headers.get("Sec-Fetch-Site") == "cross-site":
            raise CrossSite()

    def token(self):
        return "a-token"


def make_app(site_name="Notebook", more=()):
    """An app with our two blueprints, and views of a host's."""
    app = Flask("standin")
    app.config.update(TESTING=True, SECRET_KEY="for tests only, never served")
    app.jinja_loader = DictLoader(TEMPLATES)
    settings = HouseSettings(site_name=site_name)
    app.extensions[EXTENSION] = SimpleNamespace(
        app=app,
        house=SimpleNamespace(
            settings={HouseSettings: settings, SessionSettings: SessionSettings()}, ways=ways, declared=NewThing
        ),
        csrf=Csrf(),
        cookies=SimpleNamespace(session="__Host-housekey"),
        menu=[MenuItem(label=_("Things"), endpoint="own_things"),
              MenuItem(label=_("Manage"), endpoint="housekey.secret_page", permission="things:manage")],
        api_routes=[api, openapi.routes, *more],
        forbidden_callback=None,
    )  # fmt: skip
    manager = Manager()
    manager.init_app(app)
    hang_in(app)
    return app


def hang_in(app):
    ours, json_api = Blueprint("housekey", __name__), Blueprint("api", __name__)
    problems.handle_on_pages(ours)
    problems.handle_on_api(json_api)
    mount_pages(ours, pages)
    for part in app.extensions[EXTENSION].api_routes:
        mount_api(json_api, part)
    ours.add_url_rule("/login", "login", lambda: "login page")
    ours.add_url_rule("/reauthenticate", "reauthenticate", lambda: "confirm page")
    ours.register_blueprint(json_api, url_prefix="/api")
    app.register_blueprint(ours, url_prefix="/account")
    app.register_error_handler(Refused, problems.answer)
    problems.handle_unknown_paths(app, "/account")
    app.add_url_rule("/host/<name>", "host", host_view, methods=["GET", "POST"])


def host_view(name):
    refuse(name)
    return "host"


def is_problem(answer):
    """Whether an answer is a problem document, whole and consistent."""
    if answer.mimetype != "application/problem+json":
        return False
    told = msgspec.json.decode(answer.data)
    return (
        told["type"] == "about:blank"
        and told["status"] == answer.status_code
        and bool(told["title"])
        and bool(told["code"])
        and answer.headers["Cache-Control"] == "no-store"
    )


def forbid(app, callback):
    """What `accounts.forbidden_handler` does."""
    with app.app_context():
        state().forbidden_callback = callback
