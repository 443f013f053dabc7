"""Whether people may log in by mail, and how long they may take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from housekey.settings import setting


@dataclass(frozen=True)
class MailedLoginSettings:
    """`HOUSEKEY_MAILED_LOGIN_…`."""

    section = "mailed_login"

    open: bool = setting(
        False,
        "Whether people may log in by a mailed link or code. Then whoever reads the mailbox of an account gets in. "
        "Closed: 403.",
    )
    link_lifetime: timedelta = setting(
        timedelta(minutes=15),
        "How long the link works; the code beside it no longer than HOUSEKEY_LINKS_CODE_LIFETIME.",
        source="the shortest that slow mail servers and greylisting let pass",
        at_least=timedelta(minutes=1),
        at_most=timedelta(hours=24),
    )
