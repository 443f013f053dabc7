"""An app is made without compiling what builds addresses, and every address is the one that Werkzeug would build."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from flask import Flask, url_for
from werkzeug.routing import Map, Rule

from housekey import Housekey
from rig.apps import QUICK, small_app
from rig.threads import together

ODD = "a/b c?é&=#%.."


def ours(app):
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("housekey.")]


def values(rule, text):
    return dict.fromkeys(rule.arguments, 7 if "int:" in rule.rule else text)


def test_nothing_is_compiled_before_it_is_asked_for(monkeypatch):
    compiled = []

    def compile_it(self, *rest):
        compiled.append(self.endpoint)
        return original(self, *rest)

    original = Rule._compile_builder
    monkeypatch.setattr(Rule, "_compile_builder", compile_it)
    app = small_app()
    assert len(ours(app)) > 100
    assert not [endpoint for endpoint in compiled if endpoint.startswith("housekey.")]
    with app.test_request_context():
        url_for("housekey.sessions")
        url_for("housekey.sessions")
    assert [endpoint for endpoint in compiled if endpoint.startswith("housekey.")] == ["housekey.sessions"]


@pytest.mark.parametrize("text", ["x", ODD])
@pytest.mark.parametrize("unknown", [True, False])
def test_each_address_is_the_one_that_werkzeug_builds(text, unknown):
    app = small_app()
    for rule in ours(app):
        plain = Rule(rule.rule, endpoint=rule.endpoint, methods=rule.methods)
        Map([plain], converters=app.url_map.converters)
        given = values(rule, text) | ({"self": "1", "rule": ODD} if unknown else {})
        assert rule.build(given, unknown) == plain.build(given, unknown), rule


def test_the_hosts_own_class_of_rules_stays_and_its_routes_are_as_they_were():
    class Theirs(Rule):
        def get_rules(self, map):
            seen.append(self.endpoint)
            return super().get_rules(map)

    seen = []
    app = Flask("host")
    app.config.update(QUICK | {"SECRET_KEY": "k" * 64, "SQLALCHEMY_DATABASE_URI": "sqlite://"})
    app.url_rule_class = Theirs
    Housekey(app)
    app.add_url_rule("/own/<path:place>", "own", lambda place: place)
    assert app.url_rule_class is Theirs
    assert {"housekey.login", "own"} <= set(seen)
    with app.test_request_context():
        assert url_for("own", place=ODD) == "/own/" + quote(ODD, safe="!$&'()*+,/:;=@")


def test_threads_that_ask_first_at_once_get_the_same():
    app = small_app()

    def ask(_number):
        with app.test_request_context():
            return url_for("housekey.login", next="/x")

    assert set(together(8, ask)) == {"/account/login?next=/x"}
