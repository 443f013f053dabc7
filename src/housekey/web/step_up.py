"""How recently, and how strongly, a person must have proved who they are; and what those are told who haven't."""

from __future__ import annotations

from datetime import timedelta

from housekey.errors import ConfigurationError, NotLoggedIn, ReauthenticationRequired, SecondFactorMissing
from housekey.login.factors import reachable_level
from housekey.login.settings import SessionSettings
from housekey.web.here import here
from housekey.web.identity import Identity

LEVELS = (1, 2)
"""NIST SP 800-63B-4's third level is not claimed here, so a view that asked for it would open to nobody."""
MaxAge = int | timedelta | None


def seconds(max_age: MaxAge) -> int | None:
    """As OpenID Connect's `max_age`: how long ago the last proof may be. Raises `ConfigurationError` for less than a
    second: whoever comes back from proving would be sent to prove again, for ever."""
    given = int(max_age.total_seconds()) if isinstance(max_age, timedelta) else max_age
    if given is not None and given < 1:
        raise ConfigurationError("max_age is in seconds, at least 1: @fresh_login_required(max_age=300).")
    return given


def level(asked: int) -> int:
    """An assurance level that somebody can reach. Raises `ConfigurationError` for another."""
    if asked not in LEVELS:
        raise ConfigurationError(f"There are the levels 1 and 2, not {asked!r}: @require_aal(2).")
    return asked


def demand_fresh(identity: Identity, max_age: int | None = None) -> None:
    """Raises `ReauthenticationRequired` if the last proof is older."""
    if not identity.is_fresh(max_age):
        raise _again(identity, None, max_age)


def demand_level(identity: Identity, aal: int, max_age: int | None = None) -> None:
    """Raises `ReauthenticationRequired`, or `SecondFactorMissing` for whom proving again wouldn't help."""
    if identity.session is None:
        raise NotLoggedIn()  # named by a host's request_loader: nobody knows how that was proved
    if identity.aal < aal:
        if reachable_level(here.house, identity.user_id) < aal:
            raise SecondFactorMissing()
        raise _again(identity, aal, max_age)
    if max_age is not None and not identity.is_fresh(max_age):
        raise _again(identity, aal, max_age)


def demand_reachable(identity: Identity) -> None:
    """Raises `ReauthenticationRequired` unless the session has the level that the account can reach: what a password
    alone opened must not take a second factor away."""
    level = reachable_level(here.house, identity.user_id)
    if identity.aal < level:
        raise _again(identity, level, None)


def _again(identity: Identity, aal: int | None, max_age: int | None) -> ReauthenticationRequired:
    house = here.house
    default = None if aal is not None else int(house.settings[SessionSettings].fresh_for.total_seconds())
    methods = house.ways(house, identity.user_id, aal or 1) if identity.session is not None else ()
    return ReauthenticationRequired(max_age=default if max_age is None else max_age, aal=aal, methods=methods)
