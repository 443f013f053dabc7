"""Everything of one app that a verb needs: settings, store, events, and what capabilities have added."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from housekey.errors import ConfigurationError
from housekey.events import Bus, Event
from housekey.kernel import circumstances
from housekey.kernel.circumstances import Circumstances
from housekey.kernel.deadlocks import is_deadlock
from housekey.kernel.places import Locate, nowhere
from housekey.kernel.sealing import Sealer
from housekey.settings import Settings
from housekey.store import Store, work
from housekey.store.schema import Schema

if TYPE_CHECKING:
    from housekey.login.attempt import Attempt, Trust
    from housekey.login.factors import Factor
    from housekey.login.guards import Guard
    from housekey.login.requirements import Requirement

T = TypeVar("T")
Grants = Callable[["House", Any], tuple[frozenset[str], frozenset[str]]]
"""Answers a user's roles and permissions; the capability `roles` provides it."""
Unborne = Callable[["House", Collection[str], Collection[str]], Collection[str]]
"""Answers which of these roles don't exist, and which of these permissions no role gives; the capability `roles`
provides it."""
Ways = Callable[["House", Any, int], Sequence[str]]
"""Answers the methods by which a user can reach an assurance level; the capability `reauthentication` provides it."""
TrustBrowser = Callable[["Unit", "Attempt"], "Trust | None"]
TRIES = 4
PAUSE_S = 0.02


def no_grants(house: House, user_id: Any) -> tuple[frozenset[str], frozenset[str]]:
    """Deny by default: nobody has a role where nothing gives any."""
    return frozenset(), frozenset()


def none_unborne(house: House, roles: Collection[str], permissions: Collection[str]) -> Collection[str]:
    """Nothing is said of names where nobody knows any."""
    return ()


def no_ways(house: House, user_id: Any, aal: int) -> Sequence[str]:
    """Nothing is said of ways where nobody knows any."""
    return ()


def no_trust(unit: Unit, attempt: Attempt) -> Trust | None:
    """Nowhere, unless something says otherwise."""
    return None


@dataclass(frozen=True)
class Unit:
    """One transaction of ours."""

    house: House
    session: Session

    @property
    def schema(self) -> Schema:
        return self.house.store.schema

    @property
    def tables(self) -> dict[str, sa.Table]:
        return self.schema.tables

    def execute(self, statement: Any, parameters: Any = None) -> sa.CursorResult[Any]:
        """Run a statement on the engine of `User`."""
        result = self.session.execute(statement, parameters, bind_arguments=self.house.store.bind_arguments)
        return cast("sa.CursorResult[Any]", result)

    def scalars(self, statement: Any) -> sa.ScalarResult[Any]:
        return self.execute(statement).scalars()

    def publish(self, event: Event) -> None:
        """Tell the listeners, inside this transaction."""
        self.house.events.publish(event, self.session)

    def after_commit(self, act: Callable[[], object]) -> None:
        """Call `act()` once this transaction is committed; never if it is rolled back."""
        work.after_commit(self.session, act)


@dataclass
class House:
    """One per app."""

    settings: Settings
    store: Store
    events: Bus = field(default_factory=Bus)
    requirements: Sequence[Requirement] = ()
    guards: Sequence[Guard] = ()
    factors: Sequence[Factor] = ()
    """Second factors, the strongest first."""
    first_factors: Sequence[Factor] = ()
    """What is usually shown first, such as a password: a second step only for whoever has begun with a factor."""
    opens_by_mail: Callable[[], bool] = lambda: False
    """Whether people log in by what is mailed to them; the capability `mailed_login` sets it."""
    grants: Grants = no_grants
    unborne: Unborne = none_unborne
    ways: Ways = no_ways
    secret_keys: Callable[[], Sequence[str | bytes]] = tuple
    """SECRET_KEY, then SECRET_KEY_FALLBACKS."""
    sealer: Sealer = field(default_factory=lambda: Sealer(tuple))
    """Encrypts what lies in the database and must be read again."""
    permissions: frozenset[str] = frozenset()
    """Those that pages of the app's capabilities ask for."""
    trying_out: Callable[[], bool] = lambda: False
    """Whether this is debug mode, the demo or a test: nobody's real accounts."""
    observe: Callable[[], Circumstances] = Circumstances
    """What the running request, if any, shows of the one who acts; the web layer sets it."""
    trust: TrustBrowser = no_trust
    """What a browser that goes without the second step next time gets with a session; the capability `factors` sets
    it."""
    locate: Locate = nowhere
    """In which country an address is; the capability `geo` sets it."""
    sweepers: list[Callable[[], Mapping[str, int]]] = field(default_factory=list)
    """Called before `flask housekey sweep` looks for what has expired; each says what it has swept itself."""
    small_sweepers: list[Callable[[], object]] = field(default_factory=list)
    """Called now and then at the end of somebody's request: a few milliseconds each."""
    exports: Mapping[str, Callable[[Any, Session], Any]] = field(default_factory=dict)
    """What the host adds to the export of a person's data, by name."""
    checks: list[Callable[[], None]] = field(default_factory=list)
    """Called once before the first request is served; raise `ConfigurationError`."""
    _services: dict[type, Any] = field(default_factory=dict, repr=False)

    @contextmanager
    def write(self) -> Iterator[Unit]:
        """One short transaction; commits at the end, and rolls back on any error."""
        with self.store.write() as session:
            yield Unit(self, session)

    def run(self, verb: Callable[[Unit], T]) -> T:
        """`verb` in a transaction, once more if the database broke a deadlock at its cost."""
        for again in range(TRIES):
            try:
                with self.write() as unit:
                    return verb(unit)
            except DBAPIError as error:
                if again == TRIES - 1 or not is_deadlock(error):
                    raise
                time.sleep(PAUSE_S * 2**again)
        raise AssertionError("unreachable")

    def read(self) -> AbstractContextManager[sa.Connection]:
        """A connection for reads."""
        return self.store.read()

    def announce(self, event: Event) -> None:
        """Publish in a transaction of its own: a refusal is recorded even though its verb was rolled back."""
        if not self.events.hears(type(event)):
            return
        self.run(lambda unit: unit.publish(event))

    def circumstances(self) -> Circumstances:
        """Who acts now, and from where. Verbs don't ask; listeners may."""
        return circumstances.given() or self.observe()

    def keyed_digest(self, text: str) -> bytes:
        """HMAC-SHA-256 with SECRET_KEY, for what must be found again but not read from a stolen table."""
        return self.keyed_digests(text)[0]

    def keyed_digests(self, text: str) -> list[bytes]:
        """The same, and then what it was under each of SECRET_KEY_FALLBACKS: where to look for what is older."""
        told = text.encode("utf-8", "replace")
        keys = [key if isinstance(key, bytes) else key.encode() for key in self.secret_keys()] or [b""]
        return [hmac.digest(key, told, "sha256") for key in keys]

    def provide(self, service: object, kind: type | None = None) -> None:
        """Keep an object for this app; `service(type)` finds it, by its own type or by `kind`, a class above that."""
        self._services[kind or type(service)] = service

    def service(self, kind: type[T]) -> T:
        """The object that a capability has provided."""
        if kind not in self._services:
            raise ConfigurationError(f"{kind.__name__} is not there: its capability was not started in this app.")
        return cast(T, self._services[kind])
