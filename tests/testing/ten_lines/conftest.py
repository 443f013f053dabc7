import os

os.environ["FLASK_SQLALCHEMY_DATABASE_URI"] = "sqlite://"  # in memory; for app.config.from_prefixed_env()

import pytest
from app import app as the_app

from housekey.testing import configure


@pytest.fixture
def app():
    return configure(the_app)


@pytest.fixture
def client(app):
    return app.test_client()
