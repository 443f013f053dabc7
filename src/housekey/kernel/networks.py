"""Which network a request comes from: the unit in which tries are counted.

One subscriber owns a whole IPv6 /64, so one address of it is worth nothing as a limit (flaw 16).
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

UNKNOWN = "unknown"
"""The one bucket of all addresses that can't be read: a broken header must not lift a limit (flaw 17)."""
IPV6_PREFIX = 64
"""Bits of an IPv6 address that name a network (RFC 6177, RFC 7421)."""

_NAT64 = IPv6Network("64:ff9b::/96")
"""IPv4 clients of a server that speaks IPv6 alone; as one /64 they would all share a bucket (RFC 6052)."""
_PRIVATE = tuple(
    ip_network(block)
    for block in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),  # RFC 1918, RFC 4193
        *("127.0.0.0/8", "::1/128", "169.254.0.0/16", "fe80::/10"),  # this machine, this cable
        "100.64.0.0/10",  # RFC 6598: where clouds and meshes put their proxies
    )
)
"""Not `ipaddress.is_private`, which also means addresses of documentation and changes with Python's versions."""
_WITH_PORT = re.compile(r"\[(?P<six>[^\]]{2,45})\](?::\d{1,5})?|(?P<four>[\d.]{7,15}):\d{1,5}")
"""Some proxies (Azure's) put the port into X-Forwarded-For."""


def network_of(address: str) -> str:
    """203.0.113.7 for IPv4, also inside IPv6; 2001:db8:1:2::/64 for IPv6; "unknown" for all else. Never raises."""
    found = _parsed(address)
    if found is None:
        return UNKNOWN
    if isinstance(found, IPv6Address):
        four = _ipv4_inside(found)
        return str(four or IPv6Network((int(found), IPV6_PREFIX), strict=False))
    return str(found)


def is_private(address: str) -> bool:
    """Whether the peer is this machine or a near one, and so perhaps a proxy; "" is the peer of a Unix socket."""
    if address == "":
        return True
    found = _parsed(address)
    return found is not None and any(found in block for block in _PRIVATE)


def shown(address: str) -> str:
    """An address as a mail may name it; "" for what is none: behind a proxy it is a text that a stranger chose."""
    found = _parsed(address)
    return "" if found is None else str(found)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    with_port = _WITH_PORT.fullmatch(address)
    if with_port:
        address = with_port["six"] or with_port["four"]
    try:
        found = ip_address(address)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _ipv4_inside(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address behind a translator, or behind 6to4, where the owner of one has 65,536 networks.

    For counting alone: who can choose such an address must not pass for a private peer.
    """
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.sixtofour
