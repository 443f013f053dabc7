"""Where `next` may lead: a path on this site, parsed once, strictly; anything else nowhere (flaw 40).

Browsers read an address more generously than servers do: they take a backslash for a slash, drop tabs and line
ends, and strip control characters at its ends. What could be read in two ways is refused rather than mended.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from housekey.web.origins import origin_of

LONGEST = 4096
"""Characters of a path as it is sent: servers and proxies take lines of about so many."""

_TWO_FACED = re.compile(r"[\\\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_ABSOLUTE = re.compile(r"(https?://[^/?#]+)(.*)", re.IGNORECASE)
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_IN_PATH = "/%:@!$&'()*+,;=-._~"
_IN_QUERY = _IN_PATH + "?"


def safe_path(target: str | None, base_url: str | None = None) -> str | None:
    """`target` as a path with query and fragment, ready for a `Location` header; None if it isn't one of this site.

    An absolute address of the very origin of `base_url` (hosts pass `request.url`) counts as its path.
    The result is ASCII without blanks, quotes or line ends (flaw 42), and is its own `safe_path`.
    """
    if not isinstance(target, str) or len(target) > LONGEST or target != target.strip() or _TWO_FACED.search(target):
        return None
    local = _without_own_origin(target, base_url)
    path = re.split("[?#]", local, maxsplit=1)[0]
    if not _is_plain(path) or not _is_plain(unquote(path)):
        return None
    quoted = quoted_path(local)
    return quoted if len(quoted) <= LONGEST else None


def quoted_path(path: str) -> str:
    """All that RFC 3986 has no place for as %XX; what is quoted already stays."""
    before, mark, fragment = _LONE_PERCENT.sub("%25", path).partition("#")
    path, question, query = before.partition("?")
    return quote(path, safe=_IN_PATH) + question + quote(query, safe=_IN_QUERY) + mark + quote(fragment, safe=_IN_QUERY)


def _without_own_origin(target: str, base_url: str | None) -> str:
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute is None or (origin := origin_of(base_url)) is None or origin_of(absolute[1]) != origin:
        return target
    return absolute[2] if absolute[2].startswith("/") else "/" + absolute[2]


def _is_plain(path: str) -> bool:
    """One slash in front, and nothing that a browser, or a proxy that decodes %2F and %5C, makes a host of.

    Dot segments too: `/..//host` is a path, but what is left when they are taken away may not be read as one.
    """
    if not path.startswith("/") or path.startswith("//") or _TWO_FACED.search(path):
        return False
    return not any(segment in (".", "..") for segment in path.split("/"))
