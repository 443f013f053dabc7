"""Networks: what counts as one caller, and what a broken address leads to."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from housekey.kernel.networks import UNKNOWN, is_private, network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:51234", "203.0.113.7"),
        ("2001:db8:1:2::7", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::7]:443", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::7]", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("::ffff:cb00:7107", "203.0.113.7"),
        ("64:ff9b::203.0.113.7", "203.0.113.7"),
        ("2002:cb00:7107:1234::9", "203.0.113.7"),
    ],
)
def test_one_network_has_one_name_however_it_is_written(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    "broken",
    [
        *("", "unknown", "unix:", "203.0.113.7, 10.0.0.1", " 203.0.113.7", "203.0.113", "203.0.113.256"),
        "203.0.113.07",
        *("0xcb007107", "3405803783", "::1::", "2001:db8::/64", "203.0.113.7\n", "203.0.113.7:123456", "[::1", "[]:80"),
        *("[203.0.113.7]:x", "²03.0.113.7", "\ud800", "\x00", "localhost", "::1%"),
        pytest.param("1" * 1_000_000, id="a megabyte of digits"),
        pytest.param("[" * 1_000_000, id="a megabyte of brackets"),
    ],
)
def test_an_unreadable_address_lifts_no_limit(broken: str) -> None:
    assert network_of(broken) == UNKNOWN


@given(st.ip_addresses(v=6, network="2001::/16"), st.integers(0, 2**64 - 1))
def test_another_address_of_the_same_subscriber_is_no_way_round(address: ipaddress.IPv6Address, host: int) -> None:
    neighbour = ipaddress.IPv6Address(int(address) >> 64 << 64 | host)
    assert network_of(str(address)) == network_of(str(neighbour))


@given(st.text())
def test_no_text_is_an_error(text: str) -> None:
    assert network_of(text)
    assert is_private(text) in (True, False)


@pytest.mark.parametrize(
    "near",
    [
        *("127.0.0.1", "::1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.1.1", "fd00::1", "fe80::1%eth0"),
        *("100.64.0.1", "::ffff:10.0.0.1", "10.0.0.1:8080", ""),
    ],
)
def test_a_near_peer_may_be_a_proxy(near: str) -> None:
    assert is_private(near)


@pytest.mark.parametrize(
    "far",
    [
        *("203.0.113.7", "198.51.100.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2001:db8::1", "::ffff:8.8.8.8"),
        *("2002:7f00:1::1", "64:ff9b::127.0.0.1"),  # private only inside, and anyone may own the outside
    ],
)
def test_a_far_peer_is_no_proxy_of_ours(far: str) -> None:
    assert not is_private(far)


@pytest.mark.parametrize("broken", ["unknown", "10.0.0.1, 8.8.8.8", "127.0.0.1\n", "10.0.0.256", "\x00"])
def test_an_unreadable_peer_is_not_trusted_as_near(broken: str) -> None:
    assert not is_private(broken)
