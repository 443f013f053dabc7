"""Databases that hold Housekey's tables already, as `small_app` makes them; a module with models of its own says so."""

import pytest

from rig.apps import filled


@pytest.fixture
def schema():
    return filled
