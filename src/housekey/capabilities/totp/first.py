"""An authenticator app as the first factor, set up inside a login."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from housekey.capabilities.factors import actions as factors
from housekey.capabilities.recovery_codes.actions import keep, prepare
from housekey.capabilities.recovery_codes.codes import NewSet
from housekey.capabilities.totp import actions, apps, codes, pages
from housekey.capabilities.totp.actions import Beginning
from housekey.capabilities.totp.settings import TotpSettings
from housekey.errors import InvalidCredentials, LoginExpired, NotFound
from housekey.house import House, Unit
from housekey.kernel import clock, tokens
from housekey.login import Attempt, Given, Kind, Proof
from housekey.store import users


def begin(unit: Unit, attempt: Attempt) -> None:
    """Make a seed for this parked login alone: another one, of a thief say, can neither read nor confirm it."""
    assert attempt.user is not None  # parked
    users.lock(unit.session, unit.schema, attempt.user.id)
    actions.keep_beginning(unit, attempt.user.id, Beginning(id_for(attempt), codes.new_seed()))


def id_for(attempt: Attempt) -> str:
    """The name of the app that belongs to a parked login; known to who holds its token, and not kept in clear."""
    digest = tokens.digest(f"totp|{attempt.token}")
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def _begun(house: House, attempt: Attempt) -> Beginning:
    """Raises `LoginExpired` if another login of the same person has begun one since."""
    try:
        return actions.beginning(house, attempt.user.id if attempt.user else None, id_for(attempt))
    except NotFound:
        raise LoginExpired() from None


def shown(house: House, attempt: Attempt) -> Mapping[str, Any]:
    """The key in its three forms."""
    begun = _begun(house, attempt)
    account = (attempt.user.email or attempt.user.username or attempt.user.name) if attempt.user else ""
    uri = pages.address_for(begun, account)
    return {"secret": codes.as_text(begun.seed), "uri": uri, "qr_svg": codes.picture(uri)}


class FirstApp:
    """The first code of it."""

    def __init__(self, house: House, _attempt: Attempt, given: Given) -> None:
        self._house, self._typed = house, given.code.reveal() if given.code else ""
        self._step = 0
        self._new: NewSet | None = None

    def __call__(self, attempt: Attempt) -> Proof:
        moment, drift = clock.now(), self._house.settings[TotpSettings].drift_steps
        begun = _begun(self._house, attempt)
        step = codes.matching_step(begun.seed, self._typed, moment, drift)
        if step is None or attempt.user is None:
            raise InvalidCredentials()
        self._step, self._new = step, prepare(self._house, attempt.client.network)
        return Proof(attempt.user.id, apps.METHOD, Kind.POSSESSION, moment)

    def enrol(self, unit: Unit, attempt: Attempt, name: str) -> Sequence[str]:
        """Of two parallel ones one wins: the other finds the account changed."""
        assert attempt.user is not None  # proved
        assert self._new is not None
        app = actions.named(id_for(attempt), name, clock.now())
        write = partial(actions.enrol, unit, attempt.user.id, app, self._step)
        try:
            factors.add_on_the_way_in(unit, attempt, app, write)
        except NotFound:  # another login of the same person has begun one in this moment
            raise LoginExpired() from None
        keep(unit, attempt.user.id, self._new)
        return self._new.codes
