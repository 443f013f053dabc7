"""Several users at once: what is to be done, one page to confirm it, and a report of what was done and what wasn't."""

from __future__ import annotations

from typing import Any

from flask import flash
from werkzeug.wrappers import Response

from housekey.capabilities.admin import bulk, finding
from housekey.capabilities.admin.bulk import Result
from housekey.capabilities.admin.inputs import Action, BulkInput, Selected
from housekey.capabilities.roles.actions import MANAGE_USERS
from housekey.kernel.texts import Text
from housekey.kernel.texts import text as _
from housekey.web import refusals
from housekey.web.answers import redirect_to, render
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.routes import Routes, permission

pages = Routes()
ACTIONS: dict[Action, tuple[Text, Text, Text]] = {
    "send_reset_link": (
        _("Send a link to a new password"),
        _("Each gets a mail with a link to choose a new password. Nothing else changes."),
        _("Send the links"),
    ),
    "end_sessions": (
        _("Log out everywhere"),
        _("Each is logged out on every device at once, and can log in again."),
        _("Log them out"),
    ),
    "disable": (
        _("Disable accounts"),
        _("Each is logged out everywhere at once and can't log in until the account is enabled. Nothing is deleted."),
        _("Disable them"),
    ),
    "enable": (
        _("Enable accounts"),
        _("Each can log in again. Old sessions stay ended."),
        _("Enable them"),
    ),
}
"""For each: what it is called, what it does, and what the button says."""
ACTION_NAMES: list[tuple[Action, Text]] = [(action, name) for action, (name, _what, _button) in ACTIONS.items()]


@pages.get("/admin/bulk", access=permission(MANAGE_USERS, fresh=True))
def admin_bulk(query: Selected) -> Response | str:
    """Confirm what is to be done with the users that were selected."""
    users = finding.some(here.house, query.ids)
    if not users or query.action is None:
        flash(str(_("Select at least one user.")), "error")
        return redirect_to("admin_users")
    heading, question, button = ACTIONS[query.action]
    return render(
        "admin/bulk.html", action=query.action, heading=heading, question=question, verb=button,
        users=[_line(user) for user in users],
    )  # fmt: skip


def _line(user: finding.Listed) -> dict[str, Any]:
    facts = user.facts
    return {
        "id": facts.key,
        "name": facts.name,
        "email": facts.email,
        "username": facts.username,
        "disabled_at": facts.disabled_at,
        "frozen_at": facts.frozen_at,
        "locked": user.locked,
    }


@pages.post("/admin/bulk/done", access=permission(MANAGE_USERS, fresh=True))
def change_users(form: BulkInput) -> str:
    """Do it, and report. Sent a second time it does nothing new, so it needs no page of its own to lead to."""
    results = carried_out(form)
    lines = sorted((_result(it) for it in results), key=lambda line: line["refused"] is None)
    done = sum(it.refusal is None for it in results)
    return render("admin/bulk_done.html", heading=ACTIONS[form.action][0], done=done, results=lines)


def carried_out(wanted: BulkInput) -> list[Result]:
    """What either face was asked to do. Who reaches beyond their rights shows in the log, as by a single call."""
    results = bulk.carry_out(here.house, demand().user_id, wanted.action, wanted.ids)
    for refusal in filter(None, (it.refusal for it in results)):
        refusals.note(refusal)
    return results


def _result(it: Result) -> dict[str, Any]:
    return {
        "name": it.user.facts.name if it.user else it.key,
        "email": it.user.facts.email if it.user else None,
        "id": it.user.facts.key if it.user else None,
        "refused": str(it.refusal.text) if it.refusal else None,
    }
