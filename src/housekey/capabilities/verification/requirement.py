"""The address must be confirmed before a session opens, where the site asks that of everybody."""

from __future__ import annotations

from housekey.capabilities.verification.settings import VerificationSettings
from housekey.house import House
from housekey.login.attempt import Attempt, Challenge

EMAIL_VERIFICATION = Challenge("email_verification", "housekey.verify_login")


class EmailVerified:
    """The address is confirmed, if `HOUSEKEY_VERIFICATION_REQUIRED` asks for it; accounts without one pass."""

    name = "email_verified"
    challenges = ("email_verification",)

    def check(self, house: House, attempt: Attempt) -> Challenge | None:
        user = attempt.user
        if user is None or not user.email or user.email_verified_at is not None:
            return None
        return EMAIL_VERIFICATION if house.settings[VerificationSettings].required else None
