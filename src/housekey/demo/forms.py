"""What people type into the form of a post, and what may be wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

TITLE_LENGTH = 120
BODY_LENGTH = 20_000


@dataclass(frozen=True)
class Draft:
    """A post that isn't kept yet."""

    title: str = ""
    body: str = ""

    @classmethod
    def sent(cls) -> Draft:
        """The form of this request."""
        body = request.form.get("body", "").replace("\r\n", "\n")
        return cls(request.form.get("title", "").strip(), body.strip())

    def faults(self) -> dict[str, str]:
        """By field, what to do about it."""
        found = {}
        if not self.title:
            found["title"] = "Give your post a title."
        elif len(self.title) > TITLE_LENGTH:
            found["title"] = f"Shorten the title to {TITLE_LENGTH} characters."
        if not self.body:
            found["body"] = "Write something before you publish."
        elif len(self.body) > BODY_LENGTH:
            found["body"] = f"Shorten your post to {BODY_LENGTH} characters."
        return found
