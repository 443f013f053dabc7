"""Leaving, as JSON."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from housekey.capabilities.leaving import actions
from housekey.capabilities.leaving.exporting import Export
from housekey.capabilities.leaving.pages import exported
from housekey.errors import Forbidden, LastManager
from housekey.web import manager
from housekey.web.guards import demand
from housekey.web.here import here
from housekey.web.routes import FRESH, LOGGED_IN, Routes
from housekey.web.shapes import Moment

api = Routes(tag="leaving")


class ClosingShape(Struct, kw_only=True):
    """Whether and when the account is erased."""

    closing_at: Annotated[Moment | None, Meta(description="When it is erased, unless it is kept; null: it stays.")]
    erased: Annotated[bool, Meta(description="Whether it is gone already, where the site gives no time.")]


class ExportShape(Struct, kw_only=True):
    """Everything that is known of a person. Hashes, tokens and other secrets are left out."""

    exported_at: Moment
    user: Annotated[dict[str, Any], Meta(description="Names, and the fields that this site adds.")]
    records: Annotated[
        dict[str, list[dict[str, Any]]], Meta(description="What the accounts of this site keep, by table.")
    ]
    site: Annotated[dict[str, Any], Meta(description="What the site itself keeps, by name.")]


def export_shape(export: Export) -> ExportShape:
    return ExportShape(
        exported_at=export.exported_at,
        user=dict(export.user),
        records={noun: [dict(row) for row in rows] for noun, rows in export.records.items()},
        site=dict(export.site),
    )


@api.get("/export", access=FRESH, answers={200: ExportShape})
def export_own() -> ExportShape:
    """Everything that is known of you."""
    return export_shape(exported())


@api.get("/close", access=LOGGED_IN, answers={200: ClosingShape})
def closing_state() -> ClosingShape:
    """Whether and when your account is erased."""
    return ClosingShape(closing_at=actions.own(here.house, demand().user_id).closing_at, erased=False)


@api.post("/close", access=FRESH, answers={202: ClosingShape}, errors=[Forbidden, LastManager])
def close_own() -> ClosingShape:
    """Close your account. All other sessions end; at `closing_at` it is erased for good, unless you keep it."""
    identity = demand()
    if actions.close(here.house, identity.user_id, identity.session_id):
        manager.log_out()
        return ClosingShape(closing_at=None, erased=True)
    return closing_state()


@api.delete("/close", access=LOGGED_IN, answers={204: None})
def keep_own() -> None:
    """Keep your account. Nothing happens if it isn't closing."""
    actions.keep(here.house, demand().user_id)
