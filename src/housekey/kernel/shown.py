"""What somebody shows of a mail."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Shown:
    """The token of the mail's link; or its short code, and the token of the browser that asked for the mail."""

    token: str | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)
    asker: str | None = field(default=None, repr=False)
