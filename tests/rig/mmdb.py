"""Writes small databases in the MaxMind DB format, version 2.0 (https://maxmind.github.io/MaxMind-DB/).

`write(path, {"203.0.113.0/24": {"country": {"iso_code": "CH"}}})`
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network, ip_network
from pathlib import Path
from typing import Any

MARKER = b"\xab\xcd\xefMaxMind.com"
SEPARATOR = bytes(16)
UINT16, UINT32, MAP, UINT64, ARRAY = 5, 6, 7, 9, 11
BUILT_AT = 1_790_000_000


def write(path: Path, networks: Mapping[str, Any], *, ip_version: int = 6, built_at: int = BUILT_AT) -> Path:
    """IPv4 networks stand below ::/96, as the format wants it."""
    tree: list[list[Any]] = [[None, None]]
    data = b""
    for network, record in networks.items():
        _plant(tree, list(_bits(network, ip_version)), len(data))
        data += _encoded(record)
    count = len(tree)
    nodes = b"".join(_place(side, count).to_bytes(3, "big") for node in tree for side in node)
    path.write_bytes(nodes + SEPARATOR + data + MARKER + _metadata(count, ip_version, built_at))
    return path


def _bits(network: str, ip_version: int) -> Iterator[int]:
    parsed = ip_network(network)
    shift = 96 if isinstance(parsed, IPv4Network) and ip_version == 6 else 0
    width = 32 if isinstance(parsed, IPv4Network) else 128
    yield from [0] * shift
    yield from (int(parsed.network_address) >> (width - 1 - n) & 1 for n in range(parsed.prefixlen))


def _plant(tree: list[list[Any]], bits: list[int], offset: int) -> None:
    """A side of a node is None, the number of another node, or ("data", offset)."""
    node = 0
    for bit in bits[:-1]:
        if tree[node][bit] is None:
            tree[node][bit] = len(tree)
            tree.append([None, None])
        node = tree[node][bit]
    tree[node][bits[-1]] = ("data", offset)


def _place(side: Any, count: int) -> int:
    if side is None:
        return count
    return count + len(SEPARATOR) + side[1] if isinstance(side, tuple) else int(side)


def _encoded(value: Any) -> bytes:
    if isinstance(value, str):
        text = value.encode()
        return _control(2, len(text)) + text
    if isinstance(value, int):
        return _number(UINT32, value)
    if isinstance(value, Mapping):
        return _control(MAP, len(value)) + b"".join(_encoded(part) for pair in value.items() for part in pair)
    return _control(ARRAY, len(value)) + b"".join(map(_encoded, value))


def _number(kind: int, value: int) -> bytes:
    digits = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return _control(kind, len(digits)) + digits


def _control(kind: int, size: int) -> bytes:
    short, more = (size, b"") if size < 29 else (29, bytes([size - 29]))
    first = bytes([(kind << 5 | short) if kind <= MAP else short])
    return first + (bytes([kind - 7]) if kind > MAP else b"") + more


def _metadata(count: int, ip_version: int, built_at: int) -> bytes:
    numbers = {
        "node_count": _number(UINT32, count),
        "record_size": _number(UINT16, 24),
        "ip_version": _number(UINT16, ip_version),
        "binary_format_major_version": _number(UINT16, 2),
        "binary_format_minor_version": _number(UINT16, 0),
        "build_epoch": _number(UINT64, built_at),
    }
    texts = {"database_type": "Test-Country", "languages": ["en", "de"], "description": {"en": "for tests"}}
    pairs = [_encoded(name) + number for name, number in numbers.items()]
    pairs += [_encoded(name) + _encoded(text) for name, text in texts.items()]
    return _control(MAP, len(pairs)) + b"".join(pairs)
