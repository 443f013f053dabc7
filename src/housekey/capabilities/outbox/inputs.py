"""What those who look after the outbox ask for."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct


class Listing(Struct, kw_only=True):
    """Which items to show, fifty a page, the latest first."""

    state: Annotated[
        Literal["", "waiting", "sending", "delivered", "failed", "dropped"],
        Meta(description="Only those in this state."),
    ] = ""
    before: Annotated[str, Meta(max_length=22, description="The id of the last one on the page before.")] = ""
