"""Numbers of the road and of the sessions it opens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from housekey.settings import setting


@dataclass(frozen=True)
class LoginSettings:
    """The road itself."""

    section = "login"

    refusal_time: timedelta = setting(
        timedelta(milliseconds=250),
        "A refused login answers no sooner than this, so that unknown, wrong, disabled and locked can't be told "
        "apart by the clock. Keep it above the time of every hash that you store; 0 is for tests.",
        source="flaw 11; above the time of every supported hash with its origin's usual parameters",
        at_least=timedelta(0),
        at_most=timedelta(seconds=5),
    )
    attempt_lifetime: timedelta = setting(
        timedelta(minutes=10), "How long a login may wait for its next step.", source="NIST SP 800-63B-4 §3.1.3.2"
    )
    after_url: str = setting("/", "Where people go after logging in, if they were not on the way to a page.")
    after_logout_url: str = setting("/", "Where people go after logging out.")
    bridge_until: date | None = setting(
        None,
        "The last day, such as 2026-12-31, on which a cookie that Flask-Login set before Housekey came becomes a "
        "session, once. Keep it near: such cookies can't be ended.",
    )


@dataclass(frozen=True)
class SessionSettings:
    """How long sessions live, and what ends them."""

    section = "sessions"

    idle: timedelta = setting(
        timedelta(hours=8), "A session ends after this long without a request.", source="ASVS 7.3.1"
    )
    absolute: timedelta = setting(
        timedelta(days=7), "A session ends this long after login, used or not.", source="ASVS 7.3.2"
    )
    remember_idle: timedelta = setting(timedelta(days=14), "The same, for people who ticked “Keep me logged in”.")
    remember_absolute: timedelta = setting(
        timedelta(days=30), "The same, for people who ticked “Keep me logged in”.", source="NIST SP 800-63B-4 §2.1.3"
    )
    fresh_for: timedelta = setting(
        timedelta(minutes=15), "How long after a proof a session counts as fresh.", source="design §5"
    )
    aal2_for: timedelta = setting(
        timedelta(hours=24), "How long after the proofs a session keeps AAL2.", source="NIST SP 800-63B-4 §2.2.3"
    )
    aal2_idle: timedelta = setting(
        timedelta(hours=1), "A session idle for this long falls to AAL1.", source="NIST SP 800-63B-4 §2.2.3"
    )
    touch_every: timedelta = setting(
        timedelta(minutes=1),
        "How often at most a session's “last seen” is written. More often where one may rest for less than four times "
        "as long.",
        at_least=timedelta(0),
    )
    limit: int | None = setting(
        None, "How many sessions a person may have; one more ends the oldest. None: any number.", at_least=1
    )
    protection: Literal["strong", "basic"] | None = setting(
        "basic",
        "When a session turns up in another browser family: “strong” ends it, “basic” makes it not fresh, "
        "None ignores it.",
    )
    end_on_restart: bool = setting(
        False,
        "End every session when the server restarts. A start is known by the server's master process; where several "
        "containers or machines serve one site, or something else starts the workers, let the variable "
        "HOUSEKEY_BOOT_ID in the environment name it, the same for all of one deployment.",
    )
