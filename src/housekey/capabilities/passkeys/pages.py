"""“Add a passkey”, and logging in with one. Forms carry what the browser's dialog gave; `passkeys.js` asks for it."""

from __future__ import annotations

from typing import Any

from flask import Response as JSONResponse
from flask import abort, current_app, flash, jsonify, request
from werkzeug.wrappers import Response

from housekey.capabilities.factors import confirming
from housekey.capabilities.factors.inputs import RenameInput, signed
from housekey.capabilities.factors.pages import factors, owner
from housekey.capabilities.passkeys import actions, adding, changing, proving, registering, site
from housekey.capabilities.passkeys.inputs import AddForm, LoginForm, register_form
from housekey.capabilities.passkeys.party import party_of
from housekey.capabilities.passkeys.site import is_offered
from housekey.capabilities.recovery_codes.pages import shown
from housekey.capabilities.registration.inputs import kept as kept_fields
from housekey.capabilities.registration.pages import asked_for, wanted
from housekey.capabilities.registration.pending import AwaitsMail
from housekey.capabilities.registration.settings import refuse_if_closed
from housekey.errors import LongerPasswordNeeded
from housekey.kernel.texts import text as _
from housekey.login.settings import LoginSettings
from housekey.web import mailed
from housekey.web.answers import redirect_to, render, typed
from housekey.web.client import asker_token, client
from housekey.web.going import go_on, go_to
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.identity import has_session
from housekey.web.links import absolute_url
from housekey.web.routes import FRESH, LOGGED_IN, Routes

pages = Routes()


@pages.post("/passkeys", access=FRESH)
def begin_passkey() -> Response:
    """To the page that adds one."""
    return redirect_to("add_passkey")


@pages.get("/passkeys/new", access=FRESH)
def add_passkey() -> str:
    """Add a passkey."""
    party_of(here.house)
    confirming.refuse_unless_read(here.house, owner())
    return render("passkeys/add.html")


@pages.post("/passkeys/new", access=FRESH, again="add_passkey")
def submit_add_passkey(form: AddForm) -> Response | str:
    """Keep what the browser has made. With the first factor the answer itself shows the recovery codes."""
    done = adding.add(here.house, owner(), signed(form.credential) or {}, form.name)
    flash(str(_("{name} is added. You can log in with it from now on.", name=done.passkey.name)), "success")
    return redirect_to("factors") if done.recovery_codes is None else shown(done.recovery_codes)


@pages.get("/passkeys/<app_id>/name", access=FRESH)
def rename_passkey(app_id: str) -> str:
    """Rename a passkey."""
    return render("passkeys/rename.html", name=changing.one(here.house, owner().user_id, app_id).name)


@pages.post("/passkeys/<app_id>/name", access=FRESH, again="rename_passkey")
def submit_rename_passkey(app_id: str, form: RenameInput) -> Response:
    """Call it otherwise."""
    changing.rename(here.house, owner(), app_id, form.name)
    return redirect_to("factors")


@pages.post("/passkeys/<app_id>/remove", access=FRESH, again="passkeys")
def remove_passkey(app_id: str) -> Response:
    """Forget it."""
    try:
        gone = changing.remove(here.house, owner(), app_id)
    except LongerPasswordNeeded as error:
        flash(str(error.text), "error")
        return redirect_to("password")
    flash(str(_("{name} is removed. You are logged out everywhere else.", name=gone.name)), "success")
    return redirect_to("factors")


@pages.get("/passkeys", access=LOGGED_IN)
def passkeys() -> str:
    """They stand in the list of second factors."""
    return factors()


@pages.get("/register/passkey")
def register_passkey() -> Response | str:
    """Register with a passkey."""
    if has_session():
        return go_to(request.args.get("next"), here.house.settings[LoginSettings].after_url)
    party_of(here.house)
    refuse_if_closed(here.house)
    return render(
        "passkeys/register.html",
        **asked_for(here.house),
        next=request.args.get("next"),
    )


@pages.post("/register/passkey", input=register_form, again="register_passkey")
def submit_register_passkey(form: Any) -> Response:
    """Make the account, or mail the link that does, and go on."""
    outcome = registering.register(
        here.house, client(), wanted(form), signed(form.credential) or {}, browser=asker_token(),
        typed=kept_fields(form), asker=mailed.asker, target=form.next,
    )  # fmt: skip
    if isinstance(outcome, AwaitsMail):
        mailed.put_away()  # a link that was opened before is not meant any more
        return redirect_to(outcome.challenge.endpoint)
    return go_on(outcome, here.house.settings[LoginSettings].after_url)


@pages.get("/login/passkey")
def login_passkey() -> str:
    """Log in with a passkey."""
    party, refused = party_of(here.house), signed(typed("credential"))
    unknown = None if refused is None else proving.unknown(here.house, refused)
    return render("passkeys/login.html", next=request.args.get("next"), unknown=unknown, rp_id=party.id)


@pages.post("/login/passkey", again="login_passkey")
def submit_login_passkey(form: LoginForm) -> Response:
    """Check what it has signed, and go on."""
    outcome = actions.log_in(
        here.house, client(), signed(form.credential) or {}, browser=asker_token(), remember=form.remember,
        target=form.next,
    )  # fmt: skip
    return go_on(outcome, here.house.settings[LoginSettings].after_url)


@pages.get("/reauthenticate/passkey", access=LOGGED_IN)
def reauthenticate_by_passkey() -> str:
    """Confirm that it's you, with a passkey."""
    party_of(here.house)
    return render("passkeys/confirm.html", next=request.args.get("next"))


@pages.post("/reauthenticate/passkey", access=LOGGED_IN, again="reauthenticate_by_passkey")
def submit_reauthenticate_by_passkey(form: LoginForm) -> Response:
    """Check what it has signed, and go on to where the person was."""
    who = demand()
    outcome = actions.reauthenticate(
        here.house, client(), signed(form.credential) or {}, user_id=who.user_id, session_id=str(who.session_id),
        target=form.next,
    )  # fmt: skip
    return go_on(outcome, "overview")


def passkey_endpoints() -> JSONResponse:
    """Where password managers look (W3C “A Well-Known URL for Relying Party Passkey Endpoints”)."""
    if not is_offered(here.house):
        abort(404)
    return jsonify(enroll=_whole("housekey.add_passkey"), manage=_whole("housekey.factors"))


def _whole(endpoint: str) -> str:
    return absolute_url(current_app._get_current_object(), here.settings, endpoint)  # type: ignore[attr-defined]


def related_origins() -> JSONResponse:
    """Which other sites of the same owner may use the passkeys (WebAuthn §5.11)."""
    origins = site.related_origins(here.house)
    if not origins or not is_offered(here.house):
        abort(404)
    return jsonify(origins=origins)
