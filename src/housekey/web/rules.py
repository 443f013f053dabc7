"""Our routes build their addresses when somebody first asks for one.

Werkzeug writes and compiles two functions for each rule as it is added, by which `url_for` works. Ours are over two
hundred rules, and that was nine tenths of the making of an app: a start that every `flask` command waits for, and every
test that makes an app of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


class BuiltLater(Rule):
    """Compiles each of its builders at the first call. A Werkzeug without this hook compiles them at once, as ever."""

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        compile_it = super()._compile_builder
        compiled: Builder | None = None

        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
            nonlocal compiled
            compiled = compiled or compile_it(append_unknown)
            return compiled(rule, **values)

        return build


@contextmanager
def built_later(app: Flask) -> Iterator[None]:
    """What is routed in this block builds its addresses so; whatever class of rules the host has stays below."""
    theirs = app.url_rule_class
    app.url_rule_class = _over(theirs)
    try:
        yield
    finally:
        app.url_rule_class = theirs


@cache
def _over(rule: type[Rule]) -> type[Rule]:
    return type("BuiltLater", (BuiltLater, rule), {})
