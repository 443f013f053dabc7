"""The mailed code before a first factor is added in a session, by somebody who owes one.

Inside a login that code is asked for as well. Without it here, a thief of the password would use the time of grace, or
a session from before the rule, and bind a phone. Whoever owes none is free to add one: the notice's link undoes a
thief's.
"""

from __future__ import annotations

from functools import partial

import sqlalchemy as sa

from housekey import login
from housekey.capabilities.factors import mailed, owing
from housekey.capabilities.factors.actions import Owner
from housekey.capabilities.links import actions as links
from housekey.capabilities.links.settings import LinkSettings
from housekey.capabilities.mail.carrier import MailCarrier
from housekey.capabilities.verification import reading
from housekey.errors import MailedCodeNeeded, NotFound
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.login import Outcome, Purpose
from housekey.login.factors import has_any
from housekey.login.proof import Proof, restored
from housekey.login.settings import SessionSettings
from housekey.store import users
from housekey.store.users import UserFacts


def refuse_unless_read(house: House, owner: Owner) -> None:
    """Raises `MailedCodeNeeded`. Not inside a unit of work: it may ask the host who owes a factor."""
    if is_needed(house, owner):
        raise MailedCodeNeeded()


def is_needed(house: House, owner: Owner) -> bool:
    """Not where nothing can be mailed, nor of who has read a mail lately, or has just made the account by one."""
    user, proofs = _seen(house, owner)
    if user is None or not user.email or house.service(MailCarrier).way == "none" or has_any(house, owner.user_id):
        return False
    since = clock.now() - house.settings[SessionSettings].fresh_for
    just_made = user.email_verified_at is not None and user.created_at is not None and user.created_at > since
    was_read = any(proof.method == mailed.METHOD and proof.at > since for proof in proofs)
    return not just_made and not was_read and owing.due_at(house, user) is not None


def _seen(house: House, owner: Owner) -> tuple[UserFacts | None, tuple[Proof, ...]]:
    sessions = house.store.tables["sessions"]
    mine = (sessions.c.id == owner.session_id) & (sessions.c.user_id == owner.user_id)
    with house.read() as connection:
        records = connection.execute(sa.select(sessions.c.proofs).where(mine)).scalar() or ()
        return users.by_id(connection, house.store.schema, owner.user_id), restored(records, owner.user_id)


def ask(house: House, owner: Owner, *, asker: str) -> None:
    """Mail a code that works in this session alone. Raises `NotFound` where none is needed, and `TooManyAttempts`."""
    if not is_needed(house, owner):
        raise NotFound()
    login.admit(house, owner.client, mailed.PURPOSE)
    house.run(partial(_mail, owner=owner, asker=asker))


def _mail(unit: Unit, owner: Owner, asker: str) -> None:
    user = users.by_id(unit.session, unit.schema, owner.user_id)
    if user is None or not user.email or user.is_shut:
        return
    session, lifetime = str(owner.session_id), unit.house.settings[LinkSettings].code_lifetime
    issued = links.issue(
        unit, mailed.PURPOSE, email=user.email, lifetime=lifetime, user=user, asker=asker,
        details={"session": session}, apart=session,
    )  # fmt: skip
    if issued is not None:
        mailed.send_code(unit, user, issued)


def confirm(house: House, owner: Owner, *, code: str, asker: str | None) -> Outcome:
    """The session gets a new token, and has read the mail. Raises as `reading.go_on` does."""
    attempt = login.begin(
        house, owner.client, user_id=owner.user_id, purpose=Purpose.STEP_UP, session_id=owner.session_id
    )
    link = links.find_by_code(house, mailed.PURPOSE, asker, code)
    of_this_session = link is not None and link.details.get("session") == owner.session_id
    return reading.go_on(house, attempt, link if of_this_session else None)
