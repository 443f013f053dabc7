"""`Housekey(app)`: reads the settings, walks the list of capabilities and wires each into one app."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar, overload

import msgspec
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import DeclarativeBase

from housekey.capabilities import CAPABILITIES
from housekey.capabilities.mail.carrier import MailCarrier, Transport
from housekey.capability import Capability, MenuItem
from housekey.errors import ConfigurationError
from housekey.events import Bus, Event
from housekey.house import House
from housekey.kernel.mail import LetterRenderer
from housekey.kernel.sealing import Sealer
from housekey.logs import hide_link_tokens
from housekey.settings import Settings, load
from housekey.store import Store
from housekey.store.creation import create_tables
from housekey.store.database import Database, FlaskSQLAlchemy, FlaskSQLAlchemyLite, PlainSQLAlchemy, own_user_model
from housekey.store.engine import make_engine, place_of
from housekey.store.recognition import Recogniser
from housekey.store.schema import declare
from housekey.store.versions import warn_of_other_tables
from housekey.web import boot, circumstances, policies, serving
from housekey.web.cookies import cookies_for
from housekey.web.here import EXTENSION, AppState, is_demo
from housekey.web.letters import TemplateRenderer
from housekey.web.manager import LoginManager
from housekey.web.profiles import check_fields
from housekey.web.settings import STRICT, HouseSettings

E = TypeVar("E", bound=Event)
Listener = Callable[[Any, Any], None]
DATABASE_FILE = "housekey.sqlite"

for _capability in CAPABILITIES:
    if _capability.tables is not None:
        declare(_capability.tables)


class Housekey:
    """Complete user accounts for a Flask app.

        accounts = Housekey(app)                        # a database and a User of its own
        accounts = Housekey(app, db)                    # Flask-SQLAlchemy, with your class User(UserMixin, db.Model)
        accounts = Housekey(app, db, user_model=User)   # Flask-SQLAlchemy-Lite
        accounts = Housekey(app, engine=engine, session=session, user_model=User)

    or, with an app factory, `accounts = Housekey(db=db)` and `accounts.init_app(app)`. One object may serve many
    apps; all state is kept per app.
    """

    def __init__(
        self,
        app: Flask | None = None,
        db: Any = None,
        *,
        engine: sa.Engine | None = None,
        session: Any = None,
        user_model: type | None = None,
        capabilities: Sequence[Capability] = (),
    ) -> None:
        self._db, self._engine, self._session, self._user = db, engine, session, user_model
        self._capabilities = (*CAPABILITIES, *capabilities)
        self._listeners: list[tuple[type[Event], Listener]] = []
        self._policies: dict[tuple[type, str], Any] = {}
        self._filters: dict[tuple[type, str], Any] = {}
        self._forbidden: Any = None
        self._extra_fields: type[msgspec.Struct] | None = None
        self._transport: Transport | None = None
        self._exports: dict[str, Callable[[Any, Any], Any]] = {}
        self._houses: list[House] = []
        self.Base: type[DeclarativeBase] | None = None
        """The base class for your own models, where Housekey made the database."""
        if db is None and engine is None:
            self.Base, self._user = own_user_model()
        self.login_manager = LoginManager(self.init_app)
        if app is not None:
            self.init_app(app)

    @property
    def User(self) -> Any:
        """The user model, where it is Housekey's own or was named."""
        if self._user is None:
            raise ConfigurationError(
                "The user model is your own `class User(UserMixin, db.Model)`: import it from there."
            )
        return self._user

    @property
    def session(self) -> Any:
        """The scoped SQLAlchemy session of the current app, where Housekey made it."""
        from housekey.web.here import state

        database = state().house.store.database
        if not isinstance(database, PlainSQLAlchemy):
            raise ConfigurationError("The session is your own db.session.")
        return database.session

    def init_app(self, app: Flask, db: Any = None) -> None:
        """Wire Housekey into `app`. Raises `ConfigurationError` for settings that are wrong or unknown."""
        if EXTENSION in app.extensions:
            raise ConfigurationError(f"{app.name} has Housekey already: call Housekey(app) or init_app(app), once.")
        hide_link_tokens()
        house = self._house(app, db if db is not None else self._db)
        self._houses.append(house)
        app.extensions[EXTENSION] = self._state(app, house)
        self.login_manager.init_app(app)
        house.checks += [lambda: self.login_manager.check(app), house.store.prepare, check_fields]
        self._serve(app)
        for start in self._each("start"):
            start(house)
        house.service(MailCarrier).own = self._transport
        self._create_tables(app, house)

    def _each(self, field: str) -> list[Any]:
        """What the capabilities have in a field of their records, in their order."""
        found = (getattr(capability, field) for capability in self._capabilities)
        return [value for value in found if value is not None]

    def _house(self, app: Flask, db: Any) -> House:
        settings = self._load_settings(app)
        house = House(settings, Store(self._database(app, db)), bus_with(self._listeners))
        house.requirements, house.guards = self._each("requirement"), self._each("guard")
        house.factors, house.first_factors = self._each("factor"), self._each("first_factor")
        house.permissions = frozenset(name for some in self._each("permissions") for name, _allows in some)
        house.secret_keys = lambda: secret_keys(app)
        house.sealer = Sealer(lambda: seal_keys(app, house.settings[HouseSettings]))
        house.trying_out = lambda: app.debug or app.testing or is_demo(app)
        house.provide(TemplateRenderer(app, house), LetterRenderer)
        house.observe = circumstances.of_request
        house.exports = self._exports
        return house

    def _serve(self, app: Flask) -> None:
        pages, api, overview = self._each("pages"), self._each("api"), self._each("overview")
        serving.serve(app, pages=pages, api=api, menu=in_menu(self._capabilities), overview=overview)
        for name, view in (item for known in self._each("well_known") for item in known.items()):
            app.add_url_rule(f"/.well-known/{name}", f"housekey_{name.replace('-', '_')}", view)

    def _create_tables(self, app: Flask, house: House) -> None:
        """Now, and once more before the first request, for models that the host declares meanwhile."""
        wanted = house.settings[HouseSettings].create_tables
        if wanted is False or (wanted is None and not house.store.database.own):
            house.checks.append(lambda: warn_of_other_tables(house.store))
            return
        house.checks.append(lambda: create_tables(house.store))
        if house.store.database.own:
            create_tables(house.store)
            house.store.let_go()

    def _load_settings(self, app: Flask) -> Settings:
        groups = [HouseSettings, *(c.settings for c in self._capabilities if c.settings is not None)]
        strict = STRICT if app.config.get("HOUSEKEY_PROFILE") == "strict" else {}
        return load({**strict, **app.config}, groups)

    def _database(self, app: Flask, db: Any) -> Database:
        if db is not None:
            lite = type(db).__module__.startswith("flask_sqlalchemy_lite")
            return FlaskSQLAlchemyLite(app, db, self._user) if lite else FlaskSQLAlchemy(db, self._user)
        if self._user is None:
            raise ConfigurationError("Name your user model: Housekey(app, engine=engine, user_model=User).")
        if self._engine is not None:
            return PlainSQLAlchemy(self._engine, self._session, self._user)
        return PlainSQLAlchemy(make_engine(own_url(app)), None, self._user, own=True)

    def _state(self, app: Flask, house: House) -> AppState:
        from housekey.login.settings import LoginSettings, SessionSettings

        settings = house.settings[HouseSettings]
        url = app.config.get("SQLALCHEMY_DATABASE_URI")
        boot_id, cookies = boot.boot_id(), cookies_for(app, settings, place_of(url) if url else "")
        judged_boot = boot_id if house.settings[SessionSettings].end_on_restart else None
        return AppState(
            app=app,
            house=house,
            cookies=cookies,
            csrf=serving.csrf_for(house, cookies),
            recogniser=Recogniser(house.store, judged_boot),
            boot=boot_id,
            policies=self._policies,
            filters=self._filters,
            bridge_until=house.settings[LoginSettings].bridge_until,
            declared=self,
            capabilities=self._capabilities,
        )

    @overload
    def on(self, kind: type[E]) -> Callable[[Callable[[E, Any], None]], Callable[[E, Any], None]]: ...

    @overload
    def on(self, kind: type[E], listener: Callable[[E, Any], None]) -> Callable[[E, Any], None]: ...

    def on(self, kind: type[E], listener: Callable[[E, Any], None] | None = None) -> Any:
        """Hear of events: `@accounts.on(UserRegistered)`, or `accounts.on(UserRegistered, listener)`.

        The listener gets `(event, session)`: the unit of work's own session.
        """
        if listener is None:
            return lambda given: self.on(kind, given)
        self._listeners.append((kind, listener))
        for house in self._houses:
            house.events.on(kind, listener)
        return listener

    def policy(self, model: type, *actions: str) -> Callable[[Any], Any]:
        """Say who may: `@accounts.policy(Post, "edit")` on `(identity, post) -> bool`."""
        return policies.register(self._policies, model, actions)

    def filter(self, model: type, *actions: str) -> Callable[[Any], Any]:
        """The same for lists: `@accounts.filter(Post, "edit")` on `(identity) -> SQL condition`."""
        return policies.register(self._filters, model, actions)

    def forbidden_handler(self, handler: Any) -> Any:
        """What people get who may not: a function of the error that returns a response, for example a redirect."""
        self._forbidden = handler
        return handler

    def mail_transport(self, transport: Transport) -> Transport:
        """Let a function of your own send the mails, by an HTTP service say: `@accounts.mail_transport`.

        It gets an `OutgoingMail` (`recipient`, `sender`, `subject`, `text`, `html`, `message_id`, or all of it as
        `mime`), outside of any request. Let it raise `housekey.errors.DeliveryRefused` for what will never be taken;
        after any other error the mail is tried again. The same `message_id` may come twice, after a crash.
        """
        self._transport = transport
        for house in self._houses:
            house.service(MailCarrier).own = transport
        return transport

    def export(self, name: str) -> Callable[[Any], Any]:
        """Add what you know of a person to the export of their data: `@accounts.export("posts")` on
        `(user, session) -> value`.

        The value is whatever JSON can hold, dates and numbers of every kind included. `session` is one of Housekey's
        own; read with it.
        """

        def keep(tell: Callable[[Any, Any], Any]) -> Any:
            if name in self._exports:
                raise ConfigurationError(f'Something else is exported as "{name}" already: choose another name.')
            self._exports[name] = tell
            return tell

        return keep

    def registration_fields(self, struct: type[msgspec.Struct]) -> type[msgspec.Struct]:
        """Declare further fields of registration and profile: a msgspec struct whose fields are columns of `User`."""
        self._extra_fields = struct
        return struct

    @property
    def house(self) -> House:
        """The house of the current app."""
        from housekey.web.here import here

        return here.house


def in_menu(capabilities: Sequence[Capability]) -> list[MenuItem]:
    """One's own pages first, then those of people who look after others."""
    items = (item for capability in capabilities for item in capability.menu)
    return sorted(items, key=lambda item: (item.permission is not None, not item.first))


def bus_with(listeners: Sequence[tuple[type[Event], Listener]]) -> Bus:
    bus = Bus()
    for kind, listener in listeners:
        bus.on(kind, listener)
    return bus


def secret_keys(app: Flask) -> list[str | bytes]:
    """The key that signs now, then those that were used before (`SECRET_KEY_FALLBACKS`)."""
    keys = [app.secret_key, *(app.config.get("SECRET_KEY_FALLBACKS") or [])]
    return [key for key in keys if key]


def seal_keys(app: Flask, settings: HouseSettings) -> list[str | bytes]:
    """`HOUSEKEY_SEAL_KEY` before its fallbacks; the keys that sign come last, so that what they have sealed still opens
    when a seal key is first set."""
    own = [key for key in (settings.seal_key, *settings.seal_key_fallbacks) if key]
    return [*own, *secret_keys(app)]


def own_url(app: Flask) -> str:
    """`SQLALCHEMY_DATABASE_URI`, or an SQLite file in the instance folder."""
    configured = app.config.get("SQLALCHEMY_DATABASE_URI")
    if configured:
        return str(configured)
    folder = Path(app.instance_path)
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / DATABASE_FILE}"
