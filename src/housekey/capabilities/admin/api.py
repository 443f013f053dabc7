"""Managing users as JSON."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from housekey.capabilities.admin import actions, finding
from housekey.capabilities.admin.bulk import Result
from housekey.capabilities.admin.bulk_pages import carried_out
from housekey.capabilities.admin.finding import Listed
from housekey.capabilities.admin.inputs import BulkInput, Search, UserChange
from housekey.capabilities.admin.pages import carry_out, exported_user, reset_at, sessions_of, wanted_user
from housekey.capabilities.emails import wishes
from housekey.capabilities.leaving.api import ExportShape, export_shape
from housekey.capabilities.roles.actions import MANAGE_USERS
from housekey.errors import BeyondOwnRights, Conflict, LastManager, NotFound, OwnAccount
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
    closing_at: Annotated[Moment, Meta(description="When it is erased, unless it is kept.")] | None
    locked: Annotated[bool, Meta(description="Whether failed logins lock the account now, in some browser.")]
    email_verified_at: Annotated[Moment, Meta(description="When the address was confirmed.")] | None
    created_at: Moment | None
    last_login_at: Moment | None


class ManagedUserInFull(ManagedUser, kw_only=True):
    """The same, and where the user is logged in."""

    email_verified_at: Moment | None
    pending_email: Annotated[str, Meta(description="The address that waits to take its place.")] | None
    factors_reset_at: Annotated[Moment, Meta(description="When all second factors go, unless it is stopped.")] | None
    sessions: list[SessionShape]


class UserPage(Struct, kw_only=True):
    """Users, fifty a page."""

    users: list[ManagedUser]
    total: Annotated[int, Meta(description="How many fit on all pages; 1001 stands for more than a thousand.")]
    next: Annotated[str | None, Meta(description="Give it as `after` to get the next page; null on the last one.")]


@api.get("/admin/users", access=permission(MANAGE_USERS), answers={200: UserPage})
def admin_users(query: Search) -> UserPage:
    """Find users by a part of their name, username or address, by their state and by a role of theirs."""
    page = finding.find(here.house, query)
    total = finding.total(here.house, query, page)
    return UserPage(users=[_shown(it) for it in page.rows], total=total, next=page.next)


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
    """Disable or enable a user, lift a freeze, close or keep the account, and set the user's roles.

    Disabling and closing end all the user's sessions at once; a closing account can be kept for some days, also by the
    user, unless it is disabled as well. Nobody gives, takes or touches more than they may do themselves,
    and somebody who can manage users always remains.
    """
    user = wanted_user(user_id)
    carry_out(user, body)
    return _in_full(finding.one(here.house, user_id) or user)  # where the site gives no time, a closed account is gone


@api.get(
    "/admin/users/<user_id>/export",
    access=permission(MANAGE_USERS, fresh=True),
    answers={200: ExportShape},
    errors=[NotFound, BeyondOwnRights],
)
def export_user(user_id: str) -> ExportShape:
    """Everything that is known of a user. That somebody has asked is kept in the user's history."""
    return export_shape(exported_user(user_id))


@api.delete(
    "/admin/users/<user_id>/sessions",
    access=permission(MANAGE_USERS, fresh=True),
    answers={204: None},
    errors=[NotFound, OwnAccount, BeyondOwnRights],
)
def end_user_sessions(user_id: str) -> None:
    """Log a user out everywhere."""
    actions.end_sessions(here.house, demand().user_id, wanted_user(user_id).facts.id)


@api.post(
    "/admin/users/<user_id>/reset-link",
    access=permission(MANAGE_USERS, fresh=True),
    answers={202: None},
    errors=[NotFound, BeyondOwnRights, Conflict],
)
def send_reset_link(user_id: str) -> None:
    """Mail a user the link to a new password. 409: nobody can log in to the account as it is, it has no address, or one
    was sent a moment ago."""
    actions.send_reset_link(here.house, demand().user_id, wanted_user(user_id).facts.id)


class WaitingReset(Struct, kw_only=True):
    """A reset of second factors that the user can still stop."""

    takes_effect_at: Moment


@api.delete(
    "/admin/users/<user_id>/factors",
    access=permission(MANAGE_USERS, fresh=True),
    answers={204: None, 202: WaitingReset},
    errors=[NotFound, OwnAccount, BeyondOwnRights, Conflict],
)
def reset_user_factors(user_id: str) -> tuple[WaitingReset, int] | None:
    """Take all second factors of a user who has lost them, and end the user's sessions. 202: where the site gives the
    user time to stop it, it takes effect later. 409: there is none, or a reset waits already."""
    due_at = actions.reset_factors(here.house, demand().user_id, wanted_user(user_id).facts.id)
    return None if due_at is None else (WaitingReset(takes_effect_at=due_at), 202)


@api.delete(
    "/admin/users/<user_id>/factors/reset",
    access=permission(MANAGE_USERS, fresh=True),
    answers={204: None},
    errors=[NotFound, OwnAccount, BeyondOwnRights, Conflict],
)
def keep_user_factors(user_id: str) -> None:
    """Stop a reset of a user's second factors that waits. 409: none does."""
    actions.stop_reset(here.house, demand().user_id, wanted_user(user_id).facts.id)


class BulkRefusal(Struct, kw_only=True):
    """Why it wasn't done, as the single call would have said."""

    code: Annotated[str, Meta(examples=["beyond_own_rights"])]
    title: str


class BulkResult(Struct, kw_only=True):
    """What became of one user."""

    id: str
    refusal: Annotated[BulkRefusal | None, Meta(description="null: it was done.")]


class BulkAnswer(Struct, kw_only=True):
    """What became of each, in the order in which they were named."""

    results: list[BulkResult]


@api.post("/admin/bulk", access=permission(MANAGE_USERS, fresh=True), answers={200: BulkAnswer})
def change_users(body: BulkInput) -> BulkAnswer:
    """Do the same for up to a hundred users: each by itself, so that what is refused for one is done for the others."""
    return BulkAnswer(results=[BulkResult(id=it.key, refusal=_refusal(it)) for it in carried_out(body)])


def _refusal(result: Result) -> BulkRefusal | None:
    return BulkRefusal(code=result.refusal.code, title=str(result.refusal.text)) if result.refusal else None


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
        closing_at=facts.closing_at,
        locked=user.locked,
        email_verified_at=facts.email_verified_at,
        created_at=facts.created_at,
        last_login_at=facts.last_login_at,
    )


def _in_full(user: Listed) -> ManagedUserInFull:
    shown, here_now, waiting = _shown(user), demand().session_id, wishes.pending(here.house, user.facts)
    return ManagedUserInFull(
        **{name: getattr(shown, name) for name in shown.__struct_fields__},
        pending_email=waiting.email if waiting else None,
        factors_reset_at=reset_at(user),
        sessions=[session_shape(session, here_now) for session in sessions_of(user)],
    )
