import pytest
from notes import create_app, db

from housekey.testing import configure


def fill(url):
    with create_app({"SQLALCHEMY_DATABASE_URI": url}).app_context():
        db.create_all()


@pytest.fixture(scope="session")
def housekey_schema():
    return fill


@pytest.fixture
def app(housekey_database):
    return configure(create_app({"SQLALCHEMY_DATABASE_URI": housekey_database}))


@pytest.fixture
def client(app):
    return app.test_client()
