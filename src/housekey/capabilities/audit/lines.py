"""One line of the server's log for each event, once its transaction is committed. `housekey.logs` makes JSON of it."""

from __future__ import annotations

import json
import logging
import re

from housekey.capabilities.audit.entries import Entry

log = logging.getLogger("housekey.events")
NAMES = ("outcome", "reason", "actor_kind", "actor", "subject", "session", "address")
_WORD = re.compile(r"[\w.:/@+-]+", re.ASCII)


def tell(entry: Entry) -> None:
    """What the entry holds, but for its personal part: nobody erases a person from a file."""
    about = {name: value for name in NAMES if (value := getattr(entry, name))}
    words = " ".join(f"{name}={_word(value)}" for name, value in about.items())
    extra = {"event": entry.event, "owasp": entry.owasp, **about, "details": json.loads(entry.details)}
    log.info("%s %s %s", entry.event, words, entry.details, extra=extra)


def _word(value: str) -> str:
    """Quoted unless it is one plain word: an address that a stranger chose begins no new line and no new field
    (flaw 60)."""
    return value if _WORD.fullmatch(value) else json.dumps(value)
