"""The verbs of addresses that stand beside the account's own: which one is that, and which are no more."""

from __future__ import annotations

from functools import partial
from typing import Any

from housekey.capabilities.emails import confirming, former, wishes
from housekey.capabilities.emails.confirming import Browser
from housekey.capabilities.emails.events import EmailRemoved
from housekey.capabilities.emails.former import Address
from housekey.errors import InvalidInput, NotFound
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.names import email_key
from housekey.kernel.texts import text as _
from housekey.store.users import UserFacts

PRIMARY = _("This is the account's main address. Make another one that first.")


def make_primary(house: House, user_id: Any, email: str, *, browser: Browser) -> None:
    """Let a further address of a user take the place of the account's own, which stays beside it. All other sessions
    end. Raises `NotFound`."""
    house.run(partial(_make_primary, user_id=user_id, email=email, browser=browser))
    house.store.show_to_host(user_id, {"email": email_key(email)})


def _make_primary(unit: Unit, user_id: Any, email: str, browser: Browser) -> None:
    user = confirming.own(unit, user_id, browser)
    has = former.borne(unit, unit.schema, user)
    wanted = _one_of(has, email)
    if _is_own(user, wanted):
        return
    confirming.rewrite(unit, user, [wanted, *(address for address in has if address != wanted)], browser=browser)
    unit.publish(confirming.changed(user, wanted.email))


def remove(house: House, user_id: Any, email: str, *, browser: Browser) -> None:
    """A further address is the account's no more. All other sessions end. Raises `NotFound`, and `InvalidInput` for the
    account's own."""
    house.run(partial(_remove, user_id=user_id, email=email, browser=browser))


def _remove(unit: Unit, user_id: Any, email: str, browser: Browser) -> None:
    user = confirming.own(unit, user_id, browser)
    has = former.borne(unit, unit.schema, user)
    unwanted = _one_of(has, email)
    if _is_own(user, unwanted):
        raise InvalidInput.of("email", "primary", PRIMARY)
    confirming.rewrite(unit, user, [address for address in has if address != unwanted], browser=browser)
    unit.publish(EmailRemoved(user_id=user.id, email=unwanted.email, at=clock.now()))


def _is_own(user: UserFacts, address: Address) -> bool:
    """Whether it is `User.email`, which a host may have emptied."""
    return wishes.key_of(user) == email_key(address.email)


def _one_of(addresses: list[Address], email: str) -> Address:
    found = next((address for address in addresses if email_key(address.email) == email_key(email)), None)
    if found is None:
        raise NotFound()
    return found


def borne(house: House, user: UserFacts) -> list[Address]:
    """All addresses of a user, the account's own first."""
    with house.read() as connection:
        return former.borne(connection, house.store.schema, user)
