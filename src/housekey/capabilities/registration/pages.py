"""“Register”."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import Any

from flask import flash, request
from werkzeug.wrappers import Response

from housekey.capabilities.passwords.pages import helps
from housekey.capabilities.registration import actions, pending
from housekey.capabilities.registration.inputs import (
    AgainInput,
    ConfirmForm,
    finish_form,
    kept,
    register_form,
    restored,
)
from housekey.capabilities.registration.pending import AwaitsMail
from housekey.capabilities.registration.settings import RegistrationSettings, name_mode, refuse_if_closed, username_mode
from housekey.errors import InvalidInput
from housekey.house import House
from housekey.kernel.shown import Shown
from housekey.kernel.texts import text as _
from housekey.login import Outcome
from housekey.login.settings import LoginSettings
from housekey.web import mailed
from housekey.web.answers import redirect_to, render
from housekey.web.client import asker_token, client
from housekey.web.going import go_on, go_to
from housekey.web.here import here
from housekey.web.identity import has_session
from housekey.web.profiles import column_values, shown_fields
from housekey.web.routes import Routes

pages = Routes()


def asked_for(house: House) -> dict[str, Any]:
    """What a page that makes an account asks for besides address and password: names, and the host's own fields."""
    return {"names": name_mode(house), "username": username_mode(house), "extra_fields": shown_fields()}


@pages.get("/register")
def register() -> Response | str:
    """Register."""
    if has_session():
        return go_to(request.args.get("next"), here.house.settings[LoginSettings].after_url)
    refuse_if_closed(here.house)
    return render(
        "registration/register.html",
        **asked_for(here.house),
        next=request.args.get("next"),
        with_passkey=with_passkey(),
        **helps(here.house),
    )


def with_passkey() -> str:
    """The page that makes an account with a passkey, where there is one."""
    ways = [one.register for one in here.house.factors if one.register and one.is_offered(here.house)]
    return next(iter(ways), "")


@pages.post("/register", input=register_form, again="register")
def submit_register(form: Any) -> Response:
    """Make the account, or mail the link that does, and go on."""
    outcome = actions.register(
        here.house, client(), wanted(form), typed=kept(form), asker=mailed.asker, target=form.next
    )
    if isinstance(outcome, AwaitsMail):
        mailed.put_away()  # a link that was opened before is not meant any more
        return redirect_to(outcome.challenge.endpoint)
    if here.house.settings[RegistrationSettings].verification == "grace":
        flash(str(_("Welcome. We have mailed you a link to confirm your address.")), "info")
    return go_on(outcome, here.house.settings[LoginSettings].after_url)


@pages.get("/register/confirm")
@mailed.landing(pending.PURPOSE, dead="register")
def confirm_registration() -> Response | str:
    """Complete a registration, by the link that was opened or by the code of the mail."""
    token = mailed.opened(pending.PURPOSE)
    if token is None:
        return render("registration/code.html")
    link = pending.opened(here.house, token)
    if link.was_asked_by(asker_token()):
        return render("registration/confirm.html", email=link.email)
    return redirect_to("finish_registration")


@pages.post("/register/confirm", again="confirm_registration")
def submit_confirm_registration(form: ConfirmForm) -> Response:
    """Make the account with what this browser has typed before; where that doesn't fit any more, ask for it anew."""
    try:
        outcome = confirmed(mailed.shown(pending.PURPOSE, form.code))
    except InvalidInput as error:
        if mailed.opened(pending.PURPOSE) is None or "email" in error.fields:
            raise
        for fault in chain.from_iterable(error.fields.values()):
            flash(str(fault.text), "error")
        return redirect_to("finish_registration")
    mailed.put_away()
    return go_on(outcome, here.house.settings[LoginSettings].after_url)


def confirmed(shown: Shown) -> Outcome:
    """Make the account that this browser has asked for."""
    link = pending.shown(here.house, client(), shown)
    new_hash, typed = pending.typed_here(link, shown.asker)
    wish = replace(wanted(restored(here.house, typed)), brought=pending.brought(link))
    return actions.complete(here.house, client(), link, wish, new_hash)


@pages.get("/register/finish")
def finish_registration() -> str:
    """Complete a registration in another browser than the one that began it, or where what was typed there doesn't fit
    any more: everything is asked anew."""
    link = pending.opened(here.house, mailed.opened(pending.PURPOSE))
    return render(
        "registration/register.html", **asked_for(here.house), **helps(here.house),
        fixed_email=link.email, elsewhere=not link.was_asked_by(asker_token()),
    )  # fmt: skip


@pages.post("/register/finish", input=finish_form, again="finish_registration")
def submit_finish_registration(form: Any) -> Response:
    """Make the account."""
    link = pending.opened(here.house, mailed.opened(pending.PURPOSE))
    outcome = actions.complete(here.house, client(), link, wanted(form), None)
    mailed.put_away()
    return go_on(outcome, here.house.settings[LoginSettings].after_url)


@pages.post("/register/again", again="confirm_registration")
def send_registration_again(form: AgainInput) -> Response:
    """The mail once more; the same answer, whatever the address."""
    pending.send_again(here.house, client(), form.email.strip(), asker_token())
    flash(str(_("If you have registered here with this address, the mail is on the way once more.")), "info")
    return redirect_to("confirm_registration")


def wanted(data: Any) -> actions.Wanted:
    """The input as the verb takes it."""
    return actions.Wanted(
        email=getattr(data, "email", ""),
        password=getattr(data, "password", None),
        username=getattr(data, "username", None),
        name=data.name,
        extra=column_values(data),
    )
