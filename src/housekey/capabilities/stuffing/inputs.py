"""What people send to go on with a login."""

from __future__ import annotations

from msgspec import Struct

from housekey.web.mailed import Code


class MailedCodeInput(Struct, kw_only=True):
    """The code of the mail."""

    code: Code
