"""What every app of a process works out anew, though it comes out the same: worked out once in a process of tests.

The suite makes some thousand apps. Half of the time of making one goes into Werkzeug's compiling of the rules of 170
addresses, a tenth into Jinja's compiling of the templates. Neither is under test here; what comes out is what each app
would have compiled for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Map, Rule
from werkzeug.routing.rules import RulePart

BEFORE_THE_PATH = [(False, "|")]
"""What a rule is when its host has been parsed."""


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


def parse_rules_once() -> None:
    """What a rule is parsed to depends on its text alone, where the map has neither hosts nor converters of its own."""
    parsed: dict[str, tuple[Any, ...]] = {}
    parse = Rule._parse_rule

    def once(self: Rule, rule: str) -> Iterable[RulePart]:
        if self.map is None or self.map.converters != Map.default_converters or self._trace != BEFORE_THE_PATH:
            return parse(self, rule)
        if rule not in parsed:
            parts = list(parse(self, rule))
            parsed[rule] = (parts, self._trace[1:], dict(self._converters))
        parts, trace, converters = parsed[rule]
        self._trace[1:], self._converters = trace, dict(converters)
        self.arguments.update(converters)
        return list(parts)

    Rule._parse_rule = once  # type: ignore[method-assign]
