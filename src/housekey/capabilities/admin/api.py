"""Managing users as JSON."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from housekey.capabilities.admin import finding
from housekey.capabilities.admin.finding import Listed
from housekey.capabilities.admin.inputs import Search, UserChange
from housekey.capabilities.admin.pages import carry_out, sessions_of, wanted_user
from housekey.capabilities.emails import actions as emails
from housekey.capabilities.roles.actions import MANAGE_USERS
from housekey.errors import BeyondOwnRights, LastManager, NotFound, OwnAccount
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.routes import Routes, permission
from housekey.web.shapes import Moment, SessionShape, session_shape

api = Routes(tag="admin")


class ManagedUser(Struct, kw_only=True):
    """A user, as those see it who manage users."""

    id: Annotated[str, Meta(description="The user's key, as text.")]
    name: str
    email: str | None
    username: str | None
    roles: list[str]
    disabled_at: Annotated[Moment, Meta(description="Since when nobody can log in to the account.")] | None
    frozen_at: Annotated[Moment, Meta(description="Since when its owner has frozen it.")] | None
    created_at: Moment | None
    last_login_at: Moment | None


class ManagedUserInFull(ManagedUser, kw_only=True):
    """The same, and where the user is logged in."""

    email_verified_at: Moment | None
    pending_email: Annotated[str, Meta(description="The address that waits to take its place.")] | None
    sessions: list[SessionShape]


class UserPage(Struct, kw_only=True):
    """Users, fifty a page, the latest first."""

    users: list[ManagedUser]
    total: Annotated[int, Meta(description="How many there are on all pages.")]
    page: int
    pages: int


@api.get("/admin/users", access=permission(MANAGE_USERS), answers={200: UserPage})
def admin_users(query: Search) -> UserPage:
    """Find users by a part of their name, username or address."""
    found = finding.find(here.house, query.query, query.page)
    return UserPage(users=[_shown(user) for user in found.users], total=found.total, page=found.page, pages=found.pages)


@api.get("/admin/users/<user_id>", access=permission(MANAGE_USERS), answers={200: ManagedUserInFull}, errors=[NotFound])
def admin_user(user_id: str) -> ManagedUserInFull:
    """One user, and where that user is logged in."""
    return _in_full(wanted_user(user_id))


@api.patch(
    "/admin/users/<user_id>",
    access=permission(MANAGE_USERS, fresh=True),
    answers={200: ManagedUserInFull},
    errors=[NotFound, OwnAccount, LastManager, BeyondOwnRights],
)
def change_user(user_id: str, body: UserChange) -> ManagedUserInFull:
    """Disable or enable a user, lift a freeze, and set the user's roles.

    Disabling ends all the user's sessions at once. Nobody gives, takes or touches more than they may do themselves,
    and somebody who can manage users always remains.
    """
    carry_out(wanted_user(user_id), body)
    return _in_full(wanted_user(user_id))


def _shown(user: Listed) -> ManagedUser:
    facts = user.facts
    return ManagedUser(
        id=facts.key,
        name=facts.name,
        email=facts.email,
        username=facts.username,
        roles=list(user.roles),
        disabled_at=facts.disabled_at,
        frozen_at=facts.frozen_at,
        created_at=facts.created_at,
        last_login_at=facts.last_login_at,
    )


def _in_full(user: Listed) -> ManagedUserInFull:
    shown, here_now, waiting = _shown(user), demand().session_id, emails.pending(here.house, user.facts)
    return ManagedUserInFull(
        **{name: getattr(shown, name) for name in shown.__struct_fields__},
        email_verified_at=user.facts.email_verified_at,
        pending_email=waiting.email if waiting else None,
        sessions=[session_shape(session, here_now) for session in sessions_of(user)],
    )
