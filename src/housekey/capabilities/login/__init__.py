"""Logging in with e-mail or username and password, and logging out."""

from housekey.capabilities.login import api, pages
from housekey.capability import Capability
from housekey.login import bridge, events
from housekey.login.settings import LoginSettings

capability = Capability(
    name="login",
    settings=LoginSettings,
    pages=pages.pages,
    api=api.api,
    events=(events.LoggedIn, events.LoginRefused, events.ChallengeRaised),
    needs=("mailed_login", "passkeys", "passwords", "recovery", "registration"),
    start=bridge.keep_spent,
)
