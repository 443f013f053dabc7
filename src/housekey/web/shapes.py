"""What JSON shows of users and sessions; the same shape wherever they appear."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from housekey.house import House
from housekey.kernel import devices
from housekey.kernel.texts import language
from housekey.login.proof import amr, assurance_level, restored
from housekey.store.sessions import SessionFacts
from housekey.store.users import UserFacts
from housekey.web.here import here

Moment = Annotated[datetime, Meta(tz=True)]
"""RFC 3339 in UTC, and said to be so in OpenAPI."""


class UserShape(Struct, kw_only=True):
    """A person with an account, as that person may see it."""

    id: Annotated[str, Meta(description="The user's key, as text.")]
    name: Annotated[str, Meta(description="What to call the person; never empty.")]
    email: str | None
    username: str | None
    language: str | None
    time_zone: str | None
    created_at: Moment | None
    closing_at: Annotated[Moment | None, Meta(description="When the account is erased, unless it is kept.")]
    profile: Annotated[dict[str, Any], Meta(description="The fields that this site adds.")]

    @property
    def identifier(self) -> str:
        """What the person logs in with; for password managers."""
        return self.email or self.username or ""


class DeviceShape(Struct, kw_only=True):
    """The browser or program of a session, as its user agent names it."""

    name: Annotated[str, Meta(examples=["Firefox on Windows"])]
    kind: Annotated[str, Meta(description="phone, tablet, laptop, terminal or unknown")]


class CountryShape(Struct, kw_only=True):
    """Where an address is, as far as the site's database knows."""

    code: Annotated[str, Meta(description="ISO 3166-1, two letters.", examples=["CH"])]
    name: Annotated[str, Meta(description="In the reader's language, if it has that.")]


class SessionShape(Struct, kw_only=True):
    """A place where a person is logged in."""

    id: Annotated[str, Meta(description="Names the session; grants nothing.")]
    current: Annotated[bool, Meta(description="Whether it is the one that asks.")]
    device: DeviceShape
    address: str
    country: CountryShape | None
    created_at: Moment
    last_seen_at: Moment
    auth_time: Annotated[datetime, Meta(tz=True, description="When the person last proved who they are.")]
    ends_at: Annotated[datetime, Meta(tz=True, description="When it ends if it isn't used any more.")]
    remember: bool
    amr: Annotated[list[str], Meta(description="The methods used (RFC 8176).")]
    aal: Annotated[int, Meta(description="Assurance level that the proofs reached (NIST SP 800-63B-4).")]


class OpenedShape(Struct, kw_only=True):
    """The answer when a session is open."""

    user: UserShape
    session: SessionShape


class ChallengeShape(Struct, kw_only=True):
    """The next thing that is asked of the person."""

    type: str
    details: dict[str, Any]


class ChallengedShape(Struct, kw_only=True):
    """The answer when more is asked before a session opens."""

    challenge: ChallengeShape


def user_shape(house: House, user: UserFacts, profile: dict[str, Any] | None = None) -> UserShape:
    return UserShape(
        id=user.key,
        name=user.name,
        email=user.email,
        username=user.username,
        language=user.language,
        time_zone=user.time_zone,
        created_at=user.created_at,
        closing_at=user.closing_at,
        profile=profile or {},
    )


def country_shape(address: str | None) -> CountryShape | None:
    """The country of an address, where countries are looked up."""
    country = here.house.locate(address) if address else None
    return CountryShape(code=country.code, name=country.name(language.get())) if country else None


def session_shape(session: SessionFacts, current_id: str | None) -> SessionShape:
    proofs = restored(session.proofs, session.user_id)
    device = devices.describe(session.user_agent)
    return SessionShape(
        id=session.id,
        current=session.id == current_id,
        device=DeviceShape(name=device.name, kind=device.kind),
        address=session.address,
        country=country_shape(session.address),
        created_at=session.created_at,
        last_seen_at=session.last_seen_at,
        auth_time=session.auth_time,
        ends_at=session.ends_at(),
        remember=session.remember,
        amr=list(amr(proofs)),
        aal=assurance_level(proofs),
    )
