"""`Housekey(app)`: reads the settings, walks the list of capabilities and wires each into one app."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import DeclarativeBase

from housekey.capabilities import CAPABILITIES
from housekey.capabilities.mail.carrier import MailCarrier
from housekey.capability import Capability, MenuItem
from housekey.errors import ConfigurationError
from housekey.extension.databases import database_of
from housekey.extension.declaring import Declarations
from housekey.extension.keys import seal_keys, secret_keys
from housekey.house import House
from housekey.kernel.mail import LetterRenderer
from housekey.kernel.sealing import Sealer
from housekey.login.settings import LoginSettings, SessionSettings
from housekey.logs import hide_link_tokens
from housekey.settings import Settings, load
from housekey.store import Store
from housekey.store.creation import create_tables
from housekey.store.database import PlainSQLAlchemy, own_user_model
from housekey.store.engine import place_of
from housekey.store.recognition import Recogniser
from housekey.store.schema import declare
from housekey.store.versions import warn_of_other_tables
from housekey.web import boot, circumstances, serving
from housekey.web.cookies import cookies_for
from housekey.web.here import EXTENSION, AppState, here, is_demo
from housekey.web.letters import TemplateRenderer
from housekey.web.manager import LoginManager
from housekey.web.profiles import check_fields
from housekey.web.settings import STRICT, HouseSettings

for _capability in CAPABILITIES:
    if _capability.tables is not None:
        declare(_capability.tables)


class Housekey(Declarations):
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
        super().__init__()
        self._db, self._engine, self._session, self._user = db, engine, session, user_model
        self._capabilities = (*CAPABILITIES, *capabilities)
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
        database = here.house.store.database
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
        house = House(settings, Store(database_of(app, db, self._engine, self._session, self._user)), self._bus())
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

    def _state(self, app: Flask, house: House) -> AppState:
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

    @property
    def house(self) -> House:
        """The house of the current app."""
        return here.house


def in_menu(capabilities: Sequence[Capability]) -> list[MenuItem]:
    """One's own pages first, then those of people who look after others."""
    items = (item for capability in capabilities for item in capability.menu)
    return sorted(items, key=lambda item: (item.permission is not None, not item.first))
