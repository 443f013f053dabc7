"""“Keep your recovery codes”: shown once."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for

from housekey.capabilities.factors.pages import as_file, owner
from housekey.capabilities.recovery_codes import actions
from housekey.web.answers import render
from housekey.web.here import here
from housekey.web.routes import FRESH, Routes

pages = Routes()


@pages.post("/recovery-codes", access=FRESH)
def make_recovery_codes() -> str:
    """Make new codes; the old ones end. The answer itself shows them: nothing keeps them for a next page."""
    return shown(actions.renew(here.house, owner()))


def shown(codes: Sequence[str]) -> str:
    """The page that shows codes."""
    onwards = url_for("housekey.factors")
    return render("recovery_codes/shown.html", codes=codes, file=as_file(codes), onwards=onwards, frame="account")
