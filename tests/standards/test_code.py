"""What holds for every line of the code: what it never does, and where alone it does the rest."""

from __future__ import annotations

import ast
import importlib
import re
import re._constants as signs
import re._parser as parser
from collections.abc import Iterator
from typing import Any

import pytest

from rig.source import calls, importers, modules

NEVER_CALLED = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "input", "breakpoint"}
NEVER_IMPORTED = ("pickle", "marshal", "shelve", "dill", "yaml", "xml", "lxml", "subprocess", "ctypes", "uuid", "md5")
PATTERNS_FROM_OUR_OWN_TEXTS = {
    ("capabilities.passwords.formats", "re.compile"),  # the table of formats
    ("capabilities.passwords.hashing", "re.compile"),  # numbers of ours
    ("capabilities.passwords.policy", "re.sub"),  # made of re.escape
    ("web.faults", "re.search"),  # a constant, which reads msgspec's messages
}
RUNS_ON = {
    "capabilities.roles.actions.PERMISSION": "each round begins with “:”, which the rounds' own letters leave out",
    "capabilities.factors.settings.PERMISSION": "the same",
    "store.work.READS": "reads the host's own SQL",
}
"""Repeats within repeats that are linear all the same, or read nothing that a stranger sends."""
SECRET_WORDS = re.compile(r"\bdigest\(|\bmac\b|signature|\bseals?\b")


@pytest.mark.asvs("1.3.2", "1.3.7", "1.5.2")
def test_nothing_that_is_sent_is_evaluated_unpickled_or_made_a_template():
    assert [(name, what) for name, what, _call in calls() if what in NEVER_CALLED] == []
    assert [what for _name, what, _call in calls() if what.endswith(("render_template_string", "from_string"))] == []
    assert importers(*NEVER_IMPORTED) == set()


@pytest.mark.asvs("1.2.9")
def test_no_regular_expression_is_made_of_what_is_sent():
    made = {(name, what) for name, what, call in calls() if what.startswith("re.") and _of_variables(call)}
    assert made == PATTERNS_FROM_OUR_OWN_TEXTS


def _of_variables(call: ast.Call) -> bool:
    function = ast.unparse(call.func).removeprefix("re.")
    reads = function in ("compile", "search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn")
    return reads and not isinstance(call.args[0], ast.Constant)


@pytest.mark.asvs("1.3.12")
def test_no_regular_expression_runs_away():
    found = {name for name, pattern in every_pattern() if runs_away(parser.parse(pattern))}
    assert found == RUNS_ON.keys()


@pytest.mark.parametrize(
    ("pattern", "endless"), [("(a+)+b", True), ("(a|b*)*", True), ("a+b*", False), ("(a+){3}", False)]
)
def test_the_search_for_runaways_finds_them(pattern, endless):
    assert runs_away(parser.parse(pattern)) is endless


def every_pattern() -> Iterator[tuple[str, str]]:
    """All that are kept in a module's variables, by their names, and all that bound a field of an input."""
    for name, tree in modules().items():
        if name.startswith(("demo", "testing")):
            continue
        for variable, value in vars(importlib.import_module(f"housekey.{name}".rstrip("."))).items():
            if isinstance(value, re.Pattern):
                yield f"{name}.{variable}", _text(value.pattern)
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg == "pattern" and isinstance(node.value, ast.Constant):
                yield f"{name}:{node.value.lineno}", node.value.value


def _text(pattern: str | bytes) -> str:
    return pattern if isinstance(pattern, str) else pattern.decode()


def runs_away(pattern: Any, inside: bool = False) -> bool:
    """Whether something without an upper bound repeats within something without one."""
    for kind, told in pattern:
        if kind in (signs.MAX_REPEAT, signs.MIN_REPEAT):
            endless = told[1] is signs.MAXREPEAT
            if (endless and inside) or runs_away(told[2], inside or endless):
                return True
        for part in _parts(kind, told):
            if runs_away(part, inside):
                return True
    return False


def _parts(kind: Any, told: Any) -> list[Any]:
    if kind is signs.SUBPATTERN:
        return [told[3]]
    if kind is signs.BRANCH:
        return list(told[1])
    return [told[1]] if kind in (signs.ASSERT, signs.ASSERT_NOT) else []


@pytest.mark.asvs("11.4.1", "11.4.3")
def test_only_sha_2_is_used_but_where_a_standard_or_another_system_wants_something_else():
    made = {(name, word) for name, what, call in calls() for word in _hashes(what, call)}
    elsewhere = {(name, word) for name, word in made if word not in ("sha256", "sha512")}
    assert elsewhere == {("capabilities.totp.codes", "sha1"), ("capabilities.passwords.primitives", "algorithm")}


def _hashes(what: str, call: ast.Call) -> Iterator[str]:
    if re.fullmatch(r"hashlib\.\w+", what) and what not in ("hashlib.scrypt", "hashlib.pbkdf2_hmac"):
        yield what.removeprefix("hashlib.")
    if what in ("hmac.digest", "hmac.new"):
        yield ast.unparse(call.args[2]).strip("'")
    if what == "hashlib.pbkdf2_hmac":
        yield ast.unparse(call.args[0])


@pytest.mark.asvs("11.2.4")
def test_nothing_secret_is_compared_sign_by_sign():
    """A column (`.c.`) is compared by the database, by a digest that nobody can approach step by step."""
    found = [(name, ast.unparse(node)) for name, tree in modules().items() for node in _comparisons(tree)]
    assert [it for it in found if SECRET_WORDS.search(it[1]) and ".c." not in it[1]] == []


def _comparisons(tree: ast.Module) -> Iterator[ast.Compare]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
            yield node


@pytest.mark.asvs("11.5.1", "11.5.2")
def test_chance_comes_from_the_operating_system_alone():
    assert importers("random") == {"kernel.jitter"}
    made = [what for name, what, _call in calls() if name == "kernel.jitter" and what.startswith("random.")]
    assert made == ["random.SystemRandom"]


@pytest.mark.asvs("11.2.3", "11.5.1")
def test_what_nobody_may_guess_has_128_bits_or_more():
    drawn = {(name, ast.unparse(call)) for name, what, call in calls() if what.startswith(("secrets.token_",))}
    for name, call in drawn:
        size = eval(call.partition("(")[2].rstrip(")"), vars(importlib.import_module(f"housekey.{name}")))
        assert size >= 16, f"{name}: {call}"


@pytest.mark.asvs("15.2.3", "13.4.2")
def test_nothing_for_trying_out_is_loaded_by_an_app_of_ones_own():
    assert importers("housekey.demo") <= {name for name in modules() if name.startswith("demo")}
    assert importers("housekey.testing", "pytest") <= {n for n in modules() if n.startswith(("testing", "demo"))}
    assert [name for name, what, call in calls() if what == "app.run" or "debug=True" in ast.unparse(call)] == []
