"""What a host declares on its extension object, before or after `init_app`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, overload

import msgspec

from housekey.capabilities.mail.carrier import MailCarrier, Transport
from housekey.errors import ConfigurationError
from housekey.events import Bus, Event
from housekey.house import House
from housekey.web import policies

E = TypeVar("E", bound=Event)
Listener = Callable[[Any, Any], None]


class Declarations:
    """Listeners, policies, fields and functions of the host; each holds for all apps of the object."""

    def __init__(self) -> None:
        self._listeners: list[tuple[type[Event], Listener]] = []
        self._policies: dict[tuple[type, str], Any] = {}
        self._filters: dict[tuple[type, str], Any] = {}
        self._forbidden: Any = None
        self._extra_fields: type[msgspec.Struct] | None = None
        self._transport: Transport | None = None
        self._exports: dict[str, Callable[[Any, Any], Any]] = {}
        self._houses: list[House] = []

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

    def _bus(self) -> Bus:
        bus = Bus()
        for kind, listener in self._listeners:
            bus.on(kind, listener)
        return bus
