"""“This wasn't me.”"""

from __future__ import annotations

from flask import flash
from werkzeug.wrappers import Response

from housekey.capabilities.notices import actions
from housekey.capabilities.notices.actions import Undo
from housekey.capabilities.notices.inputs import RestoreForm
from housekey.capabilities.notices.notice import UNDO
from housekey.capabilities.notices.ways import OtherWays
from housekey.capabilities.passwords.pages import helps
from housekey.kernel.texts import text as _
from housekey.web import mailed
from housekey.web.answers import redirect_to, render
from housekey.web.client import client
from housekey.web.here import here
from housekey.web.routes import Routes

pages = Routes()


@pages.get("/undo")
@mailed.landing(UNDO)
def undo() -> Response | str:
    """What the link of a notice does; it does nothing by itself."""
    found = _opened()
    if found.is_frozen:
        return redirect_to("restore")
    return render("notices/undo.html", notice=found.notice, at=found.at, name=found.user.name)


@pages.post("/undo", again="undo")
@mailed.landing(UNDO)
def freeze() -> Response:
    """Freeze the account."""
    actions.freeze(here.house, client(), mailed.opened(UNDO))
    return redirect_to("restore")


@pages.get("/undo/restore")
@mailed.landing(UNDO)
def restore() -> Response | str:
    """The account is frozen; its owner can open it again."""
    found = _opened()
    if not found.is_frozen:
        return redirect_to("undo")
    others = here.house.service(OtherWays).of(here.house, found)
    return render("notices/restore.html", at=found.at, email=found.link.email, others=others, **helps(here.house))


@pages.post("/undo/restore", again="restore")
@mailed.landing(UNDO)
def submit_restore(form: RestoreForm) -> Response:
    """Open it by the password from before; the person logs in with the new one."""
    actions.restore(here.house, client(), mailed.opened(UNDO), form.password, form.new)
    mailed.put_away()
    flash(str(_("Your account is open again. Log in with your new password.")), "success")
    return redirect_to("login")


def _opened() -> Undo:
    return actions.opened(here.house, mailed.opened(UNDO))
