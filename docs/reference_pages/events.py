"""Every event of every capability."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator

from housekey import Capability
from housekey.capabilities import CAPABILITIES
from housekey.capabilities.webhooks import messages
from housekey.capabilities.webhooks.names import name_of
from housekey.events import Event
from reference_pages.markdown import code, page, table


def events_page() -> str:
    intro = (
        "What happens, as classes. `@accounts.on(UserRegistered)` calls a function with `(event, session)`: the "
        "session of the same transaction, so that your rows commit or fail with the change. An event that ends "
        "something can't be undone by an error in a listener. Times are UTC."
    )
    return page("Events", intro, [part for c in CAPABILITIES if c.events for part in _events_of(c)])


def _sent(event: type[Event]) -> str:
    sent = messages.sent_of(event, [f.name for f in dataclasses.fields(event)])
    return f" with {', '.join(map(code, sent))}" if sent else ""


def _events_of(capability: Capability) -> Iterator[str]:
    yield f"## {capability.name.capitalize()}"
    for event in capability.events:
        yield f"### `{event.__name__}`"
        yield (inspect.getdoc(event) or "") + (" *Ends something.*" if event.ends else "")
        yield f"`from {event.__module__} import {event.__name__}`"
        yield f"As a webhook: `{name_of(event)}`{_sent(event)}."
        yield table(("Field", "Type"), [(code(f.name), code(str(f.type))) for f in dataclasses.fields(event)])
