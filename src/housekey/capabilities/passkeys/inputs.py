"""What browsers send of passkeys."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from housekey.capabilities.factors.inputs import NAME_LENGTH, Credential, SignedText
from housekey.capabilities.registration import inputs as registration
from housekey.house import House
from housekey.web.fields import merge, without

Name = Annotated[str, Meta(title="Name", max_length=NAME_LENGTH)]


class AddPasskeyInput(Struct, kw_only=True):
    """A new passkey, and what to call it; by default after what holds it."""

    credential: Credential
    name: Name = ""


class AddForm(Struct, kw_only=True):
    """The same, as a page sends it."""

    credential: SignedText
    name: Name = ""


class NewcomerInput(Struct, kw_only=True):
    """By what authenticators show whose passkey it will be."""

    email: Annotated[str, Meta(title="E-mail address", min_length=1, max_length=254)]
    name: Annotated[str, Meta(title="Name", max_length=100)] | None = None


def register_input(house: House) -> type[Struct]:
    """What this app asks of those who register, with a passkey in the place of the password."""
    return merge(without(registration.register_input(house), "password"), PasskeyProofInput)


def register_form(house: House) -> type[Struct]:
    """The same, as a page sends it, and the page to go on to."""
    return merge(without(registration.register_form(house), "password"), SignedForm)


class SignedForm(Struct, kw_only=True):
    """What the browser's dialog gave."""

    credential: SignedText


class PasskeyLoginInput(Struct, kw_only=True):
    """What the passkey has signed."""

    credential: Credential
    remember: Annotated[bool, Meta(title="Keep me logged in")] = False


class PasskeyProofInput(Struct, kw_only=True):
    """What the passkey has signed."""

    credential: Credential


class LoginForm(Struct, kw_only=True):
    """The same, as a page sends it, and the page to go on to."""

    credential: SignedText
    remember: Annotated[bool, Meta(title="Keep me logged in")] = False
    next: Annotated[str, Meta(max_length=2000)] | None = None
