"""Inviting as JSON."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from housekey.capabilities.invitations import actions, listing
from housekey.capabilities.invitations.inputs import InviteInput, Listing
from housekey.capabilities.invitations.inviter import INVITE_USERS
from housekey.capabilities.invitations.listing import Invitation
from housekey.capabilities.invitations.pages import open_invitations
from housekey.capabilities.registration.inputs import finish_input
from housekey.capabilities.registration.pages import wanted
from housekey.errors import (
    BeyondOwnRights,
    Busy,
    Conflict,
    InvalidLink,
    NotFound,
    NotLoggedIn,
    TooManyAttempts,
    TooManyInvitations,
)
from housekey.web.client import client
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.outcomes import Answer, answer
from housekey.web.routes import Routes, permission
from housekey.web.shapes import ChallengedShape, Moment, OpenedShape

api = Routes(tag="invitations")


class InviterShape(Struct, kw_only=True):
    """Somebody who has invited somebody."""

    id: Annotated[str, Meta(description="The user's key, as text.")]
    name: str


class InvitationShape(Struct, kw_only=True):
    """An invitation that waits to be used."""

    id: str
    email: str
    roles: list[str]
    inviter: Annotated[InviterShape | None, Meta(description="null: the site's operator.")]
    sent_at: Moment
    expires_at: Moment
    holds: Annotated[
        bool,
        Meta(
            description="False: the one who has sent it may not any more, or has a new password. It opens nothing "
            "until it is sent again."
        ),
    ]


class InvitationPage(Struct, kw_only=True):
    """Open invitations, fifty a page, the latest first."""

    invitations: list[InvitationShape]
    next: Annotated[str | None, Meta(description="Give it as `after` to get the next page; null on the last one.")]


@api.get("/admin/invitations", access=permission(INVITE_USERS), answers={200: InvitationPage})
def list_invitations(query: Listing) -> InvitationPage:
    """List the open invitations: all of them for those who may `users:manage`, else one's own."""
    page = open_invitations(query)
    return InvitationPage(invitations=[_shown(it) for it in page.rows], next=page.next)


@api.post(
    "/admin/invitations",
    access=permission(INVITE_USERS, fresh=True),
    answers={201: InvitationShape},
    errors=[BeyondOwnRights, TooManyInvitations, Conflict],
)
def invite(body: InviteInput) -> tuple[InvitationShape, int]:
    """Mail an invitation. It takes the place of an open one of yours to the same address.

    Whether the address has an account is told (422, `email_taken`) to those who may `users:manage`. For others the
    answer is the same: the owner of the address gets a mail that says so, and no role. 409: nobody could use it, since
    the site can't make accounts by registration; its log says why.
    """
    return _one(actions.invite(here.house, demand().user_id, body.email, body.roles)), 201


@api.post(
    "/admin/invitations/<invitation_id>/send-again",
    access=permission(INVITE_USERS, fresh=True),
    answers={200: InvitationShape},
    errors=[NotFound, BeyondOwnRights, TooManyInvitations],
)
def send_invitation_again(invitation_id: str) -> InvitationShape:
    """Mail an open invitation once more, on your own word, with a new link; the former one opens nothing any more."""
    actions.send_again(here.house, demand().user_id, invitation_id)
    return _one(invitation_id)


@api.delete(
    "/admin/invitations/<invitation_id>",
    access=permission(INVITE_USERS, fresh=True),
    answers={204: None},
    errors=[NotFound, BeyondOwnRights],
)
def withdraw_invitation(invitation_id: str) -> None:
    """Let an open invitation work no more."""
    actions.withdraw(here.house, demand().user_id, invitation_id)


@api.post(
    "/register/invited",
    input=finish_input,
    answers={201: OpenedShape, 202: ChallengedShape},
    errors=[InvalidLink, NotLoggedIn, TooManyAttempts, Busy],
)
def register_invited(body: Any) -> Answer:
    """Make the account of somebody who was invited, by the `token` of the mailed link; also where registration is
    closed."""
    link = actions.opened(here.house, body.token)
    return answer(actions.accept(here.house, client(), link, wanted(body)), status=201)


def _one(invitation_id: str) -> InvitationShape:
    found = listing.one(here.house, invitation_id)
    if found is None:
        raise NotFound()
    return _shown(found)


def _shown(it: Invitation) -> InvitationShape:
    return InvitationShape(
        id=it.id,
        email=it.email,
        roles=list(it.roles),
        inviter=InviterShape(id=it.inviter.key, name=it.inviter.name) if it.inviter else None,
        sent_at=it.sent_at,
        expires_at=it.expires_at,
        holds=it.holds,
    )
