"""Where events go."""

from __future__ import annotations

from collections.abc import Iterator

from housekey.capabilities.webhooks import targets
from housekey.capabilities.webhooks.actions import faults
from housekey.capabilities.webhooks.settings import WebhookSettings
from housekey.commands.diagnosis.finding import FAIL, OK, Finding
from housekey.house import House


def examine(house: House) -> Iterator[Finding]:
    """It asks no server: `flask housekey webhooks test` does."""
    settings = house.settings[WebhookSettings]
    if not settings.urls:
        return
    found = list(faults(house))
    for fault in found:
        yield Finding(FAIL, "webhooks", f"can't be sent. {fault}", "The server won't start before this is put right.")
    if not found:
        where = ", ".join(str(targets.read(url)) for url in settings.urls)
        yield Finding(OK, "webhooks", f"go to {where}.")
