"""How a host's `login_user(user)` says that more is asked of the person first, and how the login goes on."""

from __future__ import annotations

from flask import jsonify, redirect, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from housekey import login
from housekey.errors import LoginExpired
from housekey.login.attempt import Attempt, Parked
from housekey.web.client import attempt_token, client
from housekey.web.here import asking, state
from housekey.web.opening import describe
from housekey.web.problems import wants_json


class ChallengeRequired(HTTPException):
    """Carries a ready response, and no code, so that a host's error handlers leave it alone.

    So `login_user(user); return redirect(…)` does the right thing: the redirect is never reached, nobody is
    logged in yet, and the browser goes on to the challenge.
    """

    def __init__(self, outcome: Parked) -> None:
        super().__init__("More is asked before this login is complete.", response=way_on(outcome))
        self.outcome = outcome


def way_on(outcome: Parked) -> Response:
    if wants_json(request):
        answer = jsonify(challenge=dict(describe(outcome)))
        answer.status_code = 202
        return answer
    return redirect(url_for(outcome.challenge.endpoint), 303)


def parked_attempt() -> Attempt:
    """The login that this browser has under way, for the page or call that answers its challenge:

        attempt = login.prove(here.house, parked_attempt(), "otp", check)
        return go_on(login.advance(here.house, attempt), "/")

    Raises `LoginExpired` if there is none, or no longer: the person begins again.
    """
    attempt = login.resume(state().house, client(), attempt_token())
    if attempt is None:
        raise LoginExpired()
    return attempt


def start_over() -> None:
    """Forget the login that this browser has under way. What it was asked for is asked again at the next one."""
    login.drop(state().house, attempt_token())
    asking().cookies[state().cookies.attempt] = None
