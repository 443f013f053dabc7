"""“Confirm your address”."""

from __future__ import annotations

from flask import flash
from werkzeug.wrappers import Response

from housekey.capabilities.passwords.pages import helps
from housekey.capabilities.verification import actions
from housekey.capabilities.verification.inputs import CodeInput, VerifyForm
from housekey.kernel.secret import Secret
from housekey.kernel.shown import Shown
from housekey.kernel.texts import text as _
from housekey.login.settings import LoginSettings
from housekey.web import mailed
from housekey.web.answers import redirect_to, render
from housekey.web.challenges import parked_attempt
from housekey.web.client import asker_token, client
from housekey.web.going import go_on
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.identity import identify
from housekey.web.outcomes import shown_user
from housekey.web.routes import LOGGED_IN, Routes

pages = Routes()


@pages.get("/email/verify")
@mailed.landing(actions.PURPOSE, dead="overview")
def verify_email() -> str:
    """Confirm an address, by the link that was opened or by the code of the mail."""
    token = mailed.opened(actions.PURPOSE)
    if token is None:
        return render("verification/code.html", email=shown_user(demand().user_id).email, on_the_way_in=False)
    link, identity = actions.opened(here.house, token), identify()
    own = identity is not None and identity.user_id == link.user_id
    return render("verification/link.html", email=link.email, own=own, **helps(here.house))


@pages.post("/email/verify", again="verify_email")
def submit_verify_email(form: VerifyForm) -> Response:
    """Spend the link. For somebody who isn't logged in to its account, it needs a new password."""
    if verified(mailed.shown(actions.PURPOSE, form.code), form.password):
        flash(str(_("Thank you, your address is confirmed.")), "success")
        where = "overview"
    else:
        flash(str(_("The account is yours now. Log in with the new password.")), "success")
        where = "login"
    mailed.put_away()
    return redirect_to(where)


def verified(shown: Shown, new: Secret | None) -> bool:
    """Confirm the address: True in the account that is logged in here; else the account is taken over."""
    identity = identify()
    if shown.token is None:
        demand()
    link = actions.shown(here.house, client(), shown)
    if identity is not None and identity.user_id == link.user_id:
        actions.confirm(here.house, link)
        return True
    actions.take_over(here.house, client(), link, new)
    return False


@pages.post("/email/verify/send", access=LOGGED_IN, again="verify_email")
def send_verification() -> Response:
    """Ask for the mail once more."""
    actions.ask(here.house, client(), demand().user_id, asker=mailed.asker())
    flash(str(SENT), "info")
    return redirect_to("verify_email")


SENT = _("A mail is on the way. If one was sent a moment ago, that one still works.")


@pages.get("/login/email")
def verify_login() -> str:
    """A login that waits for the address to be confirmed."""
    attempt = parked_attempt()
    email = attempt.user.email if attempt.user else None
    return render("verification/code.html", email=email, on_the_way_in=True)


@pages.post("/login/email", again="verify_login")
def submit_verify_login(form: CodeInput) -> Response:
    """Go on with the login."""
    attempt = parked_attempt()
    link = actions.shown(here.house, client(), Shown(code=form.code, asker=asker_token()))
    outcome = actions.confirm_on_the_way_in(here.house, attempt, link)
    return go_on(outcome, here.house.settings[LoginSettings].after_url)


@pages.post("/login/email/send", again="verify_login")
def send_login_verification() -> Response:
    """Ask for the mail of a login that waits."""
    attempt = parked_attempt()
    if attempt.user is not None:
        actions.ask(here.house, client(), attempt.user.id, asker=mailed.asker())
    flash(str(SENT), "info")
    return redirect_to("verify_login")
