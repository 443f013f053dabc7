"""Oneself as JSON."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from housekey.capabilities.profile.inputs import change_input
from housekey.capabilities.profile.pages import changed
from housekey.errors import ReauthenticationRequired
from housekey.web.guards import demand
from housekey.web.outcomes import shown_user
from housekey.web.routes import LOGGED_IN, Routes
from housekey.web.shapes import Moment, UserShape

api = Routes(tag="profile")


class Me(Struct, kw_only=True):
    """The person who asks, what they may do, and how they have proved who they are."""

    user: UserShape
    roles: list[str]
    permissions: list[str]
    session_id: Annotated[str, Meta(description="The session that asks, as in the list of sessions.")]
    auth_time: Annotated[Moment, Meta(description="When the person last proved who they are.")]
    amr: Annotated[list[str], Meta(description="The methods used (RFC 8176).")]
    aal: Annotated[int, Meta(description="Assurance level that the proofs reach now (NIST SP 800-63B-4).")]


@api.get("/me", access=LOGGED_IN, answers={200: Me})
def me() -> Me:
    """Who you are, what you may do, and how you have proved it."""
    return _me(shown_user(demand().user_id))


@api.patch("/me", access=LOGGED_IN, input=change_input, answers={200: Me}, errors=[ReauthenticationRequired])
def change_me(body: Any) -> Me:
    """Change your profile. Fields that are left out stay as they are; null empties one.

    Another username takes a recent proof: 401 `reauthentication_required` says so.
    """
    return _me(changed(body))


def _me(user: UserShape) -> Me:
    identity = demand()
    assert identity.session is not None  # these routes are for sessions only
    return Me(
        user=user,
        roles=sorted(identity.roles),
        permissions=sorted(identity.permissions),
        session_id=identity.session.id,
        auth_time=identity.session.auth_time,
        amr=list(identity.amr),
        aal=identity.aal,
    )
