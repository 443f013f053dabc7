"""“Users”, and one of them. What is done with several at once stands in `bulk_pages`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import flash
from msgspec import UNSET
from werkzeug.wrappers import Response

from housekey.capabilities.admin import actions, finding
from housekey.capabilities.admin.bulk_pages import ACTION_NAMES, pages
from housekey.capabilities.admin.finding import Listed
from housekey.capabilities.admin.inputs import Search, Sort, State, UserChange
from housekey.capabilities.admin.rights import Rights
from housekey.capabilities.audit import history as audit
from housekey.capabilities.audit.pages import READ_AUDIT, names_of, row_of
from housekey.capabilities.audit.reading import Filter
from housekey.capabilities.emails import wishes
from housekey.capabilities.factors import actions as factors
from housekey.capabilities.factors import resets
from housekey.capabilities.leaving.exporting import Export
from housekey.capabilities.leaving.pages import download
from housekey.capabilities.roles import actions as roles
from housekey.capabilities.roles.actions import MANAGE_USERS
from housekey.errors import NotFound
from housekey.kernel.texts import Text
from housekey.kernel.texts import text as _
from housekey.store import sessions
from housekey.store.sessions import SessionFacts
from housekey.web.answers import redirect_to, render
from housekey.web.cards import session_card
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.profiles import profile_of
from housekey.web.routes import permission

__all__ = ["pages"]
LATEST = 10
"""Entries of the log on a user's page."""
STATE_NAMES: dict[State, Text] = {
    "active": _("Active"),
    "disabled": _("Disabled"),
    "frozen": _("Frozen"),
    "closing": _("Closing"),
    "locked": _("Locked"),
    "unverified": _("Not confirmed"),
}
SORT_NAMES: dict[Sort, Text] = {
    "newest": _("Newest first"),
    "oldest": _("Oldest first"),
    "name": _("Name"),
    "email": _("E-mail address"),
    "last_login": _("Last login"),
}


@pages.get("/admin/users", access=permission(MANAGE_USERS))
def admin_users(query: Search) -> str:
    """Users."""
    page = finding.find(here.house, query)
    total = finding.total(here.house, query, page)
    return render(
        "admin/users.html",
        users=[_listed(user) for user in page.rows],
        next=page.next,
        total=min(total, finding.COUNTED_TO),
        more=total > finding.COUNTED_TO,
        query={name: getattr(query, name) for name in query.__struct_fields__ if name != "after"},
        later=bool(query.after),
        states=[("", _("All")), *STATE_NAMES.items()],
        roles=[("", _("All")), *((role.name, role.name) for role in roles.all_roles(here.house))],
        sorts=list(SORT_NAMES.items()),
        actions=ACTION_NAMES,
    )


def _listed(user: Listed) -> dict[str, Any]:
    facts = user.facts
    return {
        "id": facts.key,
        "name": facts.name,
        "email": facts.email,
        "username": facts.username,
        "roles": user.roles,
        "created_at": facts.created_at,
        "disabled_at": facts.disabled_at,
        "frozen_at": facts.frozen_at,
        "last_login_at": facts.last_login_at,
        "locked": user.locked,
        "email_verified_at": facts.email_verified_at,
        "closing_at": facts.closing_at,
        "erasing_failed_at": facts.erasing_failed_at,
    }


@pages.get("/admin/users/<user_id>", access=permission(MANAGE_USERS))
def admin_user(user_id: str) -> str:
    """One user."""
    user, identity = wanted_user(user_id), demand()
    own = Rights(identity.roles, identity.permissions)
    every = roles.all_roles(here.house)
    return render(
        "admin/user.html",
        user=_listed(user),
        email_verified_at=user.facts.email_verified_at,
        pending=wishes.pending(here.house, user.facts),
        factors=[factor.name for factor in factors.own(here.house, user.facts.id)],
        reset_at=reset_at(user),
        oneself=user.facts.id == identity.user_id,
        reachable=own.may_touch(Rights.of({role.name: role.permissions for role in every if role.name in user.roles})),
        roles=[_offered(role, user, own) for role in every],
        sessions=[session_card(session, identity.session_id) for session in sessions_of(user)],
        history=_history(user) if READ_AUDIT in identity.permissions else None,
    )


def reset_at(user: Listed) -> datetime | None:
    """When the second factors of a user are reset, if that waits."""
    with here.house.read() as connection:
        return resets.waiting(connection, here.house, user.facts.id)


def _history(user: Listed) -> list[dict[str, Any]]:
    """The latest of it; all of it stands in the log."""
    page = audit.page(here.house, Filter(user=user.facts.key, since=user.facts.created_at), LATEST)
    names = names_of(page)
    return [row_of(entry, names) for entry in page.entries]


def _offered(role: roles.Role, user: Listed, own: Rights) -> dict[str, Any]:
    return {
        "name": role.name,
        "text": ", ".join(role.permissions),
        "granted": role.name in user.roles,
        "fixed": not own.may_hand_out(role.name, role.permissions),
    }


@pages.post("/admin/users/<user_id>", access=permission(MANAGE_USERS, fresh=True), again="admin_user")
def change_user(user_id: str, form: UserChange) -> Response:
    """Disable or enable the user, lift the freeze, or set the roles."""
    user, identity = wanted_user(user_id), demand()
    carry_out(user, form)
    flash(str(_done(user, form)), "success")
    if MANAGE_USERS not in here.house.grants(here.house, identity.user_id)[1]:
        return redirect_to("overview")  # one has just taken it from oneself
    if finding.one(here.house, user_id) is None:
        return redirect_to("admin_users")
    return redirect_to("admin_user", user_id=user.facts.key)


@pages.post("/admin/users/<user_id>/reset-factors", access=permission(MANAGE_USERS, fresh=True), again="admin_user")
def reset_user_factors(user_id: str) -> Response:
    """Take the second factors of a user who has lost them."""
    user = wanted_user(user_id)
    done = actions.reset_factors(here.house, demand().user_id, user.facts.id) is None
    name = user.facts.name
    now = _("{name} can log in without a second step.", name=name)
    later = _("{name} is told by mail, and can stop it.", name=name)
    flash(str(now if done else later), "success")
    return redirect_to("admin_user", user_id=user.facts.key)


@pages.post("/admin/users/<user_id>/keep-factors", access=permission(MANAGE_USERS, fresh=True), again="admin_user")
def keep_user_factors(user_id: str) -> Response:
    """Stop a reset that waits."""
    user = wanted_user(user_id)
    actions.stop_reset(here.house, demand().user_id, user.facts.id)
    flash(str(_("{name} keeps all second steps.", name=user.facts.name)), "success")
    return redirect_to("admin_user", user_id=user.facts.key)


@pages.post("/admin/users/<user_id>/end-sessions", access=permission(MANAGE_USERS, fresh=True), again="admin_user")
def end_user_sessions(user_id: str) -> Response:
    """Log the user out everywhere."""
    user = wanted_user(user_id)
    actions.end_sessions(here.house, demand().user_id, user.facts.id)
    flash(str(_("{name} is logged out everywhere.", name=user.facts.name)), "success")
    return redirect_to("admin_user", user_id=user.facts.key)


@pages.post("/admin/users/<user_id>/reset-link", access=permission(MANAGE_USERS, fresh=True), again="admin_user")
def send_reset_link(user_id: str) -> Response:
    """Mail the user a link to a new password."""
    user = wanted_user(user_id)
    actions.send_reset_link(here.house, demand().user_id, user.facts.id)
    flash(str(_("A link to choose a new password is on its way to {email}.", email=user.facts.email)), "success")
    return redirect_to("admin_user", user_id=user.facts.key)


def _done(user: Listed, form: UserChange) -> Text:
    if form.frozen is not UNSET:
        return _("The freeze is lifted: {name} can log in again.", name=user.facts.name)
    if form.closing is not UNSET:
        return _closed(user, form.closing)
    if form.disabled is UNSET:
        return _("The roles of {name} are saved.", name=user.facts.name)
    if form.disabled:
        return _("{name} is logged out everywhere and can't log in.", name=user.facts.name)
    return _("{name} can log in again.", name=user.facts.name)


def _closed(user: Listed, closing: bool) -> Text:
    if closing:
        return _("The account of {name} is being closed, and all its sessions have ended.", name=user.facts.name)
    return _("The account of {name} stays.", name=user.facts.name)


@pages.get("/admin/users/<user_id>/export", access=permission(MANAGE_USERS, fresh=True))
def export_user(user_id: str) -> Response:
    """Everything that is known of the user, as a file."""
    return download(exported_user(user_id))


def exported_user(user_id: str) -> Export:
    """What either face reads out."""
    user = wanted_user(user_id)
    with here.house.read() as connection:
        profile = profile_of(connection, user.facts.id)
    return actions.export(here.house, demand().user_id, user.facts.id, profile)


def wanted_user(user_id: str) -> Listed:
    """The user that an address names. Raises `NotFound`."""
    user = finding.one(here.house, user_id)
    if user is None:
        raise NotFound()
    return user


def sessions_of(user: Listed) -> list[SessionFacts]:
    """Where the user is logged in."""
    with here.house.read() as connection:
        return sessions.live(connection, here.house.store.schema, user.facts.id)


def carry_out(user: Listed, change: UserChange) -> None:
    """What either face was asked to do."""
    wanted = actions.Wanted(
        disabled=None if change.disabled is UNSET else change.disabled,
        frozen=None if change.frozen is UNSET else change.frozen,
        closing=None if change.closing is UNSET else change.closing,
        roles=None if change.roles is UNSET else change.roles,
    )
    actions.change(here.house, demand().user_id, user.facts.id, wanted)
