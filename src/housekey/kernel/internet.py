"""Whether an address is a public one of the internet: what this server may be made to call (flaw 61)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

_GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All that IANA has given out; whatever else there is maps to IPv4, or is inner, or isn't routed."""
_NAT64 = IPv6Network("64:ff9b::/96")
"""How a server that speaks IPv6 alone reaches IPv4 (RFC 6052): judged by the IPv4 address in it."""
_NEVER = tuple(
    ip_network(block)
    for block in (
        "192.0.0.0/24",  # IETF protocols; one cloud's metadata
        "192.88.99.0/24",  # relays of 6to4, given up (RFC 7526)
        "168.63.129.16/32",  # looks public, and is the inner door of every machine in Azure
        "2001::/23",  # IETF protocols, Teredo among them, which holds an IPv4 address
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which holds one, too
        "3fff::/20",  # documentation (RFC 9637)
    )
)
"""Beside what `ipaddress` knows: its lists grow with Python's versions."""


def is_public(address: str) -> bool:
    """False for what is inner, this machine, many machines at once, reserved, or no address."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        return _is_public_6(found)
    return _is_public_4(found)


def is_this_machine(address: str) -> bool:
    """Loopback, and no address beside it."""
    return ip_address(address).is_loopback


def _is_public_6(address: IPv6Address) -> bool:
    if address.scope_id is not None:
        return False
    if address in _NAT64:
        return _is_public_4(IPv4Address(int(address) & 0xFFFF_FFFF))
    return address in _GLOBAL_UNICAST and address.is_global and not _is_never(address)


def _is_public_4(address: IPv4Address) -> bool:
    return address.is_global and not address.is_multicast and not _is_never(address)


def _is_never(address: IPv4Address | IPv6Address) -> bool:
    return any(address in block for block in _NEVER if block.version == address.version)
