"""“E-mail address”, and what the link of a mail to a new one leads to."""

from __future__ import annotations

from flask import flash
from werkzeug.wrappers import Response

from housekey.capabilities.emails import actions, confirming, further, wishes
from housekey.capabilities.emails.inputs import ConfirmForm, EmailInput
from housekey.capabilities.emails.settings import EmailSettings
from housekey.capabilities.emails.wishes import Wish
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
    return render(
        "emails/list.html",
        addresses=further.borne(house, user),
        own=user.email,
        pending=wishes.pending(house, user),
        open=wishes.is_open(house),
        several=house.settings[EmailSettings].several,
    )


@pages.get("/emails/change", access=FRESH)
def change_email() -> str:
    """Ask for another address."""
    wishes.refuse_if_closed(here.house)
    return render("emails/change.html", email=own().email, wish=wishes.CHANGE)


@pages.post("/emails/change", access=FRESH, again="change_email")
def submit_change_email(form: EmailInput) -> Response:
    """The same answer, whoever has the address."""
    ask(form.email, wishes.CHANGE)
    return redirect_to("confirm_email")


@pages.get("/emails/add", access=FRESH)
def add_email() -> str:
    """Ask for a further address."""
    wishes.refuse_if_closed(here.house, wishes.ADD)
    return render("emails/change.html", email=own().email, wish=wishes.ADD)


@pages.post("/emails/add", access=FRESH, again="add_email")
def submit_add_email(form: EmailInput) -> Response:
    """The same answer, whoever has the address."""
    ask(form.email, wishes.ADD)
    return redirect_to("confirm_email")


def ask(email: str, wish: Wish) -> None:
    """Mail a link to an address that the one who is logged in here wants."""
    actions.ask(here.house, client(), demand().user_id, email, asker=mailed.asker(), wish=wish)
    mailed.put_away()  # a link that was opened before is not meant any more


@pages.post("/emails/primary", access=FRESH, again="emails")
def make_email_primary(form: EmailInput) -> Response:
    """Let a further address take the place of the account's own."""
    further.make_primary(here.house, demand().user_id, form.email, browser=this_browser())
    flash(str(_("{email} is your main address now. You are logged out everywhere else.", email=form.email)), "success")
    return redirect_to("emails")


@pages.post("/emails/remove", access=FRESH, again="emails")
def remove_email(form: EmailInput) -> Response:
    """Remove a further address."""
    further.remove(here.house, demand().user_id, form.email, browser=this_browser())
    flash(str(_("{email} is removed. You are logged out everywhere else.", email=form.email)), "success")
    return redirect_to("emails")


@pages.get("/emails/confirm")
@mailed.landing(wishes.PURPOSE, dead="emails")
def confirm_email() -> Response | str:
    """Confirm it, by the link that was opened or by the code of the mail; only in the account that asked."""
    token, identity = mailed.opened(wishes.PURPOSE), identify()
    if token is None:
        waiting = wishes.pending(here.house, own())
        return redirect_to("emails") if waiting is None else render("emails/code.html", pending=waiting)
    link = confirming.opened(here.house, token)
    whose = "nobody" if identity is None else "own" if identity.user_id == link.user_id else "another"
    now = own().email if whose == "own" else None
    return render("emails/confirm.html", email=link.email, wish=wishes.wish_of(link), whose=whose, now=now)


@pages.post("/emails/confirm", access=LOGGED_IN, again="confirm_email")
@mailed.landing(wishes.PURPOSE, dead="emails")
def submit_confirm_email(form: ConfirmForm) -> Response:
    """Spend the link."""
    email = confirmed(mailed.shown(wishes.PURPOSE, form.code))
    mailed.put_away()
    flash(str(_("Thank you, {email} is yours now. You are logged out everywhere else.", email=email)), "success")
    return redirect_to("emails")


def this_browser() -> confirming.Browser:
    """Of the one who is logged in here."""
    return confirming.Browser(str(demand().session_id), client().device_token)


def confirmed(shown: Shown) -> str:
    """Make it an address of the account that is logged in here, if that has asked; answers it."""
    link = confirming.shown(here.house, client(), shown)
    confirming.confirm(here.house, link, user_id=demand().user_id, browser=this_browser())
    return str(link.email)


@pages.post("/emails/pending/send", access=LOGGED_IN, again="emails")
def send_email_again() -> Response:
    """The mail once more."""
    actions.send_again(here.house, client(), demand().user_id, asker=mailed.asker())
    flash(str(_("A mail is on the way. If one was sent a moment ago, that one still works.")), "info")
    return redirect_to("confirm_email")


@pages.post("/emails/pending/withdraw", access=LOGGED_IN, again="emails")
def withdraw_email() -> Response:
    """The address that waits isn't wanted any more."""
    actions.withdraw(here.house, demand().user_id)
    flash(str(_("Your address stays as it is.")), "success")
    return redirect_to("emails")
