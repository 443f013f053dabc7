"""“Two-step login”, and the page on which a login waits for the second step."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from housekey.capabilities.factors import actions
from housekey.capabilities.factors.actions import Owner
from housekey.capabilities.factors.inputs import ChallengeInput, Shown
from housekey.errors import LoginExpired, ReauthenticationRequired
from housekey.login import Factor, pending
from housekey.login.attempt import Purpose
from housekey.login.factors import has_any
from housekey.login.settings import LoginSettings
from housekey.web.answers import redirect_to, render
from housekey.web.challenges import parked_attempt, start_over
from housekey.web.client import client
from housekey.web.going import go_on
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.routes import LOGGED_IN, Routes

pages = Routes()


@pages.get("/factors", access=LOGGED_IN)
def factors() -> str:
    """Your second factors."""
    mine = actions.own(here.house, demand().user_id)
    kinds = [_listed(factor, mine) for factor in here.house.factors if mine or not factor.backup]
    return render("factors/list.html", kinds=kinds, any=bool(mine))


def _listed(factor: Factor, mine: Any) -> dict[str, Any]:
    return {"factor": factor, "mine": [one for one in mine if one.method == factor.method]}


def owner() -> Owner:
    """Whoever is logged in here, to change their own factors. Raises `ReauthenticationRequired` unless the session has
    the level that the account can reach: what a password alone opened must not take a second factor away."""
    identity, house = demand(), here.house
    if identity.aal < 2 and has_any(house, identity.user_id):
        raise ReauthenticationRequired(aal=2)
    return Owner(identity.user_id, identity.session_id, client())


@pages.get("/login/challenge")
def login_challenge(query: Shown) -> Response | str:
    """A login that waits for its second step."""
    attempt = parked_attempt()
    challenge = pending(here.house, attempt)
    if challenge is None:
        raise LoginExpired()
    asked = actions.asked(here.house, attempt)
    if not asked:
        return redirect_to(challenge.endpoint)
    now = next((factor for factor in asked if factor.method == query.method), asked[0])
    others = [factor for factor in asked if factor is not now]
    step_up = attempt.purpose is Purpose.STEP_UP
    return render("factors/challenge.html", factor=now, others=others, step_up=step_up)


@pages.post("/login/challenge", again="login_challenge")
def answer_challenge(form: ChallengeInput) -> Response:
    """Check the code and go on."""
    outcome = actions.answer(here.house, parked_attempt(), form.method, form.code)
    return go_on(outcome, here.house.settings[LoginSettings].after_url)


@pages.post("/login/challenge/end")
def end_challenge() -> Response:
    """Start over."""
    start_over()
    return redirect_to("login")
