"""One's addresses as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from msgspec import Meta, Struct

from housekey.capabilities.emails import actions, further, wishes
from housekey.capabilities.emails.inputs import ConfirmEmailInput, EmailInput
from housekey.capabilities.emails.pages import ask, confirmed, own, this_browser
from housekey.capabilities.emails.settings import EmailSettings
from housekey.errors import Conflict, Forbidden, InvalidLink, NotFound, TooManyAttempts
from housekey.kernel.shown import Shown
from housekey.web import mailed
from housekey.web.client import asker_token, client
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.routes import FRESH, LOGGED_IN, Routes
from housekey.web.shapes import Moment

api = Routes(tag="emails")


class EmailShape(Struct, kw_only=True):
    """An address of an account."""

    email: str
    primary: Annotated[bool, Meta(description="Whether it is the account's own; the others stand beside it.")]
    verified_at: Annotated[Moment, Meta(description="Since when it is known to be its owner's.")] | None


class PendingEmailShape(Struct, kw_only=True):
    """An address that waits for its mail to be read."""

    email: str
    wish: Annotated[
        Literal["change", "add"],
        Meta(description="Whether it takes the place of the account's own, or stands beside it."),
    ]
    asked_at: Moment
    expires_at: Moment


class EmailsShape(Struct, kw_only=True):
    """The addresses of an account, and the one that waits."""

    emails: list[EmailShape]
    pending: PendingEmailShape | None
    several: Annotated[bool, Meta(description="Whether further ones can be added on this site.")]


@api.get("/emails", access=LOGGED_IN, answers={200: EmailsShape})
def list_emails() -> EmailsShape:
    """Your addresses, and the one that waits for its mail to be read."""
    user, house = own(), here.house
    waiting = wishes.pending(house, user)
    return EmailsShape(
        emails=[
            EmailShape(email=address.email, primary=address.email == user.email, verified_at=address.verified_at)
            for address in further.borne(house, user)
        ],
        pending=PendingEmailShape(**asdict(waiting)) if waiting else None,
        several=house.settings[EmailSettings].several,
    )


@api.post("/emails", access=FRESH, answers={202: None}, errors=[Forbidden, TooManyAttempts])
def add_email(body: EmailInput) -> None:
    """Ask for a further address, where the site allows several. Goes on as `POST /emails/change` does."""
    ask(body.email, wishes.ADD)


@api.post("/emails/change", access=FRESH, answers={202: None}, errors=[Forbidden, TooManyAttempts])
def change_email(body: EmailInput) -> None:
    """Ask for another address. It gets a mail with a link, and a code for this browser; until that is used nothing
    changes.

    Always 202: whether somebody has the address stays untold. The address that you have is told at once.
    """
    ask(body.email, wishes.CHANGE)


@api.post(
    "/emails/confirm", access=LOGGED_IN, answers={204: None}, errors=[Conflict, Forbidden, InvalidLink, TooManyAttempts]
)
def confirm_email(body: ConfirmEmailInput) -> None:
    """Confirm the address by the `token` of the mailed link, or by its `code` in the browser that asked, logged in to
    the account that asked. All other sessions end.

    409 if another account has the address by now.
    """
    confirmed(Shown(token=body.token, code=body.code, asker=asker_token()))


@api.post("/emails/primary", access=FRESH, answers={204: None}, errors=[NotFound])
def make_email_primary(body: EmailInput) -> None:
    """Let a further address take the place of the account's own, which stays beside it. All other sessions end."""
    further.make_primary(here.house, demand().user_id, body.email, browser=this_browser())


@api.post("/emails/remove", access=FRESH, answers={204: None}, errors=[NotFound])
def remove_email(body: EmailInput) -> None:
    """Remove a further address. All other sessions end. The account's own can't be removed, only changed."""
    further.remove(here.house, demand().user_id, body.email, browser=this_browser())


@api.post("/emails/pending/send", access=LOGGED_IN, answers={202: None}, errors=[Forbidden, NotFound, TooManyAttempts])
def send_email_again() -> None:
    """Ask for the mail once more that the address waits for; 404 if none waits."""
    actions.send_again(here.house, client(), demand().user_id, asker=mailed.asker())


@api.delete("/emails/pending", access=LOGGED_IN, answers={204: None})
def withdraw_email() -> None:
    """The address that waits isn't wanted any more."""
    actions.withdraw(here.house, demand().user_id)
