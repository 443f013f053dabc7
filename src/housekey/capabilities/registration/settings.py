"""Who may register, and how."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from housekey.capabilities.roles.actions import ADMIN, ROLE_NAME
from housekey.errors import ConfigurationError, RegistrationClosed
from housekey.house import House
from housekey.settings import setting

UsernameMode = Literal["off", "optional", "required"]
Verification = Literal["required", "grace", "off"]


@dataclass(frozen=True)
class RegistrationSettings:
    """`HOUSEKEY_REGISTRATION_…`."""

    section = "registration"

    open: bool = setting(True, "Whether people may register. Closed: the page and the call answer 403.")
    verification: Verification = setting(
        "required",
        "When a new account's address is confirmed. “required”: before there is an account; nobody learns who has one. "
        "“grace”: the account is made and logged in at once, and asked to confirm. “off”: never asked. With the last "
        "two, registering with an address that is taken says so.",
    )
    link_lifetime: timedelta = setting(timedelta(hours=24), "How long the link that completes a registration works.")
    username: UsernameMode | None = setting(
        None,
        "Whether accounts have a username besides the e-mail address. Default: required where your User.username is "
        "NOT NULL, off where there is none, else optional.",
    )
    username_min_length: int = setting(2, "Shortest username, in characters.", at_least=1, at_most=64)
    username_max_length: int = setting(64, "Longest username, in characters.", at_least=1, at_most=64)
    reserved_usernames: tuple[str, ...] = setting(
        (), "Usernames that nobody may take, besides admin, root, support and their like."
    )
    default_role: str | None = setting(
        None,
        "A role that each new account gets. If it isn't there, it is made with the first of them and permits nothing: "
        "`flask housekey roles create` says what it permits.",
    )
    allow_test_addresses: bool = setting(
        False, "Accept addresses such as ann@example.test, which no mail can reach; for tests and demos."
    )

    def __post_init__(self) -> None:
        if self.default_role == ADMIN:
            raise ConfigurationError(
                f'HOUSEKEY_REGISTRATION_DEFAULT_ROLE = "{ADMIN}" would make an administrator of everybody who '
                f"registers. Appoint one: flask housekey roles grant ann@example.org {ADMIN}"
            )
        if self.default_role is not None and not ROLE_NAME.fullmatch(self.default_role):
            raise ConfigurationError(
                f"HOUSEKEY_REGISTRATION_DEFAULT_ROLE = {self.default_role!r}: a role's name is small letters, digits, "
                'dots, - or _, such as "member".'
            )


def refuse_if_closed(house: House) -> None:
    """Raises `RegistrationClosed`: in the handler, not only in the page (flaw 44)."""
    if not house.settings[RegistrationSettings].open:
        raise RegistrationClosed()


def username_mode(house: House) -> UsernameMode:
    """Whether people have usernames here: what the setting says, else what the host's column asks for."""
    column = house.store.schema.mapper.columns.get("username")
    if column is None:
        return "off"
    filled = column.nullable or column.default is not None or column.server_default is not None
    return house.settings[RegistrationSettings].username or ("optional" if filled else "required")


def name_mode(house: House) -> UsernameMode:
    """Whether people have names here, by the host's column."""
    column = house.store.schema.mapper.columns.get("name")
    return "off" if column is None else "optional" if column.nullable else "required"
