"""Every state of the road: whatever was proved, by whomever, in whatever order, a session opens only if all that the
account and the site ask for was met by proofs of that very person.

The factors are those of the app's own records, so one that is added joins this test by itself. What must hold is said
here once more, apart from the code that judges it.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, combinations, product

import pytest

from housekey import login
from housekey.capabilities.factors.settings import FactorSettings
from housekey.capabilities.stuffing import wall
from housekey.capabilities.verification.settings import VerificationSettings
from housekey.errors import Refused
from housekey.login import Attempt, Client, Enrolled, Kind, Proof, Purpose
from housekey.login.requirements import first_challenge
from housekey.login.road import road
from housekey.store import users
from rig.apps import registered, small_app
from rig.people import house_of, id_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ANN, BOB = "ann@example.test", "bob@example.test"
EMAIL, HOST, BRIDGE = "email", "host", "bridge"
OPEN = "open"


class World:
    """What the records are told of the person: no database, so that a hundred thousand states take seconds."""

    def __init__(self, app, monkeypatch):
        self.house = house_of(app)
        self.has: frozenset[str] = frozenset()
        self.wall = False
        with self.house.read() as connection:
            self.ann = users.by_id(connection, self.house.store.schema, id_of(app, ANN))
            self.bob = users.by_id(connection, self.house.store.schema, id_of(app, BOB))
        self.house.read = lambda: nullcontext(None)
        self.house.factors = [self._told(factor) for factor in self.house.factors]
        self.house.first_factors = [self._told(factor) for factor in self.house.first_factors]
        self.seconds = {factor.method for factor in self.house.factors}
        self.own = {factor.method for factor in self.house.factors if not factor.backup}
        self.firsts = {factor.method for factor in self.house.first_factors}
        self.credentials = {factor.method for factor in self.house.factors if factor.by_credential}
        monkeypatch.setattr(wall, "stands", lambda house: self.wall)

    def _told(self, factor):
        left = 5 if factor.backup else None
        one = Enrolled(id="1", method=factor.method, name="", created_at=NOW, left=left)
        one = replace(one, synced=True) if factor.by_credential else one
        return replace(factor, enrolled=lambda *_about: [one] if factor.method in self.has else [])

    def proofs(self):
        """One by each method, as each kind that it may be of; some of them another person's."""
        kinds = {factor.method: {factor.kind} for factor in (*self.house.first_factors, *self.house.factors)}
        for factor in self.house.factors:
            if factor.by_credential:
                kinds[factor.method] = {Kind.POSSESSION, Kind.VERIFIED}
        known = [(method, kind, self.ann.id) for method, some in kinds.items() for kind in sorted(some)]
        known += [(method, Kind.KNOWLEDGE, self.ann.id) for method in (EMAIL, HOST, BRIDGE)]
        known += [(method, kind, self.bob.id) for method, kind, _ in known if method in (*self.firsts, "otp")]
        return [Proof(whose, method, kind, NOW, EMAIL if method == EMAIL else "") for method, kind, whose in known]

    def begins(self, proofs):
        """A login can begin by all but a code."""
        return not proofs or proofs[0].method not in self.seconds - self.credentials

    def can_be_given(self, proofs):
        """Nobody proves what nobody has."""
        return all(proof.method in self.has or proof.method not in self.seconds | self.firsts for proof in proofs)

    def set(self, group, **values):
        settings = self.house.settings
        settings._groups[group] = replace(settings[group], **values)

    def accounts(self):
        yield None
        yield self.ann
        yield replace(self.ann, disabled_at=NOW)
        yield replace(self.ann, frozen_at=NOW)
        yield replace(self.ann, email_verified_at=None)


def subsets(things):
    return map(frozenset, chain.from_iterable(combinations(sorted(things), n) for n in range(len(things) + 1)))


@pytest.fixture
def world(monkeypatch):
    app = small_app()
    registered(app, ANN)
    registered(app, BOB)
    return World(app, monkeypatch)


def outcome(house, attempt):
    try:
        challenge = first_challenge(house, attempt)
    except Refused:
        return "refused"
    return OPEN if challenge is None else challenge.type


def is_two_factors(proofs, own):
    """A key that has verified its holder, or two channels of which one is a factor of the person's."""
    channels = {proof.channel or proof.method for proof in proofs}
    return any(proof.kind is Kind.VERIFIED for proof in proofs) or (len(channels) > 1 and bool(channels & own))


def what_is_missing(world, attempt, *, required, verified_only):
    """Why no session may open, if anything; worked out from what is asked for, not from how it is judged."""
    user, proofs = attempt.user, attempt.proofs
    if user is None or user.disabled_at or user.frozen_at:
        return "the account isn't usable"
    if not proofs or any(proof.user_id != user.id for proof in proofs):
        return "not this person's proofs"
    if verified_only and user.email_verified_at is None:
        return "the address isn't confirmed"
    shown = {proof.method for proof in proofs}
    if world.wall and attempt.device is None and "pwd" in shown and shown <= {"pwd", HOST}:
        return "a password alone, while masses are tried"
    if not world.has & world.own:
        return "a factor is owed" if required else None
    # there is no other kind to ask for, and nobody asks for two
    key_alone = proofs[0].method in world.credentials and not world.firsts & world.has and not required
    if not is_two_factors(proofs, world.has & world.seconds) and not key_alone:
        return "one factor, and the account has two"
    return None


def test_no_state_of_the_road_opens_a_session_that_lacks_something(world):
    sequences = [
        steps for length in range(3) for steps in product(world.proofs(), repeat=length) if world.begins(steps)
    ]
    seen, opened_by = {}, set()
    for required, verified_only in product((False, True), repeat=2):
        world.set(FactorSettings, required_for="everybody" if required else "nobody")
        world.set(VerificationSettings, required=verified_only)
        for has, stands in product(list(subsets(world.seconds | world.firsts)), (False, True)):
            world.has, world.wall = has, stands
            given = [proofs for proofs in sequences if world.can_be_given(proofs)]
            for account, device, proofs in product(world.accounts(), (None, "known"), given):
                attempt = Attempt(Purpose.LOGIN, Client(), account, proofs=proofs, device=device)
                found = outcome(world.house, attempt)
                seen[found] = seen.get(found, 0) + 1
                if found == OPEN:
                    missing = what_is_missing(world, attempt, required=required, verified_only=verified_only)
                    assert missing is None, (missing, proofs, world.has, account, device)
                    opened_by |= {proof.method for proof in proofs}
    challenges = {challenge for step in road(world.house).steps for challenge in step.challenges}
    assert set(seen) == challenges | {OPEN, "refused"}, "the walk comes through every state that the road has"
    assert opened_by >= world.seconds | world.firsts, "every factor opens a session somewhere"
    assert sum(seen.values()) > 10_000


def test_a_proof_more_of_the_same_person_never_closes_what_was_open(world):
    """No order and no repeat of proofs is better than another: what was enough stays enough."""
    own = [proof for proof in world.proofs() if proof.user_id == world.ann.id]
    for has in list(subsets(world.seconds)):
        world.has = has
        for first, second in product(own, repeat=2):
            attempt = Attempt(Purpose.LOGIN, Client(), world.ann, proofs=(first, second))
            again = replace(attempt, proofs=(first, second, second))
            assert outcome(world.house, attempt) == outcome(world.house, again)


def test_the_road_says_what_leads_where(world):
    told = road(world.house)
    names = set(told.states)
    assert all({move.start, move.end} <= names for move in told.moves)
    assert {move.end for move in told.moves if move.start == "open"} == set(), "a session is the end of the road"
    assert [move.by for move in told.moves if move.end == "open"] == [
        "all requirements hold, and the account is unchanged"
    ]
    assert [step.name for step in told.steps][:2] == ["account_usable", "host_lets_in"]
    assert all(step.doc for step in told.steps)
    assert {way.method for way in told.ways} == world.seconds | world.firsts


def test_only_complete_is_a_session():
    assert login.Complete in login.Outcome.__args__
    assert len(login.Outcome.__args__) == 2
