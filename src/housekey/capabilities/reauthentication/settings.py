"""What is kept of a form while its sender proves who they are."""

from __future__ import annotations

from dataclasses import dataclass

from housekey.settings import setting


@dataclass(frozen=True)
class ReauthenticationSettings:
    """`HOUSEKEY_REAUTHENTICATION_…`."""

    section = "reauthentication"

    never_keep: tuple[str, ...] = setting(
        (),
        "Names of form fields that are never kept while their sender confirms who they are, as passwords and all that "
        "is called like a secret never is. They are typed again.",
    )
