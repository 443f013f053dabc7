"""What every attack needs: an app on the database in question, and both faces."""

from __future__ import annotations

import pytest

from attacks.faces import FACES, Face
from rig.apps import filled, small_app


@pytest.fixture(params=FACES, ids=str)
def face(request: pytest.FixtureRequest) -> Face:
    """The page, and then its JSON twin."""
    return request.param


@pytest.fixture
def app():
    """A quick app, for flaws that no database makes better or worse."""
    return small_app()


@pytest.fixture
def schema():
    return filled


@pytest.fixture
def data_app(database_url):
    """The app on each of the three databases, for flaws about concurrency or storage."""
    return small_app(database_url)
