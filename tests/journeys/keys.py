"""Authenticators in a real browser."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

BLUE = {
    "protocol": "u2f", "transport": "usb",
    "hasResidentKey": False, "hasUserVerification": False, "isUserVerified": False,
}  # fmt: skip
"""A security key that asks for nothing but a touch."""


class Key:
    """A virtual authenticator in one browser (WebDriver's, by CDP)."""

    def __init__(self, page: Page, **options: Any) -> None:
        self.cdp = page.context.new_cdp_session(page)
        self.cdp.send("WebAuthn.enable", {"enableUI": False})
        wanted = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        added = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": wanted | options})
        self.id = added["authenticatorId"]

    def _tell(self, verb: str, **about: Any) -> Any:
        return self.cdp.send(f"WebAuthn.{verb}", {"authenticatorId": self.id, **about})

    @property
    def credentials(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._tell("getCredentials")["credentials"]
        return found

    def holds(self, credential: dict[str, Any]) -> None:
        self._tell("addCredential", credential={"rpId": "localhost"} | credential)

    def is_touched(self, touched: bool) -> None:
        self._tell("setAutomaticPresenceSimulation", enabled=touched)

    def goes(self) -> None:
        self._tell("removeVirtualAuthenticator")
