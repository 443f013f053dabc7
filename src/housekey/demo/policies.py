"""Who may do what with a post. What no policy allows, nobody may do."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from housekey import Identity
from housekey.demo.models import Post, accounts


@accounts.policy(Post, "edit")
def wrote_it(identity: Identity, post: Post) -> bool:
    return post.author_id == identity.user_id


@accounts.filter(Post, "edit")
def written_by(identity: Identity) -> ColumnElement[bool]:
    """The same rule for lists."""
    return Post.author_id == identity.user_id
