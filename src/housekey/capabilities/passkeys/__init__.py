"""Passkeys and security keys: to log in with, as a second factor, and instead of a password."""

from housekey.capabilities.factors import actions as factors
from housekey.capabilities.factors import removed
from housekey.capabilities.notices.notice import Notice, tell
from housekey.capabilities.passkeys import adding, api, events, first, kept, pages, proving, registering, site, tables
from housekey.capabilities.passkeys.settings import PasskeySettings
from housekey.capabilities.passwords.events import PasswordChanged
from housekey.capabilities.registration.brought import Keepers
from housekey.capability import Capability
from housekey.house import House, Unit
from housekey.kernel.texts import text as _
from housekey.login import Enrolment, Factor, Kind


def start(house: House) -> None:
    """Say who the site is to authenticators, mail of copies, and let nothing of a stranger's outlive a takeover."""
    house.provide(site.party(house))
    house.service(Keepers).by_method[kept.METHOD] = registering.keep
    tell(house, Notice(event=events.PasskeyCopySuspected, name="passkey_copied", once_in=proving.TOLD_ONCE_IN))

    def taken_over(event: PasswordChanged, session: object) -> None:
        if event.by == "takeover":  # whoever began the account may not be its owner (flaw 27)
            unit = Unit(house, session)  # type: ignore[arg-type]
            kept.forget(unit, event.user_id)
            factors.forget_rest(unit, event.user_id)
            removed.forget(unit, event.user_id)

    house.events.on(PasswordChanged, taken_over)


capability = Capability(
    name="passkeys",
    settings=PasskeySettings,
    tables=tables.define,
    pages=pages.pages,
    api=api.api,
    events=(events.PasskeyCopySuspected,),
    factor=Factor(
        method=kept.METHOD,
        kind=Kind.POSSESSION,
        label=_("Passkey or security key"),
        ask=_("Use your passkey or security key for {site}."),
        way=_("Use your passkey"),
        enrolled=kept.enrolled,
        checking=proving.checking,
        forget=kept.forget,
        take=kept.take,
        kept_in=("passkeys",),
        tells_apart=True,
        enrolment=Enrolment(
            begin=first.begin,
            shown=first.shown,
            template="passkeys/first.html",
            way=_("Set up a passkey"),
            first_code=first.FirstPasskey,
            wrong=adding.NOT_ADDED,
        ),
        by_credential=True,
        options="second_step_options",
        signals="passkey_signals",
        wrong=proving.WRONG,
        add="begin_passkey",
        add_label=_("Add a passkey"),
        register="register_passkey",
        rename="rename_passkey",
        remove="remove_passkey",
        is_offered=site.is_offered,
    ),
    well_known={"passkey-endpoints": pages.passkey_endpoints, "webauthn": pages.related_origins},
    needs=("factors", "mail", "mailed_login", "notices", "passwords", "recovery_codes", "registration", "reopening"),
    start=start,
)
