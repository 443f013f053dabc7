"""Markdown, and the app whose reference it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import Flask

from housekey import Housekey

MARK = "<!-- Made from the code by docs/make_reference.py: change the code, then run `make reference`. -->"


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(_cell(part) for part in row) + " |" for row in rows]
    return "\n".join(["| " + " | ".join(headers) + " |", "|---" * len(headers) + "|", *lines]) if lines else ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def page(title: str, intro: str, parts: Iterable[str]) -> str:
    return "\n\n".join([f"# {title}", MARK, intro, *(part.strip() for part in parts if part.strip())]) + "\n"


def code(text: str) -> str:
    return f"`{text}`" if text else ""


def bare() -> Flask:
    """An app with Housekey and nothing set."""
    app = Flask("reference")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    Housekey(app)
    return app
