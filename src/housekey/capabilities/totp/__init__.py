"""Six-digit codes from an authenticator app, as a second factor."""

from housekey.capabilities.totp import actions, api, apps, first, pages, tables
from housekey.capabilities.totp.settings import TotpSettings
from housekey.capability import Capability
from housekey.kernel.texts import text as _
from housekey.login import Enrolment, Factor, Kind

capability = Capability(
    name="totp",
    settings=TotpSettings,
    tables=tables.define,
    pages=pages.pages,
    api=api.api,
    factor=Factor(
        method=apps.METHOD,
        kind=Kind.POSSESSION,
        label=_("Authenticator app"),
        ask=_("Open your authenticator app and type the six digits that it shows for {site}."),
        way=_("Use your authenticator app"),
        enrolled=apps.enrolled,
        checking=actions.checking,
        forget=apps.forget,
        take=apps.take,
        kept_in=("authenticator_apps",),
        tells_apart=True,
        enrolment=Enrolment(
            begin=first.begin,
            shown=first.shown,
            template="totp/first.html",
            way=_("Set up an authenticator app"),
            first_code=first.FirstApp,
        ),
        numeric=True,
        add="add_totp",
        add_label=_("Add an authenticator app"),
        rename="rename_totp",
        remove="remove_totp",
    ),
    needs=("factors", "recovery_codes"),
)
