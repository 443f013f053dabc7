"""What a test does when a real part isn't there."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def lacking(reason: str) -> NoReturn:
    """Skip with `reason`; under HOUSEKEY_REQUIRE_SERVICES=1 fail, so that CI never passes by skipping."""
    if os.environ.get("HOUSEKEY_REQUIRE_SERVICES") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
