"""Second factors: who has one is asked for it at every login."""

from housekey.capabilities.factors import api, events, overview, pages
from housekey.capabilities.factors.requirement import SecondFactor
from housekey.capabilities.notices.notice import Notice, tell
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
    )
    removed = Notice(
        event=events.FactorRemoved,
        name="factor_removed",
        facts=lambda event: {"factor": label(event.method), "last": event.last},
    )
    for notice in (added, removed, Notice(event=events.FactorsReset, name="factors_reset")):
        tell(house, notice)


capability = Capability(
    name="factors",
    pages=pages.pages,
    api=api.api,
    events=(events.FactorAdded, events.FactorRenamed, events.FactorRemoved, events.FactorsReset),
    requirement=SecondFactor(),
    menu=[MenuItem(label=overview.TITLE, endpoint=overview.ENDPOINT)],
    overview=overview.about_factors,
    needs=("notices",),
    start=start,
)
