"""“Register”."""

from __future__ import annotations

from typing import Any

from flask import request
from werkzeug.wrappers import Response

from housekey.capabilities.passwords.pages import helps
from housekey.capabilities.registration import actions
from housekey.capabilities.registration.inputs import register_form
from housekey.capabilities.registration.settings import RegistrationSettings, username_mode
from housekey.errors import RegistrationClosed
from housekey.login.settings import LoginSettings
from housekey.web.answers import render
from housekey.web.client import client
from housekey.web.going import go_on, go_to
from housekey.web.here import here
from housekey.web.identity import identify
from housekey.web.profiles import column_values, shown_fields
from housekey.web.routes import Routes

pages = Routes()


@pages.get("/register")
def register() -> Response | str:
    """Register."""
    settings = here.house.settings[RegistrationSettings]
    if identify() is not None:
        return go_to(request.args.get("next"), here.house.settings[LoginSettings].after_url)
    if not settings.open:
        raise RegistrationClosed()
    return render(
        "registration/register.html",
        username=username_mode(here.house),
        extra_fields=shown_fields(),
        next=request.args.get("next"),
        **helps(here.house),
    )


@pages.post("/register", input=register_form, again="register")
def submit_register(form: Any) -> Response:
    """Make the account and go on."""
    outcome = actions.register(here.house, client(), wanted(form), target=form.next)
    return go_on(outcome, here.house.settings[LoginSettings].after_url)


def wanted(data: Any) -> actions.Wanted:
    """The input as the verb takes it."""
    return actions.Wanted(
        email=data.email,
        password=data.password,
        username=getattr(data, "username", None),
        name=data.name,
        extra=column_values(data),
    )
