"""What an operator writes wrongly about passkeys is told at the start, with what is right."""

from __future__ import annotations

import pytest

from housekey.errors import ConfigurationError
from rig.apps import small_app


@pytest.mark.parametrize("domain", ["https://example.org", "Example.org", "example.org/", "example.org:443"])
def test_the_site_of_passkeys_is_a_domain_alone(domain):
    with pytest.raises(ConfigurationError, match=r"HOUSEKEY_PASSKEYS_RP_ID .* example\.org"):
        small_app(HOUSEKEY_PASSKEYS_RP_ID=domain)


@pytest.mark.parametrize("origin", ["example.net", "http://example.net", "https://example.net/", "ios:bundle"])
def test_a_further_origin_is_scheme_and_host_or_an_apps_key(origin):
    with pytest.raises(ConfigurationError, match=r"HOUSEKEY_PASSKEYS_ORIGINS.*is no origin"):
        small_app(HOUSEKEY_PASSKEYS_ORIGINS=("https://example.net", origin))
