"""Where the running code is: the house of the current app, and what this request has asked so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from flask import current_app, request

from housekey.errors import ConfigurationError
from housekey.house import House
from housekey.web.settings import HouseSettings

if TYPE_CHECKING:
    from flask import Flask

    from housekey.login.attempt import Client, Parked
    from housekey.login.proof import Proof
    from housekey.store.recognition import Recogniser
    from housekey.store.sessions import SessionFacts
    from housekey.web.cookies import Cookies
    from housekey.web.csrf import Csrf
    from housekey.web.identity import Identity

EXTENSION = "housekey"
DEMO = "housekey_demo"
_ATTRIBUTE = "_housekey_asking"


@dataclass
class AppState:
    """What Housekey keeps for one app: `app.extensions["housekey"]`. Never on the extension object, which may
    serve several apps."""

    app: Flask
    house: House
    cookies: Cookies
    csrf: Csrf
    recogniser: Recogniser
    boot: str
    policies: dict[tuple[type, str], Any] = field(default_factory=dict)
    filters: dict[tuple[type, str], Any] = field(default_factory=dict)
    capabilities: Sequence[Any] = ()
    """The records of all capabilities of this app, in their order."""
    menu: list[Any] = field(default_factory=list)
    overview: list[Any] = field(default_factory=list)
    """What capabilities say about an account: functions of house and identity."""
    api_routes: list[Any] = field(default_factory=list)
    user_endpoints: set[str | None] = field(default_factory=set)
    """Learnt: views that want `current_user` after a guard has asked who is there; both then come by one read."""
    doubted: set[str] = field(default_factory=set)
    """Names of roles and permissions in guards that were looked for after a refusal: each is missed once at most."""
    bridge_until: date | None = None
    """The last day on which old cookies of Flask-Login's count; None: they are never looked at."""
    declared: Any = None
    """The extension object, for what a host may declare after `init_app`."""

    @property
    def forbidden_callback(self) -> Any:
        """The host's `forbidden_handler`, if any."""
        return self.declared._forbidden

    @property
    def extra_fields(self) -> Any:
        """The struct that the host gave to `registration_fields`, if any."""
        return self.declared._extra_fields


@dataclass
class Asking:
    """What one request has asked, and what its answer must carry."""

    asked: bool = False
    judged: bool = False
    record: SessionFacts | None = None
    identity: Identity | None = None
    user: Any = None
    client: Client | None = None
    checked: list[Proof] = field(default_factory=list)
    """What the host has had checked by `user.check_password`; a `login_user` that follows is a login by it."""
    logged_out: bool = False
    secret_fields: frozenset[str] = frozenset()
    """Of the form that was sent: those that our own page knows to hold a secret, whatever they are called."""
    renewed: bool = False
    """Whether this request's session has just been proved again, on our own road."""
    cookies: dict[str, tuple[str, int | None] | None] = field(default_factory=dict, repr=False)
    """By name: value and max-age to set, or None to remove."""
    foreign_cookies: list[tuple[str, str, str | None]] = field(default_factory=list)
    """Name, path and domain of Flask-Login's cookies to remove."""
    bridge_crossed: bool = False
    """Whether Flask-Login's cookies have been judged in this request; they are still in it."""
    parked: Parked | None = None
    """An old cookie's login that waits for more."""


def state() -> AppState:
    """The state of the current app."""
    found = current_app.extensions.get(EXTENSION)
    if found is None:
        raise ConfigurationError(f"{current_app.name} has no Housekey: call Housekey(app) or accounts.init_app(app).")
    return found  # type: ignore[no-any-return]


def is_demo(app: Flask) -> bool:
    """Whether this is Housekey's own demo, which shows the mails that it sends."""
    return DEMO in app.extensions


def asking() -> Asking:
    """Kept on the request: `g` outlives one in tests that hold an outer app context, and a WSGI environ may be
    handed on to another app, whose users are others."""
    found = asked_so_far()
    if found is None:
        found = Asking()
        setattr(request, _ATTRIBUTE, found)
    return found


def asked_so_far() -> Asking | None:
    """The same, or None if nothing was asked; looking leaves no trace. Public pages pay for it: hence not `getattr` of
    the proxy, which takes ten times as long where nothing is found."""
    running = request._get_current_object()  # type: ignore[attr-defined]
    return running.__dict__.get(_ATTRIBUTE)  # type: ignore[no-any-return]


class _Here:
    """`here.house`, `here.csrf`: short names for the state of the current app."""

    @property
    def house(self) -> House:
        return state().house

    @property
    def csrf(self) -> Csrf:
        return state().csrf

    @property
    def cookies(self) -> Cookies:
        return state().cookies

    @property
    def settings(self) -> HouseSettings:
        return state().house.settings[HouseSettings]


here = _Here()
