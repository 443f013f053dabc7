"""The verbs of inviting. An invitation is a link whose user is the one who invites; the roles stand in its details.

For an address that has an account the same is written, kept and listed, but its owner gets another mail, without a
token. No role is given then: it would be given to whoever reads the mailbox, without a password, at a stranger's wish.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from functools import partial
from typing import Any

from housekey import login
from housekey.capabilities.admin import actions as admin
from housekey.capabilities.invitations.events import InvitationAccepted, InvitationSent, InvitationWithdrawn
from housekey.capabilities.invitations.inviter import Inviter, inviter, refuse_roles, roles_of, still_holds
from housekey.capabilities.invitations.settings import InvitationSettings
from housekey.capabilities.invitations.usable import refuse_if_unusable
from housekey.capabilities.links import actions as links
from housekey.capabilities.links.actions import Issued, Link
from housekey.capabilities.mail import actions as mail
from housekey.capabilities.mail.settings import MailSettings
from housekey.capabilities.registration import actions as registration
from housekey.capabilities.registration import claims
from housekey.capabilities.registration.actions import Proved, Wanted
from housekey.capabilities.roles import actions as roles
from housekey.capabilities.throttling import windows
from housekey.errors import (
    BeyondOwnRights,
    Fault,
    InvalidInput,
    InvalidLink,
    NotFound,
    TooManyAttempts,
    TooManyInvitations,
)
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.mail import Letter
from housekey.kernel.names import email_key
from housekey.kernel.texts import text as _
from housekey.login import Client, Outcome
from housekey.store import users
from housekey.store.users import UserFacts

PURPOSE = "invitation"
DAY = timedelta(days=1)
ON_THE_LIST = Fault("email_taken", _("There is an account with this address already. Look for it among the users."))
HAS_ACCOUNT = _("You have an account with this address already. Log in with it, or choose a new password.")


def invite(house: House, actor_id: Any, email: str, names: Collection[str] = ()) -> str:
    """Mail an invitation on the word of the user `actor_id`, None for the operator; answers its id. It takes the place
    of one that the same user has sent to this address before.

    Raises `InvalidInput` (`roles`, `email`; that this has an account is told only to those who manage users),
    `Forbidden`, `BeyondOwnRights` or `TooManyInvitations`; for the operator `NotFound`; `Conflict` where nobody
    could use it.
    """
    refuse_if_unusable(house)
    address, faults = claims.checked_email(house, email)
    if faults:
        raise InvalidInput({"email": faults})
    return house.run(partial(_invite, actor_id=actor_id, email=address, names=sorted(set(names))))


def _invite(unit: Unit, actor_id: Any, email: str, names: list[str]) -> str:
    by = inviter(unit, actor_id)
    refuse_roles(unit, by, names)
    _refuse_if_seen(unit, by, email)
    same_address = unit.tables["links"].c.recipient.in_(links.recipients(unit.house, email))
    links.end(unit, PURPOSE, same_address, user_id=by.id)
    issued = links.issue(
        unit, PURPOSE, email=email, lifetime=_lifetime(unit), user=by.user, details={"roles": names}, paced=False
    )
    assert issued is not None
    return _send(unit, by, email, names, issued)


def _refuse_if_seen(unit: Unit, by: Inviter, email: str) -> None:
    if by.sees_everybody and claims.email_faults(unit.session, unit.schema, email):
        raise InvalidInput({"email": [ON_THE_LIST]})


def _lifetime(unit: Unit) -> timedelta:
    return unit.house.settings[InvitationSettings].link_lifetime


def _send(unit: Unit, by: Inviter, email: str, names: Collection[str], issued: Issued) -> str:
    """The same mails are counted whoever bears the address."""
    _count(unit, by)
    bearer = users.by_identifier(unit.session, unit.schema, email)
    letter = Letter(
        template="housekey/invitations/mails/invitation", to=email, purpose=PURPOSE, useful_for=_lifetime(unit),
        facts={**issued.facts, "inviter": by.address},
    )  # fmt: skip
    if bearer is not None:
        letter = Letter(
            template="housekey/invitations/mails/taken", to=_as_kept(bearer, email), user_id=bearer.id, purpose=PURPOSE,
            decoy=bearer.is_shut,
        )  # fmt: skip
    if mail.send(unit, letter) is None:
        raise TooManyInvitations(int(unit.house.settings[MailSettings].budget_window.total_seconds()))
    at = clock.now()
    unit.publish(InvitationSent(user_id=by.id, invitation_id=issued.id, email=email, roles=tuple(names), at=at))
    return issued.id


def _as_kept(bearer: UserFacts, email: str) -> str:
    """The address that was invited, as the account has it, never as it was typed (flaw 21). Not another address of that
    account: its budget would tell that both belong to one person (flaw 11)."""
    own = bearer.email
    return own if own and email_key(own) == email_key(email) else email_key(email)


def _count(unit: Unit, by: Inviter) -> None:
    if by.user is None:
        return
    try:
        keys = unit.house.keyed_digests(f"invitations|{by.user.key}")
        windows.enter(unit, keys, unit.house.settings[InvitationSettings].per_day, DAY)
    except TooManyAttempts as full:
        raise TooManyInvitations(full.retry_after) from None


def send_again(house: House, actor_id: Any, invitation_id: str) -> None:
    """Mail an open invitation once more, with a new link, and now on the word of `actor_id`; the former link opens
    nothing any more. Raises as `invite` does, and `NotFound`."""
    house.run(lambda unit: _send_again(unit, actor_id, invitation_id))


def _send_again(unit: Unit, actor_id: Any, invitation_id: str) -> None:
    by = inviter(unit, actor_id)
    link = _visible(unit, by, invitation_id)
    refuse_roles(unit, by, roles_of(link))
    _refuse_if_seen(unit, by, str(link.email))
    issued = links.renew(unit, link, lifetime=_lifetime(unit), user=by.user)
    _send(unit, by, str(link.email), roles_of(link), issued)


def withdraw(house: House, actor_id: Any, invitation_id: str) -> None:
    """End an open invitation. Raises `Forbidden`, `NotFound` and `BeyondOwnRights`."""
    house.run(lambda unit: _withdraw(unit, actor_id, invitation_id))


def _withdraw(unit: Unit, actor_id: Any, invitation_id: str) -> None:
    by = inviter(unit, actor_id)
    link = _visible(unit, by, invitation_id)
    _refuse_above(unit, by, link)
    this = unit.tables["links"].c.id == link.id
    if links.end(unit, PURPOSE, this, user_id=link.user_id) != 1:
        raise NotFound()
    at = clock.now()
    unit.publish(InvitationWithdrawn(user_id=link.user_id, invitation_id=link.id, actor=actor_id, at=at))


def _refuse_above(unit: Unit, by: Inviter, link: Link) -> None:
    """Raise `BeyondOwnRights` for one of somebody who may do more, or with roles that `by` can't give."""
    if by.user is None or link.user_id == by.id:
        return
    if link.user_id is not None and not by.rights.may_touch(admin.rights_of(unit, link.user_id)):
        raise BeyondOwnRights()
    admin.refuse_beyond(unit, by.rights, roles.present(unit, roles_of(link)))


def _visible(unit: Unit, by: Inviter, invitation_id: str) -> Link:
    """Those who manage users see all invitations, others their own. Raises `NotFound`."""
    this = unit.tables["links"].c.id == invitation_id
    found = links.of_purpose(unit, unit.house, PURPOSE, this, limit=1)
    if not found or not (by.sees_everybody or found[0].user_id == by.id):
        raise NotFound()
    return found[0]


def opened(house: House, token: str | None) -> Link:
    """The invitation that a link opens, if it still holds. Raises `InvalidLink`; nothing is spent."""
    link = links.find(house, PURPOSE, token)
    house.run(lambda unit: _judge(unit, link))
    with house.read() as connection:
        if claims.email_faults(connection, house.store.schema, str(link.email)):
            raise InvalidLink(HAS_ACCOUNT)
    return link


def _judge(unit: Unit, link: Link) -> None:
    if not still_holds(unit, link):
        raise InvalidLink()  # why is the matter of those who run the site


def accept(house: House, client: Client, link: Link, wanted: Wanted) -> Outcome:
    """Make the account of whoever reads the mail of the address that was invited, and log in; also where registration
    is closed.

    Raises `TooManyAttempts`, `InvalidInput` (the invitation isn't spent then), `InvalidLink` or `Busy`.
    """
    login.admit(house, client, "register")
    proved = Proved(str(link.email), spend=partial(_spend, link=link), welcome=partial(_welcome, link=link))
    return registration.enter(house, client, proved, wanted)


def _spend(unit: Unit, link: Link) -> None:
    """Asked again under the lock of whoever has sent it: of an invitation and a demotion, one comes first."""
    _judge(unit, link)
    links.use_up(unit, link)


def _welcome(unit: Unit, user_id: Any, link: Link) -> None:
    for name in roles_of(link):
        if link.user_id is None:
            roles.appoint(unit, user_id, name)
        else:
            roles.grant(unit, user_id, name, actor=link.user_id)
    at = clock.now()
    unit.publish(InvitationAccepted(user_id=user_id, invitation_id=link.id, inviter=link.user_id, at=at))
