"""The headers of Housekey's own pages: what a browser may load, show, store and tell (ASVS 3.4).

A host's layout that needs more writes its policy as a mapping and gives the text to the setting:

    HOUSEKEY_CONTENT_SECURITY_POLICY = csp_text({**CSP, "style-src": ("'self'", "https://cdn.example")})
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

from werkzeug.wrappers import Response

from housekey.errors import ConfigurationError

R = TypeVar("R", bound=Response)
CSP: Mapping[str, Sequence[str]] = {
    "default-src": ("'none'",),
    "object-src": ("'none'",),
    "script-src": ("'self'",),
    "style-src": ("'self'",),
    "img-src": ("'self'", "data:"),
    "connect-src": ("'self'",),
    "form-action": ("'self'",),
    "base-uri": ("'none'",),
    "frame-ancestors": ("'none'",),
}
"""Nothing inline, nothing from elsewhere, in nobody's frame. `form-action` holds for redirects after a form too;
`object-src` and `base-uri` are what ASVS 3.4.3 wants to read in any case."""

_DIRECTIVE = re.compile(r"[a-z][a-z-]*")
_SOURCE = re.compile(r"[!-+\--:<-~]+")
"""Printable ASCII but blank, comma and semicolon, which would begin another policy or directive (CSP 3 §2.3.1)."""


def csp_text(policy: Mapping[str, Sequence[str]]) -> str:
    """A policy as its header writes it. Raises `ConfigurationError` for what would be read as something else."""
    for name, sources in policy.items():
        wrong = [part for part in sources if not _SOURCE.fullmatch(part)]
        if isinstance(sources, str) or wrong or not _DIRECTIVE.fullmatch(name):
            raise ConfigurationError(
                f"Content-Security-Policy, {name!r}: {sources!r} isn't a list of sources. "
                'Write each one on its own, for example ("\'self\'", "https://cdn.example").'
            )
    return "; ".join(" ".join((name, *sources)) for name, sources in policy.items())


def secure_headers(response: R, *, csp: str | None, hsts: str | None) -> R:
    """Add what a page of ours must say; what its view said before stays, but for a public `Cache-Control`.

    `csp` None: no policy, for a layout that can't have one; framing stays forbidden. `hsts` is the whole value of
    `Strict-Transport-Security`; it binds all of the host's site, so it is sent only if the host asks for it.
    """
    ours = {
        "Content-Security-Policy": csp,
        "Strict-Transport-Security": hsts,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    for name, value in ours.items():
        if value:
            response.headers.setdefault(name, value)
    chosen = response.cache_control
    if chosen.public or not (chosen.private or chosen.no_store):
        response.headers["Cache-Control"] = "no-store"
    return response
