"""“E-mail address”, and what the link of a mail to a new one leads to."""

from __future__ import annotations

from flask import flash
from werkzeug.wrappers import Response

from housekey.capabilities.emails import actions
from housekey.capabilities.emails.inputs import ConfirmForm, EmailInput
from housekey.errors import NotLoggedIn
from housekey.kernel.shown import Shown
from housekey.kernel.texts import text as _
from housekey.store import users
from housekey.store.users import UserFacts
from housekey.web import mailed
from housekey.web.answers import redirect_to, render
from housekey.web.client import client
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.identity import identify
from housekey.web.routes import FRESH, LOGGED_IN, Routes

pages = Routes()


def own() -> UserFacts:
    """The user who is logged in, as the database has it now."""
    house = here.house
    with house.read() as connection:
        user = users.by_id(connection, house.store.schema, demand().user_id)
    if user is None:
        raise NotLoggedIn()
    return user


@pages.get("/emails", access=LOGGED_IN)
def emails() -> str:
    """Your address, and the one that waits."""
    user, house = own(), here.house
    return render("emails/list.html", user=user, pending=actions.pending(house, user), open=actions.is_open(house))


@pages.get("/emails/change", access=FRESH)
def change_email() -> str:
    """Ask for another address."""
    actions.refuse_if_closed(here.house)
    return render("emails/change.html", email=own().email)


@pages.post("/emails/change", access=FRESH, again="change_email")
def submit_change_email(form: EmailInput) -> Response:
    """The same answer, whoever has the address."""
    actions.ask(here.house, client(), demand().user_id, form.email, asker=mailed.asker())
    mailed.put_away()  # a link that was opened before is not meant any more
    return redirect_to("confirm_email")


@pages.get("/emails/confirm")
@mailed.landing(actions.PURPOSE, dead="emails")
def confirm_email() -> Response | str:
    """Confirm it, by the link that was opened or by the code of the mail; only in the account that asked."""
    token, identity = mailed.opened(actions.PURPOSE), identify()
    if token is None:
        waiting = actions.pending(here.house, own())
        return redirect_to("emails") if waiting is None else render("emails/code.html", email=waiting.email)
    link = actions.opened(here.house, token)
    whose = "nobody" if identity is None else "own" if identity.user_id == link.user_id else "another"
    now = own() if whose == "own" else None
    return render("emails/confirm.html", email=link.email, whose=whose, now=now.email if now else None)


@pages.post("/emails/confirm", access=LOGGED_IN, again="confirm_email")
@mailed.landing(actions.PURPOSE, dead="emails")
def submit_confirm_email(form: ConfirmForm) -> Response:
    """Spend the link."""
    confirmed(mailed.shown(actions.PURPOSE, form.code))
    mailed.put_away()
    flash(str(_("Your e-mail address is changed. You are logged out everywhere else.")), "success")
    return redirect_to("emails")


def confirmed(shown: Shown) -> None:
    """Make it the address of the account that is logged in here, if that has asked."""
    identity = demand()
    link = actions.shown(here.house, client(), shown)
    actions.confirm(here.house, link, user_id=identity.user_id, session_id=str(identity.session_id))


@pages.post("/emails/pending/send", access=LOGGED_IN, again="emails")
def send_email_again() -> Response:
    """The mail once more."""
    actions.send_again(here.house, client(), demand().user_id, asker=mailed.asker())
    flash(str(_("A mail is on the way. If one was sent in the last ten minutes, that one still works.")), "info")
    return redirect_to("confirm_email")


@pages.post("/emails/pending/withdraw", access=LOGGED_IN, again="emails")
def withdraw_email() -> Response:
    """The address that waits isn't wanted any more."""
    actions.withdraw(here.house, demand().user_id)
    flash(str(_("Your address stays as it is.")), "success")
    return redirect_to("emails")
