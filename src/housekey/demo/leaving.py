"""What Notebook does when people take their data along, and when they go."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from housekey.capabilities.registration.events import UserDeleted
from housekey.demo.models import Post, accounts


@accounts.export("posts")
def own_posts(user: Any, session: Session) -> list[dict[str, Any]]:
    """What somebody has written, beside all that Housekey knows."""
    mine = select(Post).where(Post.author_id == user.id).order_by(Post.id)
    return [{"title": post.title, "body": post.body, "written_at": post.written_at} for post in session.scalars(mine)]


@accounts.on(UserDeleted)
def remove_posts(event: UserDeleted, session: Session) -> None:
    """Posts go with their author. To keep them as a former member's, set `author_id` to NULL instead."""
    session.execute(delete(Post).where(Post.author_id == event.user_id))
