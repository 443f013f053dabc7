"""The verbs of logging in by mail. Whoever asks learns nothing: a known and an unknown address take the same work, the
same time and the same answer (flaw 11).

The mail logs in only the browser that asked for it. Else a stranger could have somebody open the stranger's own link,
and be told secrets in an account that they think is theirs; or have a link forwarded.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from housekey import login
from housekey.capabilities.links import actions as links
from housekey.capabilities.links import recipients
from housekey.capabilities.links.actions import Link
from housekey.capabilities.mail import actions as mail
from housekey.capabilities.mailed_login import entering
from housekey.capabilities.mailed_login.events import LoginMailRequested
from housekey.capabilities.mailed_login.settings import MailedLoginSettings
from housekey.errors import Forbidden, OtherBrowser
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.mail import Letter
from housekey.kernel.shown import Shown
from housekey.kernel.texts import text as _
from housekey.login import Client, Outcome
from housekey.store import devices

PURPOSE = "login"
CLOSED = _("Nobody logs in by mail on this site. Log in with your password.")


@dataclass(frozen=True)
class Wish:
    """Who wants to log in, and how: what was chosen when the mail was asked for holds when it is used."""

    email: str
    remember: bool = False
    target: str | None = None

    @property
    def details(self) -> dict[str, Any]:
        return {"remember": self.remember, "target": self.target}


def refuse_if_closed(house: House) -> None:
    """Raises `Forbidden` where nobody logs in by mail: in the handler, not only in the page (flaw 44)."""
    if not house.settings[MailedLoginSettings].open:
        raise Forbidden(CLOSED)


def ask(house: House, client: Client, wish: Wish, *, asker: str) -> None:
    """Mail a link, and a code for the browser that asked, to whoever bears this address.

    Counted for the network as a login is. Raises `Forbidden`, `TooManyAttempts` and `InvalidInput` for what is no
    address.
    """
    refuse_if_closed(house)
    email = recipients.typed(wish.email)
    login.admit(house, client, PURPOSE)
    house.run(partial(_mail, client=client, email=email, details=wish.details, asker=asker))


def _mail(unit: Unit, client: Client, email: str, details: dict[str, Any], asker: str) -> None:
    found, lifetime = recipients.bearer(unit, email), unit.house.settings[MailedLoginSettings].link_lifetime
    user, to, details = found.user, found.to, {**details, **found.details}
    device = devices.known(unit.session, unit.schema, user.id if user else None, client.device_token)
    apart = device or ""
    issued = links.issue(
        unit, PURPOSE, email=to, lifetime=lifetime, user=user, asker=asker, details=details,
        decoy=user is None, apart=apart,
    )  # fmt: skip
    if issued is None:
        links.note(unit, PURPOSE, to, asker, details)
    else:
        mail.send(
            unit,
            Letter(
                template="housekey/mailed_login/mails/login", to=to, user_id=user.id if user else None, purpose=PURPOSE,
                facts=issued.facts, apart=apart, decoy=user is None, useful_for=lifetime,
            ),
        )  # fmt: skip
    unit.publish(LoginMailRequested(user_id=user.id if user else None, wish="login", at=clock.now()))


def opened(house: House, shows: Shown) -> Link:
    """The link that a browser has opened, if it is the one that asked. Raises `InvalidLink`, and `OtherBrowser`: there
    it opens nothing. Nothing is spent."""
    link = links.find(house, PURPOSE, shows.token)
    if not link.was_asked_by(shows.asker):
        raise OtherBrowser()
    return link


def log_in(house: House, client: Client, shows: Shown, *, remember: bool | None = None) -> Outcome:
    """A session, or the next challenge, for whoever has read the mail. `remember` None: as it was asked for.

    Raises `Forbidden`, `TooManyAttempts`; `InvalidLink` and `OtherBrowser` for a token; `InvalidInput` for `code`:
    wrong, too old, locked, disabled and changed meanwhile are one answer.
    """
    refuse_if_closed(house)
    if shows.token is None:
        return entering.by_code(house, client, PURPOSE, shows, partial(_begun, remember=remember))
    # 256 bits can't be guessed, so no count of the account's stands in the way of whoever really reads the mail
    login.admit(house, client, PURPOSE)
    link = opened(house, shows)
    return entering.by_link(house, client, link, _begun(link, remember))


def _begun(link: Link, remember: bool | None) -> dict[str, Any]:
    """What the attempt takes over from the asking."""
    details = link.details
    return {"remember": details["remember"] if remember is None else remember, "target": details["target"]}
