"""“Log in by mail”."""

from __future__ import annotations

from flask import request, url_for
from werkzeug.wrappers import Response

from housekey.capabilities.mailed_login import actions, step_up
from housekey.capabilities.mailed_login.actions import Wish
from housekey.capabilities.mailed_login.inputs import CodeForm, MailLoginForm, NextForm, StepUpForm
from housekey.errors import OtherBrowser
from housekey.login import Outcome
from housekey.login.settings import LoginSettings
from housekey.web import mailed
from housekey.web.answers import redirect_to, render
from housekey.web.client import asker_token, client
from housekey.web.going import go_on, go_to
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.identity import has_session
from housekey.web.routes import LOGGED_IN, Routes

pages = Routes()


@pages.get("/login/mail")
def mail_login() -> Response | str:
    """Log in by mail."""
    actions.refuse_if_closed(here.house)
    if has_session():
        return go_to(request.args.get("next"), here.house.settings[LoginSettings].after_url)
    return render("mailed_login/ask.html", next=request.args.get("next"))


@pages.post("/login/mail", again="mail_login")
def submit_mail_login(form: MailLoginForm) -> Response:
    """The same answer, whoever bears the address."""
    wish = Wish(form.email, remember=form.remember, target=form.next)
    actions.ask(here.house, client(), wish, asker=mailed.asker())
    mailed.put_away()  # a link that was opened before is not meant any more
    return redirect_to("confirm_mailed_login")


@pages.get("/login/mail/confirm")
@mailed.landing(actions.PURPOSE, dead="mail_login")
def confirm_mailed_login() -> str:
    """Log in by the link that was opened or by the code of the mail. Looking logs nobody in (flaw 23)."""
    actions.refuse_if_closed(here.house)
    shows = mailed.shown(actions.PURPOSE, None)
    if shows.token is None:
        return render("mailed_login/code.html")
    try:
        link = actions.opened(here.house, shows)
    except OtherBrowser:
        return render("mailed_login/elsewhere.html")
    return render("mailed_login/link.html", email=link.email)


@pages.post("/login/mail/confirm", again="confirm_mailed_login")
@mailed.landing(actions.PURPOSE)
def submit_confirm_mailed_login(form: CodeForm) -> Response:
    """Spend the mail, and go on."""
    outcome = actions.log_in(here.house, client(), mailed.shown(actions.PURPOSE, form.code))
    mailed.put_away()
    return go_on(outcome, here.house.settings[LoginSettings].after_url)


@pages.post("/reauthenticate/mail/send", access=LOGGED_IN, again="reauthenticate_by_mail")
def mail_reauthentication(form: NextForm) -> Response:
    """Ask for the mail."""
    who = demand()
    step_up.ask(here.house, client(), user_id=who.user_id, session_id=str(who.session_id), asker=mailed.asker())
    return redirect_to(url_for("housekey.reauthenticate_by_mail", next=form.next))


@pages.get("/reauthenticate/mail", access=LOGGED_IN)
def reauthenticate_by_mail() -> str:
    """Confirm that it's you, by a code that was mailed."""
    step_up.refuse_unless_offered(here.house, demand().user_id)
    return render("mailed_login/confirm.html", next=request.args.get("next"))


@pages.post("/reauthenticate/mail", access=LOGGED_IN, again="reauthenticate_by_mail")
def submit_reauthenticate_by_mail(form: StepUpForm) -> Response:
    """Check the code and go on to where the person was."""
    return go_on(confirmed(form.code, form.next), "overview")


def confirmed(code: str, target: str | None = None) -> Outcome:
    """Whoever is logged in here has typed a code."""
    who = demand()
    return step_up.confirm(
        here.house, client(), user_id=who.user_id, session_id=str(who.session_id),
        code=code, asker=asker_token(), target=target,
    )  # fmt: skip
