"""Recovery codes as JSON."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from housekey.capabilities.factors.pages import owner
from housekey.capabilities.recovery_codes import actions
from housekey.errors import Busy, Forbidden, TooManyAttempts
from housekey.web.here import here
from housekey.web.routes import FRESH, Routes

api = Routes(tag="factors")


class RecoveryCodes(Struct, kw_only=True):
    """Codes that stand in for a lost phone, each once. They can't be shown again."""

    codes: Annotated[list[str], Meta(examples=[["7K3M-PQ2V-0XHT-9WNA"]])]


@api.post("/recovery-codes", access=FRESH, answers={201: RecoveryCodes}, errors=[Forbidden, TooManyAttempts, Busy])
def make_recovery_codes() -> RecoveryCodes:
    """Make ten new recovery codes; the old ones end. Needs another second factor."""
    return RecoveryCodes(codes=actions.renew(here.house, owner()))
