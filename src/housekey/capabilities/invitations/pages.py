"""“Invitations”, and the page that an invitation leads to."""

from __future__ import annotations

from typing import Any

from flask import flash
from werkzeug.wrappers import Response

from housekey.capabilities.admin.rights import Rights
from housekey.capabilities.invitations import actions, listing
from housekey.capabilities.invitations.inputs import InviteInput, Listing
from housekey.capabilities.invitations.inviter import INVITE_USERS
from housekey.capabilities.invitations.listing import Invitation
from housekey.capabilities.passwords.pages import helps
from housekey.capabilities.registration.inputs import finish_form
from housekey.capabilities.registration.pages import asked_for, wanted
from housekey.capabilities.roles import actions as roles
from housekey.capabilities.roles.actions import MANAGE_USERS
from housekey.kernel.texts import text as _
from housekey.login.settings import LoginSettings
from housekey.store.paging import Page
from housekey.web import mailed
from housekey.web.answers import redirect_to, render
from housekey.web.client import client
from housekey.web.going import go_on
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.routes import Routes, permission

pages = Routes()


@pages.get("/admin/invitations", access=permission(INVITE_USERS))
def admin_invitations(query: Listing) -> str:
    """Whom to invite, and who hasn't come yet."""
    identity = demand()
    own = Rights(identity.roles, identity.permissions)
    offered = [role for role in roles.all_roles(here.house) if own.may_hand_out(role.name, role.permissions)]
    page = open_invitations(query)
    return render(
        "invitations/list.html", invitations=page.rows, next=page.next, later=bool(query.after), roles=offered,
        everybodys=MANAGE_USERS in identity.permissions,
    )  # fmt: skip


def open_invitations(query: Listing) -> Page[Invitation]:
    """What either face lists."""
    identity = demand()
    everybodys = MANAGE_USERS in identity.permissions
    return listing.opened_by(here.house, identity.user_id, everybodys=everybodys, after=query.after)


@pages.post("/admin/invitations", access=permission(INVITE_USERS, fresh=True), again="admin_invitations")
def invite(form: InviteInput) -> Response:
    """Mail an invitation."""
    actions.invite(here.house, demand().user_id, form.email, form.roles)
    return _said(_("The invitation to {email} is on its way.", email=form.email.strip()))


@pages.post(
    "/admin/invitations/<invitation_id>/send-again",
    access=permission(INVITE_USERS, fresh=True),
    again="admin_invitations",
)
def send_invitation_again(invitation_id: str) -> Response:
    """Mail it once more."""
    actions.send_again(here.house, demand().user_id, invitation_id)
    return _said(_("The invitation is on its way once more. The link of the former mail works no more."))


@pages.post(
    "/admin/invitations/<invitation_id>/withdraw",
    access=permission(INVITE_USERS, fresh=True),
    again="admin_invitations",
)
def withdraw_invitation(invitation_id: str) -> Response:
    """Let it work no more."""
    actions.withdraw(here.house, demand().user_id, invitation_id)
    return _said(_("The invitation is withdrawn. Its link works no more."))


def _said(sentence: Any) -> Response:
    flash(str(sentence), "success")
    return redirect_to("admin_invitations")


@pages.get("/register/invited")
@mailed.landing(actions.PURPOSE, dead="login")
def register_invited() -> str:
    """Make an account by an invitation: all but the address is asked for."""
    link = actions.opened(here.house, mailed.opened(actions.PURPOSE))
    return render(
        "invitations/accept.html", **asked_for(here.house), **helps(here.house), fixed_email=link.email,
    )  # fmt: skip


@pages.post("/register/invited", input=finish_form, again="register_invited")
@mailed.landing(actions.PURPOSE, dead="login")
def submit_register_invited(form: Any) -> Response:
    """Make the account."""
    link = actions.opened(here.house, mailed.opened(actions.PURPOSE))
    outcome = actions.accept(here.house, client(), link, wanted(form))
    mailed.put_away()
    return go_on(outcome, here.house.settings[LoginSettings].after_url)
