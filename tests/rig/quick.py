"""What every app of a process works out anew, though it comes out the same: worked out once in a process of tests.

The suite makes some thousand apps. Half of the time of making one goes into Werkzeug's compiling of the rules of 170
addresses, a tenth into Jinja's compiling of the templates. Neither is under test here; what comes out is what each app
would have compiled for itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class InMemory(BytecodeCache):
    """Compiled templates, by their name, file and text."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if (kept := self._kept.get(f"{bucket.key}{bucket.checksum}")) is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[f"{bucket.key}{bucket.checksum}"] = bucket.bytecode_to_string()


def compile_templates_once() -> None:
    """For every app of this process."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": InMemory()}


def compile_rules_once() -> None:
    """The function that builds an address depends on the rule's text alone, where no value has a default: it asks the
    converters of the rule that it is called on."""
    compiled: dict[tuple[Any, ...], Callable[..., tuple[str, str]]] = {}
    compile_builder = Rule._compile_builder

    def once(self: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if self.defaults:
            return compile_builder(self, append_unknown)
        key = (self.rule, tuple(self._trace), append_unknown)
        if key not in compiled:
            compiled[key] = compile_builder(self, append_unknown)
        return compiled[key]

    Rule._compile_builder = once  # type: ignore[method-assign]
