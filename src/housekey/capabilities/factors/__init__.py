"""Second factors: who has one is asked for it at every login."""

from functools import partial

from housekey.capabilities.factors import api, events, overview, pages, resets, tables, trusting, undo
from housekey.capabilities.factors.requirement import SecondFactor
from housekey.capabilities.factors.settings import FactorSettings
from housekey.capabilities.notices.events import AccountFrozen
from housekey.capabilities.notices.notice import Notice, tell
from housekey.capabilities.passwords.events import PasswordChanged
from housekey.capability import Capability, MenuItem
from housekey.house import House
from housekey.kernel.texts import Text


def start(house: House) -> None:
    """Mail what changes how one logs in: by its kind, for a thief may have given it a name (flaw 60)."""

    def label(method: str) -> Text:
        return next(factor.label for factor in house.factors if factor.method == method)

    added = Notice(
        event=events.FactorAdded,
        name="factor_added",
        facts=lambda event: {"factor": label(event.method), "first": event.first},
        raised_version=True,
    )
    removed = Notice(
        event=events.FactorRemoved,
        name="factor_removed",
        facts=lambda event: {"factor": label(event.method), "last": event.last},
        worth=lambda event: event.by != undo.BY,
        raised_version=True,
    )
    begun = Notice(
        event=events.FactorsResetBegun,
        name="factors_reset_begun",
        facts=lambda event: {"takes_effect_at": event.takes_effect_at},
    )
    for notice in (added, removed, begun, Notice(event=events.FactorsReset, name="factors_reset")):
        tell(house, notice)
    undo.listen(house)
    house.trust = trusting.carry
    house.events.on(AccountFrozen, partial(resets.stop_for_frozen, house))
    for change in (AccountFrozen, PasswordChanged):
        house.events.on(change, partial(resets.stop_of_asker, house))
    house.sweepers.append(partial(resets.sweep, house))
    house.small_sweepers.append(partial(resets.sweep_some, house))


capability = Capability(
    name="factors",
    settings=FactorSettings,
    tables=tables.define,
    pages=pages.pages,
    api=api.api,
    events=(
        events.FactorAdded,
        events.FactorRenamed,
        events.FactorRemoved,
        events.FactorPutBack,
        events.FactorsResetBegun,
        events.FactorsResetStopped,
        events.FactorsReset,
        events.DeviceTrusted,
        events.DeviceTrustEnded,
    ),
    requirement=SecondFactor(),
    menu=[MenuItem(label=overview.TITLE, endpoint=overview.ENDPOINT)],
    overview=overview.about_factors,
    needs=("links", "mail", "notices", "passwords", "registration", "roles", "verification"),
    start=start,
)
