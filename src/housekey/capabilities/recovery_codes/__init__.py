"""Codes on paper, for whoever has lost the phone."""

from housekey.capabilities.notices.notice import Notice, tell
from housekey.capabilities.recovery_codes import actions, api, events, overview, pages, tables
from housekey.capability import Capability
from housekey.house import House
from housekey.kernel.texts import text as _
from housekey.login import Factor, Kind


def start(house: House) -> None:
    """Mail their use, and that there are new ones; the first come with the notice of the first factor."""
    used = Notice(event=events.RecoveryCodeUsed, name="recovery_code_used", facts=lambda event: {"left": event.left})
    renewed = Notice(
        event=events.RecoveryCodesMade,
        name="recovery_codes_renewed",
        wanted=lambda _house, event, _user: event.renewed,
        raised_version=True,
    )
    tell(house, used)
    tell(house, renewed)


capability = Capability(
    name="recovery_codes",
    tables=tables.define,
    pages=pages.pages,
    api=api.api,
    events=(events.RecoveryCodesMade, events.RecoveryCodeUsed),
    overview=overview.about_codes,
    factor=Factor(
        method=actions.METHOD,
        kind=Kind.POSSESSION,
        label=actions.LABEL,
        ask=_("Type one of your recovery codes for {site}. Each works once."),
        way=_("Use a recovery code"),
        enrolled=actions.enrolled,
        checking=actions.checking,
        forget=actions.forget,
        take=actions.take,
        kept_in=("recovery_code_sets", "recovery_codes"),
        backup=True,
        add="make_recovery_codes",
        add_label=_("Make new recovery codes"),
    ),
    needs=("factors", "notices", "passwords"),
    start=start,
)
