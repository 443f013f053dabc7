"""Where people go after a form."""

from __future__ import annotations

from werkzeug.wrappers import Response

from housekey.login import Outcome, Parked, Purpose
from housekey.web.answers import redirect_to
from housekey.web.here import here
from housekey.web.opening import carry_out
from housekey.web.redirects import safe_path


def go_to(wanted: str | None, otherwise: str) -> Response:
    """303 to the path that the request asked for if it stays on this site (flaw 40), else to `otherwise`: a path,
    or an endpoint of ours."""
    return redirect_to(safe_path(wanted, base_url=here.settings.base_url) or otherwise)


def go_on(outcome: Outcome, otherwise: str) -> Response:
    """After a step on the road: what is asked next, or where the person was going."""
    carry_out(outcome)
    if isinstance(outcome, Parked):
        return redirect_to(outcome.challenge.endpoint)
    if outcome.purpose is Purpose.LOGIN and outcome.user.closing_at is not None:
        return redirect_to("closing", next=outcome.target)  # whoever logs in is told first, and may keep the account
    return go_to(outcome.target, otherwise)
