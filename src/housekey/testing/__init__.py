"""What Housekey gives to the tests of an app that uses it: see docs/testing.md.

    from housekey.testing import PASSWORD, SETTINGS, HousekeyClient, configure

The pytest plugin brings the fixtures `housekey_user`, `housekey_client`, `housekey_mailbox`, `housekey_clock` and
`housekey_database`. Loading this package also makes Flask-Login's own means work: FlaskLoginClient, and `_user_id` in a
`session_transaction`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from housekey.web import planted

if TYPE_CHECKING:
    from housekey.testing.client import HousekeyClient
    from housekey.testing.mailbox import Mailbox
    from housekey.testing.people import PASSWORD, make_user
    from housekey.testing.settings import SETTINGS, configure

__all__ = ["PASSWORD", "SETTINGS", "HousekeyClient", "Mailbox", "configure", "make_user"]
_HOMES = {
    "HousekeyClient": "client", "Mailbox": "mailbox", "PASSWORD": "people", "SETTINGS": "settings",
    "configure": "settings", "make_user": "people",
}  # fmt: skip

planted.believed = True


def __getattr__(name: str) -> Any:
    """The plugin of pytest loads this package in every test run: what is heavy comes when it is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
