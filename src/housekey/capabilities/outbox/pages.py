"""“Outbox”, for those who look after it."""

from __future__ import annotations

from functools import partial

from flask import flash
from werkzeug.wrappers import Response

from housekey.capabilities.outbox import actions
from housekey.capabilities.outbox.actions import MANAGE_MAIL, Item
from housekey.capabilities.outbox.inputs import Listing
from housekey.kernel.texts import Text
from housekey.kernel.texts import text as _
from housekey.web.answers import redirect_to, render
from housekey.web.here import here
from housekey.web.routes import Routes, permission

pages = Routes()
PAGE = 50
LABELS: dict[str, tuple[Text, str]] = {
    "waiting": (_("Waiting"), "info"),
    "sending": (_("Being sent"), "info"),
    "delivered": (_("Sent"), "good"),
    "failed": (_("Failed"), "bad"),
    "dropped": (_("Dropped"), "warn"),
}


PURPOSES: dict[str, Text] = {
    "registration": _("To finish a registration"),
    "verification": _("To confirm an address"),
    "reset": _("To choose a new password"),
    "username": _("The username"),
    "login": _("To log in"),
    "step_up": _("To confirm who it is"),
    "mailed_code": _("Code to log in"),
    "factor_code": _("Code to set up two-step login"),
    "email_change": _("To confirm a new address"),
    "invitation": _("Invitation"),
    "test": _("Test"),
    "closing": _("The account is being closed"),
    "closed": _("The account is closed"),
    "email_change_requested": _("Another address was asked for"),
    "email_changed": _("The address was changed"),
    "email_added": _("An address was added"),
    "email_removed": _("An address was removed"),
    "password_changed": _("The password was changed"),
    "new_device": _("Login from a new device"),
    "new_country": _("Login from a new country"),
    "locked": _("Failed logins"),
    "refused": _("Many refused logins"),
    "frozen": _("The account is frozen"),
    "factor_added": _("A second step was added"),
    "factor_removed": _("A second step was removed"),
    "factors_reset_begun": _("Two-step login will be reset"),
    "factors_reset": _("Two-step login was reset"),
    "recovery_code_used": _("A recovery code was used"),
    "recovery_codes_renewed": _("New recovery codes"),
    "passkey_copied": _("A passkey may have been copied"),
}
"""What mails are about, in words. A host's own, and a webhook's event, stay the word that they are."""


@pages.get("/admin/outbox", access=permission(MANAGE_MAIL))
def admin_outbox(query: Listing) -> str:
    """What waits to be sent, and what became of it."""
    items, last = page_of(query)
    counts = actions.counts(here.house)
    states = [(state, label, counts[state]) for state, (label, _level) in LABELS.items()]
    return render(
        "outbox/list.html", items=items, next=last, state=query.state, states=states, labels=LABELS, purposes=PURPOSES
    )


def page_of(query: Listing) -> tuple[list[Item], str | None]:
    """One page, and the id to go on from, if there is more."""
    found = actions.listed(here.house, query.state or None, query.before or None, PAGE + 1)
    shown = found[:PAGE]
    return shown, shown[-1].id if len(found) > PAGE else None


@pages.post("/admin/outbox/<item_id>/retry", access=permission(MANAGE_MAIL, fresh=True), again="admin_outbox")
def retry_outbox_item(item_id: str) -> Response:
    """Try one again at once."""
    here.house.run(partial(actions.retry, item_id=item_id))
    flash(str(_("It is being tried again.")), "success")
    return redirect_to("admin_outbox")


@pages.post("/admin/outbox/<item_id>/drop", access=permission(MANAGE_MAIL, fresh=True), again="admin_outbox")
def drop_outbox_item(item_id: str) -> Response:
    """Never send one."""
    here.house.run(partial(actions.drop, item_id=item_id))
    flash(str(_("It won't be sent, and what it said is erased.")), "success")
    return redirect_to("admin_outbox")
