"""The pytest plugin: fixtures for the tests of an app that uses Housekey. Yours is the fixture `app`.

pytest loads this module in every run, in projects that don't use Housekey too: so it imports nothing but pytest
until a fixture is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from flask import Flask

    from housekey.kernel.clock import Stopped
    from housekey.testing.client import HousekeyClient
    from housekey.testing.databases import Templates
    from housekey.testing.mailbox import Mailbox


@pytest.fixture
def housekey_user(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Makes users: `ann = housekey_user(name="Ann", roles=["admin"])`; see `housekey.testing.make_user`."""
    from functools import partial

    from housekey.testing.people import make_user

    return partial(make_user, _app(request))


@pytest.fixture
def housekey_client(request: pytest.FixtureRequest) -> HousekeyClient:
    """A browser of the app, in which nobody is logged in: `housekey_client.login(ann)`."""
    from housekey.testing.client import HousekeyClient

    app = _app(request)
    return HousekeyClient(app, app.response_class, use_cookies=True)


@pytest.fixture
def housekey_mailbox(request: pytest.FixtureRequest) -> Mailbox:
    """The mails that the app has sent: `housekey_mailbox.last_link(to="ann@example.org")`."""
    from housekey.testing.mailbox import Mailbox

    return Mailbox(_app(request))


@pytest.fixture
def housekey_clock() -> Iterator[Stopped]:
    """Housekey's clock, stopped: `housekey_clock.forward(timedelta(hours=9))`."""
    from housekey.kernel import clock

    with clock.stopped() as stopped:
        yield stopped


@pytest.fixture(scope="session")
def housekey_schema() -> Callable[[str], object] | None:
    """Override it with a function that takes an address and makes tables and rows there: it runs once, and each
    test gets a copy in `housekey_database`."""
    return None


@pytest.fixture(scope="session")
def _housekey_templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    from housekey.testing.databases import Templates

    return Templates(tmp_path_factory.mktemp("housekey"))


@pytest.fixture
def housekey_database(
    tmp_path: Path, housekey_schema: Callable[[str], object] | None, _housekey_templates: Templates
) -> str:
    """The address of an SQLite database of this test's own: empty, or as `housekey_schema` fills it."""
    from housekey.testing.databases import address_of

    file = tmp_path / "housekey.sqlite"
    if housekey_schema is not None:
        _housekey_templates.copy(housekey_schema, file)
    return address_of(file)


def _app(request: pytest.FixtureRequest) -> Flask:
    try:
        app: Flask = request.getfixturevalue("app")
    except pytest.FixtureLookupError:
        pytest.fail("Housekey's fixtures need yours: write a fixture `app` in conftest.py that makes your app.", False)
    return app
