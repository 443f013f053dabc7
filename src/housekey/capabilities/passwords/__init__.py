"""Passwords: what they must be, how they are kept, and how they are changed."""

from dataclasses import replace
from functools import partial

from housekey.capabilities.passwords import actions, api, first, host, legacy, overview, pages, tables
from housekey.capabilities.passwords.actions import Vault
from housekey.capabilities.passwords.events import PasswordChanged
from housekey.capabilities.passwords.hashing import Hasher
from housekey.capabilities.passwords.pool import HashPool
from housekey.capabilities.passwords.settings import PasswordSettings
from housekey.capability import Capability, MenuItem
from housekey.house import House
from housekey.kernel.texts import text as _
from housekey.login import Enrolment, Factor, Kind


def start(house: House) -> None:
    """Make the hasher and its pool."""
    settings = house.settings[PasswordSettings]
    house.provide(Vault(Hasher.of(settings), HashPool.of(settings)))
    if settings.legacy_column is not None:
        known = partial(actions.enrolled, legacy_column=settings.legacy_column)
        house.first_factors = [
            replace(factor, enrolled=known) if factor.method == actions.METHOD else factor
            for factor in house.first_factors
        ]
    house.checks.append(lambda: host.refuse_test_hashes(settings))
    house.checks.append(lambda: legacy.check_column(house))


host.install()

capability = Capability(
    name="passwords",
    settings=PasswordSettings,
    tables=tables.define,
    pages=pages.pages,
    api=api.api,
    events=(PasswordChanged,),
    first_factor=Factor(
        method=actions.METHOD,
        kind=Kind.KNOWLEDGE,
        label=overview.TITLE,
        ask=_("Your passkey didn't check who holds it. Give your password for {site}, too."),
        way=_("Use your password"),
        enrolled=actions.enrolled,
        checking=actions.checking,
        forget=lambda _unit, _user_id: 0,
        enrolment=Enrolment(
            begin=first.begin,
            shown=first.shown,
            template="passwords/first.html",
            way=_("Choose a password"),
            first_code=first.FirstPassword,
            wrong=actions.TRIES,
        ),
        secret=True,
        wrong=actions.WRONG,
    ),
    menu=[MenuItem(label=_("Password"), endpoint="housekey.password")],
    overview=overview.about_password,
    start=start,
)
