"""Each tutorial twice: as it is taught, with Flask-Login, and moved to Housekey.

Files that differ lie in `taught/` and `moved/`; all others exist once, so that nothing else can have changed.
"""

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
VARIANTS = ("taught", "moved")
QUICK = {
    "TESTING": True,
    "HOUSEKEY_PASSWORDS_HASH_PROFILE": "cheap",
    "HOUSEKEY_LOGIN_REFUSAL_TIME": 0,
    "HOUSEKEY_REGISTRATION_VERIFICATION": "off",
}
FROM_THIS_SITE = {"Sec-Fetch-Site": "same-origin"}
"""As browsers say of a form on a page of the site."""


def load(tutorial, variant, module="app"):
    """A module of a tutorial, as a package of its own that has the variant's files among the common ones."""
    name = f"{tutorial}_{variant}"
    if name not in sys.modules:
        package = ModuleType(name)
        package.__path__ = [str(HERE / tutorial / variant), str(HERE / tutorial)]
        sys.modules[name] = package
    return import_module(f"{name}.{module}")
