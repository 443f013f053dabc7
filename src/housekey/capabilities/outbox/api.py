"""The outbox as JSON. Nothing shows what an item says."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from msgspec import Meta, Struct

from housekey.capabilities.outbox import actions
from housekey.capabilities.outbox.actions import MANAGE_MAIL, Item
from housekey.capabilities.outbox.inputs import Listing
from housekey.capabilities.outbox.pages import page_of
from housekey.errors import NotFound
from housekey.web.here import here
from housekey.web.routes import Routes, permission
from housekey.web.shapes import Moment

api = Routes(tag="outbox")


class OutboxItem(Struct, kw_only=True):
    """Something that is to be sent, or was."""

    id: str
    kind: Annotated[str, Meta(description="“mail” or “webhook”.")]
    purpose: Annotated[str, Meta(examples=["reset"])]
    user_id: Annotated[str | None, Meta(description="The key of the user whom it is for, as text.")]
    recipient: Annotated[str, Meta(description="An address; of a webhook scheme and host alone.")]
    message_id: Annotated[
        str | None, Meta(description="A mail's Message-ID, a webhook's “webhook-id”: for the other server's log.")
    ]
    state: Annotated[str, Meta(description="waiting, sending, delivered, failed or dropped")]
    tries: int
    created_at: Moment
    next_try_at: Moment | None
    ended_at: Annotated[Moment, Meta(description="When it was delivered, failed or was dropped.")] | None
    last_error: Annotated[str | None, Meta(description="What the other server said last.")]


class OutboxPage(Struct, kw_only=True):
    """Items, fifty a page, the latest first."""

    items: list[OutboxItem]
    next: Annotated[str | None, Meta(description="Give it as `before` to get the next page.")]
    counts: Annotated[dict[str, int], Meta(description="How many there are in each state.")]


@api.get("/admin/outbox", access=permission(MANAGE_MAIL), answers={200: OutboxPage})
def admin_outbox(query: Listing) -> OutboxPage:
    """List what waits to be sent, and what became of the rest."""
    items, last = page_of(query)
    return OutboxPage(items=[_shown(item) for item in items], next=last, counts=actions.counts(here.house))


@api.post(
    "/admin/outbox/<item_id>/retry", access=permission(MANAGE_MAIL, fresh=True), answers={204: None}, errors=[NotFound]
)
def retry_outbox_item(item_id: str) -> None:
    """Try one again at once, that waits or has failed."""
    here.house.run(partial(actions.retry, item_id=item_id))


@api.delete(
    "/admin/outbox/<item_id>", access=permission(MANAGE_MAIL, fresh=True), answers={204: None}, errors=[NotFound]
)
def drop_outbox_item(item_id: str) -> None:
    """Never send one that waits, is being sent or has failed; what it says is erased."""
    here.house.run(partial(actions.drop, item_id=item_id))


def _shown(item: Item) -> OutboxItem:
    return OutboxItem(
        id=item.id,
        kind=item.kind,
        purpose=item.purpose,
        user_id=None if item.user_id is None else str(item.user_id),
        recipient=item.recipient,
        message_id=item.reference or None,
        state=item.state,
        tries=item.tries,
        created_at=item.created_at,
        next_try_at=None if item.ended_at else item.next_try_at,
        ended_at=item.ended_at,
        last_error=item.last_error,
    )
