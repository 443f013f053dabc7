"""“Forgot your password?”"""

from __future__ import annotations

from flask import flash
from werkzeug.wrappers import Response

from housekey.capabilities.passwords.pages import helps
from housekey.capabilities.recovery import actions
from housekey.capabilities.recovery.inputs import ForgotInput, ResetForm
from housekey.capabilities.registration.settings import username_mode
from housekey.kernel.texts import text as _
from housekey.web import mailed
from housekey.web.answers import redirect_to, render
from housekey.web.client import client
from housekey.web.here import here
from housekey.web.routes import Routes

pages = Routes()


@pages.get("/password/forgot")
def forgot_password() -> str:
    """Ask for a mail to choose a new password."""
    actions.refuse_if_closed(here.house)
    return render("recovery/forgot.html", usernames=username_mode(here.house) != "off")


@pages.post("/password/forgot", again="forgot_password")
def submit_forgot_password(form: ForgotInput) -> Response:
    """The same answer, whoever bears the address."""
    actions.ask_reset(here.house, client(), form.email, asker=mailed.asker())
    mailed.put_away()  # a link that was opened before is not meant any more
    return redirect_to("reset_password")


@pages.get("/password/reset")
@mailed.landing(actions.RESET, dead="forgot_password")
def reset_password() -> str:
    """Choose a new password, by the link that was opened or by the code of the mail."""
    token = mailed.opened(actions.RESET)
    if token is None:
        actions.refuse_if_closed(here.house)
        return render("recovery/reset.html", by_link=False, **helps(here.house))
    link = actions.opened(here.house, token)
    given = helps(here.house) | {"min_length": actions.least(here.house, link)}
    return render("recovery/reset.html", by_link=True, email=link.email, **given)


@pages.post("/password/reset", again="reset_password")
@mailed.landing(actions.RESET)
def submit_reset_password(form: ResetForm) -> Response:
    """Spend the link and set the password; the person logs in with it."""
    actions.reset(here.house, client(), mailed.shown(actions.RESET, form.code), form.password)
    mailed.put_away()
    flash(str(_("Your password is changed, and you are logged out everywhere. Log in with the new one.")), "success")
    return redirect_to("login")


@pages.get("/username/forgot")
def forgot_username() -> str:
    """Ask for a mail with one's username."""
    return render("recovery/username.html")


@pages.post("/username/forgot", again="forgot_username")
def submit_forgot_username(form: ForgotInput) -> Response:
    """The same answer, whoever bears the address."""
    actions.ask_username(here.house, client(), form.email)
    flash(str(_("If there is an account with this address, its username is on the way by mail.")), "info")
    return redirect_to("login")
