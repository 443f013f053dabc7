"""The login and logout pages."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from housekey.capabilities.login import actions
from housekey.capabilities.login.inputs import LoginForm, LogoutForm
from housekey.capabilities.mailed_login.settings import MailedLoginSettings
from housekey.capabilities.passkeys import site as passkeys
from housekey.capabilities.recovery.settings import RecoverySettings
from housekey.capabilities.registration.settings import RegistrationSettings, username_mode
from housekey.login.settings import LoginSettings
from housekey.web import manager
from housekey.web.answers import redirect_to, render
from housekey.web.client import client
from housekey.web.ending import log_out_everywhere
from housekey.web.going import go_on, go_to
from housekey.web.here import here
from housekey.web.identity import has_session
from housekey.web.routes import LOGGED_IN, Routes

pages = Routes()


def after_login() -> str:
    return here.house.settings[LoginSettings].after_url


@pages.get("/login")
def login() -> Response | str:
    """Log in."""
    if has_session():
        return go_to(request.args.get("next"), after_login())
    registration = here.house.settings[RegistrationSettings]
    return render(
        "login/login.html",
        next=request.args.get("next"),
        registration_open=registration.open,
        usernames=username_mode(here.house) != "off",
        recovery_open=here.house.settings[RecoverySettings].open,
        passkeys=passkeys.is_offered(here.house),
        mailed_login_open=here.house.settings[MailedLoginSettings].open,
    )


@pages.post("/login", again="login")
def submit_login(form: LoginForm) -> Response:
    """Check the password and go on."""
    outcome = actions.log_in(
        here.house, client(), identifier=form.identifier, password=form.password,
        remember=form.remember, target=form.next,
    )  # fmt: skip
    return go_on(outcome, after_login())


@pages.get("/logout", access=LOGGED_IN)
def logout() -> str:
    """Ask for a click: a GET never logs anyone out."""
    return render("login/logout.html")


@pages.post("/logout", again="logout")
def submit_logout(form: LogoutForm) -> Response:
    """End this session."""
    manager.log_out()
    return go_to(form.next, here.house.settings[LoginSettings].after_logout_url)


@pages.post("/logout/everywhere", access=LOGGED_IN)
def logout_everywhere() -> Response:
    """End all sessions, this one too."""
    log_out_everywhere()
    return redirect_to(here.house.settings[LoginSettings].after_logout_url)
