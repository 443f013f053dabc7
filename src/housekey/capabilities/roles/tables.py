"""Roles, what they permit, and who has them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.schema import conv

from housekey.store.personal import OfNobody, OfUser
from housekey.store.schema import PREFIX, Schema
from housekey.store.types import UtcDateTime, key_type

NAME_LENGTH = 80


def define(schema: Schema) -> None:
    schema.table(
        "roles",
        sa.Column("name", key_type(NAME_LENGTH), primary_key=True),
        sa.Column("created_at", UtcDateTime, nullable=False),
        about=OfNobody("what roles the site has"),
    )
    schema.table(
        "role_permissions",
        _role("role_permissions"),
        sa.Column("permission", key_type(NAME_LENGTH), primary_key=True),
        about=OfNobody("what the site's roles permit"),
    )
    schema.table(
        "user_roles",
        schema.user_column("user_roles", primary_key=True),
        _role("user_roles"),
        indexes={"role": ("role",)},
        about=OfUser(exported=("role",)),
    )


def _role(table: str) -> sa.Column[str]:
    link = sa.ForeignKey(f"{PREFIX}roles.name", name=conv(f"fk_{PREFIX}{table}_role"))
    return sa.Column("role", key_type(NAME_LENGTH), link, primary_key=True)
