"""“Two-step login”, and the page on which a login waits for the second step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from flask import flash, url_for
from werkzeug.wrappers import Response

from housekey.capabilities.factors import actions, confirming, enrolling, mailed, resets, trusting
from housekey.capabilities.factors.actions import Owner
from housekey.capabilities.factors.enrolling import ENROL_FACTOR
from housekey.capabilities.factors.inputs import ChallengeForm, SetUpCodeInput, Shown, signed
from housekey.capabilities.factors.overview import asked_of
from housekey.capabilities.factors.trusting import TrustedDevice
from housekey.errors import LoginExpired
from housekey.kernel import devices
from housekey.kernel.texts import text as _
from housekey.login import Attempt, Challenge, Complete, Factor, Given, pending
from housekey.login.attempt import Purpose
from housekey.login.factors import is_by_key_alone
from housekey.login.settings import LoginSettings
from housekey.store import users
from housekey.web import interrupted, step_up
from housekey.web import mailed as mailed_cookies
from housekey.web.answers import redirect_to, render, site_name
from housekey.web.challenges import parked_attempt, start_over
from housekey.web.client import asker_token, client
from housekey.web.going import go_on
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.routes import FRESH, LOGGED_IN, Routes

pages = Routes()


@pages.get("/factors", access=LOGGED_IN)
def factors() -> str:
    """Your second factors."""
    mine = actions.own(here.house, demand().user_id)
    kinds = [_listed(factor, mine) for factor in here.house.factors if mine or not factor.backup]
    asks = None if mine else asked_of(here.house, demand().user_id)
    return render(
        "factors/list.html",
        kinds=kinds,
        any=bool(mine),
        may_add=_may_add(),
        asks=asks,
        signals=_signals(),
        reset_at=reset_at(),
        kept_form=interrupted.waiting_path() or "",
        trusted=[_card(one) for one in trusting.own(here.house, demand().user_id)],
    )


def _card(one: TrustedDevice) -> dict[str, Any]:
    return {"it": one, "device": devices.describe(one.user_agent)}


@pages.post("/factors/devices/<device_id>/end", access=FRESH, again="factors")
def end_trusted_device(device_id: str) -> Response:
    """Have a browser asked again."""
    trusting.end(here.house, demand().user_id, device_id)
    flash(str(_("That device is asked for the second step again.")), "success")
    return redirect_to("factors")


def _signals() -> str:
    """Also for whoever has none: it may be the last one that was just removed."""
    called = [factor.signals for factor in here.house.factors if factor.signals and factor.is_offered(here.house)]
    return url_for(f"housekey.api.{called[0]}") if called else ""


def reset_at() -> datetime | None:
    """When those who run the site reset one's own factors."""
    with here.house.read() as connection:
        return resets.waiting(connection, here.house, demand().user_id)


@pages.post("/factors/keep", access=FRESH, again="factors")
def keep_factors() -> Response:
    """Stop a reset that waits."""
    mine = owner()
    here.house.run(partial(resets.stop, user_id=mine.user_id, by="user"))
    flash(str(_("Your second steps stay as they are.")), "success")
    return redirect_to("factors")


def _may_add() -> bool:
    with here.house.read() as connection:
        user = users.by_id(connection, here.house.store.schema, demand().user_id)
    return user is not None and actions.may_add(here.house, user)


def _listed(factor: Factor, mine: Any) -> dict[str, Any]:
    return {
        "factor": factor,
        "offered": factor.is_offered(here.house),
        "mine": [one for one in mine if one.method == factor.method],
    }


def owner() -> Owner:
    """Whoever is logged in here, to change their own factors, at the level that the account can reach. Raises
    `ReauthenticationRequired`."""
    identity = demand(step_up.demand_reachable)
    return Owner(identity.user_id, identity.session_id, client())


@pages.get("/factors/code", access=FRESH)
def factor_code() -> Response | str:
    """Before the first second step that is owed: a code by mail."""
    if not confirming.is_needed(here.house, owner()):
        return redirect_to("factors")
    return render("factors/confirm.html", sent=False)


@pages.post("/factors/code", access=FRESH, again="factor_code")
def mail_factor_code() -> Response:
    """Ask for the mail."""
    confirming.ask(here.house, owner(), asker=mailed_cookies.asker())
    return redirect_to("confirm_factor_code")


@pages.get("/factors/code/confirm", access=FRESH)
def confirm_factor_code() -> Response | str:
    """Type the code."""
    if not confirming.is_needed(here.house, owner()):
        return redirect_to("factors")
    return render("factors/confirm.html", sent=True)


@pages.post("/factors/code/confirm", access=FRESH, again="confirm_factor_code")
def submit_factor_code(form: SetUpCodeInput) -> Response:
    """Check it, and on to the second steps."""
    outcome = confirming.confirm(here.house, owner(), code=form.code, asker=asker_token())
    flash(str(_("Thank you. Now set up your second step.")), "success")
    return go_on(outcome, "factors")


@pages.get("/login/challenge")
def login_challenge(query: Shown) -> Response | str:
    """A login that waits for its second step."""
    attempt = parked_attempt()
    challenge = pending(here.house, attempt)
    if challenge is None:
        raise LoginExpired()
    if challenge.type == ENROL_FACTOR:
        return _enrolling(attempt, challenge, query.method)
    asked = actions.asked(here.house, attempt)
    if not asked:
        return redirect_to(challenge.endpoint)
    now = next((factor for factor in asked if factor.method == query.method), asked[0])
    others = [factor for factor in asked if factor is not now]
    again = attempt.purpose is Purpose.STEP_UP
    days = trusting.days(here.house) if actions.may_trust(here.house, attempt, now) else None
    return render("factors/challenge.html", factor=now, others=others, step_up=again, trust_days=days)


def _enrolling(attempt: Attempt, challenge: Challenge, method: str) -> str:
    """A login that waits for a factor to be set up: first the mailed code, then the factor."""
    shown = enrolling.shown(here.house, attempt, challenge)
    if not shown:
        return render("factors/code.html", method=mailed.METHOD, has_key=is_by_key_alone(here.house, attempt.proofs[0]))
    ways = {factor.method: factor.enrolment for factor in enrolling.ways(here.house, attempt) if factor.enrolment}
    now = method if method in ways else next(iter(ways))
    others = [{"method": other, "way": way.way} for other, way in ways.items() if other != now]
    return render(ways[now].template, method=now, others=others, **shown[now])


@pages.post("/login/challenge", again="login_challenge")
def answer_challenge(form: ChallengeForm) -> Response | str:
    """Check the code and go on. With a factor that was set up the answer itself shows the recovery codes."""
    given = Given(form.code, signed(form.credential))
    passed = actions.answer(here.house, parked_attempt(), form.method, given, form.name, trust=form.trust_device)
    onwards = go_on(passed.outcome, here.house.settings[LoginSettings].after_url)
    if not passed.recovery_codes:
        return onwards
    codes, page = passed.recovery_codes, "account" if isinstance(passed.outcome, Complete) else "page"
    return render(
        "recovery_codes/shown.html", codes=codes, file=as_file(codes), onwards=onwards.location, frame=page
    )  # fmt: skip


def as_file(codes: Sequence[str]) -> str:
    """Recovery codes as a file to keep."""
    return "\n".join([site_name(), "", *codes, ""])


@pages.post("/login/challenge/end")
def end_challenge() -> Response:
    """Start over."""
    start_over()
    return redirect_to("login")
