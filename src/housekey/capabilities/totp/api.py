"""Authenticator apps as JSON."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from housekey.capabilities.factors.api import FactorShape, factor_shape
from housekey.capabilities.factors.inputs import RenameInput
from housekey.capabilities.factors.pages import owner
from housekey.capabilities.totp import actions, codes
from housekey.capabilities.totp.inputs import ConfirmTotpInput
from housekey.capabilities.totp.pages import address_of
from housekey.errors import (
    Busy,
    Conflict,
    FactorRequired,
    LongerPasswordNeeded,
    MailedCodeNeeded,
    NotFound,
    UnconfirmedAddress,
)
from housekey.web.here import here
from housekey.web.routes import FRESH, Routes

api = Routes(tag="factors")


class NewTotp(Struct, kw_only=True):
    """An authenticator app that waits for its first code; nothing is asked of anybody before."""

    id: str
    secret: Annotated[str, Meta(description="To be typed into the app: base32, 160 bits.")]
    uri: Annotated[str, Meta(description="The same with site and account, for the app to open.")]
    qr_svg: Annotated[str, Meta(description="The address as a QR code, an SVG element.")]


@api.post("/totp", access=FRESH, answers={201: NewTotp}, errors=[Conflict, UnconfirmedAddress, MailedCodeNeeded])
def add_totp() -> NewTotp:
    """Begin to set up an authenticator app; one that was begun before is given up."""
    begun = actions.begin(here.house, owner())
    uri = address_of(begun)
    return NewTotp(id=begun.id, secret=codes.as_text(begun.seed), uri=uri, qr_svg=codes.picture(uri))


class ConfirmedTotp(Struct, kw_only=True):
    """An authenticator app that works."""

    factor: FactorShape
    recovery_codes: Annotated[
        list[str] | None, Meta(description="With the first factor: codes for whoever loses it. Shown this once.")
    ]


@api.post(
    "/totp/<app_id>/confirm",
    access=FRESH,
    answers={200: ConfirmedTotp},
    errors=[NotFound, Busy, UnconfirmedAddress, MailedCodeNeeded],
)
def confirm_totp(app_id: str, body: ConfirmTotpInput) -> ConfirmedTotp:
    """Enrol the app by the code that it shows. With the first factor all your other sessions end."""
    done = actions.confirm(here.house, owner(), app_id, body.code, body.name)
    codes_ = None if done.recovery_codes is None else list(done.recovery_codes)
    return ConfirmedTotp(factor=factor_shape(done.app), recovery_codes=codes_)


@api.patch("/totp/<app_id>", access=FRESH, answers={200: FactorShape}, errors=[NotFound])
def rename_totp(app_id: str, body: RenameInput) -> FactorShape:
    """Call an app otherwise."""
    return factor_shape(actions.rename(here.house, owner(), app_id, body.name))


@api.delete(
    "/totp/<app_id>", access=FRESH, answers={204: None}, errors=[NotFound, LongerPasswordNeeded, FactorRequired]
)
def remove_totp(app_id: str) -> None:
    """Remove an app. All your other sessions end."""
    actions.remove(here.house, owner(), app_id)
