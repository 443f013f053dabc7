"""Writing: each process holds a few chains, one for each transaction that is under way, and continues them.

Nobody waits for a common row: a chain belongs to one transaction until that has ended, and then to the next. The
process knows where its chains end, so an entry costs two statements and no read. If it is wrong, because the last
transaction was rolled back, the first of the two statements changes no row; then the end is read again.
"""

from __future__ import annotations

import os
import weakref
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from threading import Lock
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from housekey.capabilities.audit import segments
from housekey.capabilities.audit.entries import Entry
from housekey.capabilities.audit.keys import Key, keys_of
from housekey.capabilities.audit.retention import give_up_some
from housekey.capabilities.audit.segments import End
from housekey.house import House, Unit
from housekey.kernel import clock

SEGMENT_FOR = timedelta(days=1)
"""How long a chain is continued: what is kept, is kept by whole segments."""


@dataclass(eq=False)
class Chain:
    """A segment that this process continues, and the transaction that does so now."""

    key: Key
    end: End
    kept: End
    """The furthest end that was committed: nothing takes a chain back behind it."""
    session: weakref.ref[Session] | None = None
    transaction: weakref.ref[Any] | None = None

    def take(self, session: Session) -> None:
        self.session = weakref.ref(session)
        self.transaction = weakref.ref(session.get_transaction() or session.begin())

    def keep(self, end: End) -> None:
        if end.position > self.kept.position:
            self.kept = end

    def belongs_to(self, session: Session) -> bool:
        return self.session is not None and self.session() is session and self._is_under_way(session)

    def is_free(self) -> bool:
        session = self.session() if self.session is not None else None
        return session is None or not self._is_under_way(session)

    def _is_under_way(self, session: Session) -> bool:
        transaction = self.transaction() if self.transaction is not None else None
        return transaction is not None and session.get_transaction() is transaction


class Chains:
    """The chains of one process, for one app."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._lock = Lock()
        self._chains: list[Chain] = []
        self._latest = segments.REGISTER
        """The highest number of a segment that this process has committed: no register takes it back."""
        _EVERY.add(self)

    def append(self, unit: Unit, entry: Entry) -> None:
        """Write an entry in the transaction of `unit`."""
        chain = self._free_chain(unit.session)
        if chain is not None and (_continued(unit, chain, entry) or _caught_up(unit, chain, entry)):
            return
        if chain is not None:
            self._drop(chain)
        chain = self._begun(unit)
        if not _continued(unit, chain, entry):
            raise RuntimeError("a segment of the audit log changed under the hands of the one who has just begun it")

    def _free_chain(self, session: Session) -> Chain | None:
        """The one that this transaction has, or one that nobody has."""
        with self._lock:
            mine = next((chain for chain in self._chains if chain.belongs_to(session)), None)
            found = mine or next((chain for chain in self._chains if chain.is_free()), None)
            if found is not None:
                found.take(session)
        if found is not None and clock.now() - found.end.started_at >= SEGMENT_FOR:
            self._drop(found)
            return None
        return found

    def _begin_anew(self) -> None:
        """A forked process has the memory of the one that it came from, which goes on writing; and its lock, which a
        thread may have held that is gone here."""
        self._lock, self._chains = Lock(), []

    def _drop(self, chain: Chain) -> None:
        with self._lock:
            self._note_latest()
            if chain in self._chains:
                self._chains.remove(chain)

    def _note_latest(self) -> None:
        written = [chain.kept.number for chain in self._chains if chain.kept.position]
        self._latest = max([self._latest, *written])

    def _begun(self, unit: Unit) -> Chain:
        keys = keys_of(self._house)
        give_up_some(unit)  # for apps whose operator never sweeps
        with self._lock:
            self._note_latest()
        begun = segments.begin(unit, keys, self._latest)
        chain = Chain(keys[0], begun, begun)
        chain.take(unit.session)
        with self._lock:
            self._chains.append(chain)
        return chain


_EVERY: weakref.WeakSet[Chains] = weakref.WeakSet()


def _begin_all_anew() -> None:
    for chains in _EVERY:
        chains._begin_anew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_all_anew)


def _continued(unit: Unit, chain: Chain, entry: Entry, standing: End | None = None) -> bool:
    """Move the end of the chain on, then write the entry; False if the chain ends elsewhere. `standing`: the end that
    the segment's row names, if that isn't the chain's."""
    before = chain.end
    position = before.position + 1
    mac = chain.key.mac(entry.content(before.number, position, before.head))
    after = before.moved(position, mac, entry.at)
    if not segments.move(unit, chain.key, standing or before, after):
        return False
    row = {**entry.row(), "segment": before.number, "position": position, "mac": mac}
    unit.execute(sa.insert(unit.tables["audit_entries"]), row)
    chain.end = after
    unit.after_commit(partial(chain.keep, after))
    return True


def _caught_up(unit: Unit, chain: Chain, entry: Entry) -> bool:
    """Once more from where the chain really ends. One that bears a seal which isn't ours is left as it is: to go on
    with it would be to sign what somebody else has changed. An end of ours that somebody has put back is passed over:
    what they have cut off behind it is missing then."""
    found = segments.read(unit, chain.end.number)
    if found is None or found.swept_at is not None or not segments.is_sealed(found, [chain.key]):
        return False
    chain.end = chain.kept if found.end.position < chain.kept.position else found.end
    return _continued(unit, chain, entry, found.end)
