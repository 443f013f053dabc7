"""Keys that others know: published ones, and those that somebody meant to replace (flaw 9)."""

from __future__ import annotations

import hashlib
import re

from housekey.errors import ConfigurationError

SHORTEST_KEY = 32
"""Characters: SECRET_KEY signs cookies and form tokens; shorter ones have been guessed (flaw 9)."""
KNOWN = "is well known or has a pattern"
MAKE_ONE = 'Make one with: python -c "import secrets; print(secrets.token_hex(32))"'
FEWEST_CHARACTERS = 8
"""Different ones; a random key of 32 hex digits has fewer once in ten million."""
PUBLISHED = frozenset(
    {
        "67dde0412edb40ae64e09af0d14bfa47757d7a2d222eda47b55d5dd74ba31584",
        "2598f7d6adc142d88161630f3db12ab2bd3403521c281811e5e1ce60d4ac5d76",
        "570dad43de1af4c925f92c16a68a50936da42b7dd6fdeb24850507a1199aac89",
        "fba004a38830fb659b087a6475c0efae1012a70a3609037953c43107d095a712",
        "4f2c8f384099179e0b9488fdc61e5b574590a65a7c7007387f82f31a85651047",
        "a0240fb354ab9bfe1e9e2590a9d3c89d9172b20d90db84cac77d391321982c76",
        "ff62eb26f1d26fc33c63972e90ce69ae49999cec67b4ebeefbe55b3e2fc4402c",
    }
)
"""SHA-256 of keys in tutorials and documents that people copy, ours among them. As digests, so that nobody copies them
from here, and scanners for secrets stay quiet."""
_STARTS = ("django-insecure-",)
_PLACEHOLDER = re.compile(
    r"secret.?key|change.?me|change.?this|replace.?(?:me|this)|super.?secret|top.?secret|insecure|example|placeholder"
    r"|password|your.(?:own|secret|key|app|super|random|very)|(?:in|for).production|never.guess|hard.to.guess",
    re.IGNORECASE,
)
"""Words of seven letters and more: a random key holds none of them, not once in a million."""
_WHOLE = frozenset({"dev", "secret"})


def is_known(key: str | bytes) -> bool:
    """Whether others may know it, or it was never meant to be secret."""
    text = key.decode("latin-1") if isinstance(key, bytes) else key
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return (
        digest in PUBLISHED
        or len(set(text)) < FEWEST_CHARACTERS
        or text.lower() in _WHOLE
        or text.startswith(_STARTS)
        or _PLACEHOLDER.search(text) is not None
    )


def weakness_of(key: str | bytes | None) -> str | None:
    """What is wrong with a key that signs, never the key itself; None if nothing is."""
    if not key:
        return "is not set"
    if is_known(key):
        return KNOWN
    return f"has {len(key)} characters; it needs {SHORTEST_KEY}" if len(key) < SHORTEST_KEY else None


def refuse_weak(setting: str, key: str | None) -> None:
    """Raise `ConfigurationError` for a key in place of SECRET_KEY that could be guessed: whoever has a copy of the
    database tries millions a second."""
    if key and (weakness := weakness_of(key)):
        raise ConfigurationError(f"{setting} {weakness}. {MAKE_ONE}")
