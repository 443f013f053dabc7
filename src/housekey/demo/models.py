"""What Notebook keeps: people, who are Housekey's, and their posts."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from housekey import Housekey

accounts = Housekey()
User = accounts.User


class Post(accounts.Base):
    """A post, and the person who wrote it. It goes when that person's account goes; see `leaving.py`."""

    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC))
    author_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    author = relationship(User)

    @property
    def byline(self) -> str:
        """Who wrote it, as everybody may read it: never the e-mail address."""
        return self.author.name or self.author.username or "Somebody"
