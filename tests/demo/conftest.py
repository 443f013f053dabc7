"""Notebook under test, with what Housekey gives to the tests of every app that uses it, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from housekey.demo import create_app
from housekey.testing import SETTINGS, HousekeyClient, configure


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return configure(create_app(tmp_path / "notebook", **SETTINGS))


@pytest.fixture
def ann(housekey_user):
    return housekey_user(name="Ann")


@pytest.fixture
def ann_at_home(app: Flask, ann) -> HousekeyClient:
    """Ann's browser, where she is logged in."""
    return app.test_client(user=ann)


@pytest.fixture
def posted(ann_at_home: HousekeyClient) -> str:
    """The path of a post of Ann's."""
    answer = ann_at_home.post("/posts/new", data={"title": "Herons", "body": "I counted eleven."})
    return answer.headers["Location"]
