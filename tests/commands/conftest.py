"""A command line for the tests: `run("users", "list")` in the app of `app`."""

from __future__ import annotations

import json
import secrets
import tempfile
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from housekey import Housekey
from housekey.commands import cli
from rig.apps import QUICK, small_app


@pytest.fixture
def app() -> Flask:
    return small_app()


@pytest.fixture
def app_with() -> Callable[..., Flask]:
    """`app_with(accounts)`: an app around a Housekey of the test's own."""

    def make(accounts: Housekey, url: str = "sqlite://", **settings: Any) -> Flask:
        app = Flask("own", instance_path=tempfile.gettempdir())
        app.secret_key = secrets.token_hex(32)
        app.config.update(QUICK | {"SQLALCHEMY_DATABASE_URI": url} | settings)
        accounts.init_app(app)
        app.accounts = accounts
        return app

    return make


class Runner:
    """Runs commands of one app."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __call__(self, *words: str, input: str | bytes | None = None, code: int = 0) -> Result:
        """The result; the test fails if the exit code is another one than `code`, or if a traceback ended it."""
        result = self._app.test_cli_runner().invoke(cli, list(words), input=input)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    def json(self, *words: str, **about: Any) -> Any:
        return json.loads(self(*words, "--json", **about).stdout)


@pytest.fixture
def run(app: Flask) -> Runner:
    return Runner(app)


@pytest.fixture
def runner() -> Callable[[Flask], Runner]:
    """For tests with an app of their own."""
    return Runner
