"""Bringing people in by mail, also where registration is closed."""

from housekey.capabilities.invitations import api, events, pages
from housekey.capabilities.invitations.inviter import INVITE_USERS
from housekey.capabilities.invitations.settings import InvitationSettings
from housekey.capability import Capability, MenuItem
from housekey.kernel.texts import text as _

capability = Capability(
    name="invitations",
    settings=InvitationSettings,
    pages=pages.pages,
    api=api.api,
    events=(events.InvitationSent, events.InvitationWithdrawn, events.InvitationAccepted),
    menu=[MenuItem(label=_("Invitations"), endpoint="housekey.admin_invitations", permission=INVITE_USERS)],
    permissions=[(INVITE_USERS, "Invite people by mail, with roles that one could give them as well.")],
    needs=("admin", "links", "mail", "passwords", "registration", "roles", "throttling"),
)
