"""What a browser says it is, for the list of sessions and for session protection.

A table read from the top: browsers name those they are like, so the particular stands before the general
(Edge says Chrome, Chrome says Safari). Substrings, no regular expressions: nothing to run away (ReDoS).
Brave and Chromium call themselves Chrome; an iPad that asks for desktop pages calls itself a Mac. Nothing of the
text itself is ever shown, so it can't pass for a message to the reader (flaw 60).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from housekey.kernel.texts import text as _

Kind = Literal["phone", "tablet", "laptop", "terminal", "unknown"]
LONGEST = 512
"""Characters that are read and kept; real ones have up to 300."""

_BROWSERS = (
    ("Edge", ("Edg/", "EdgA/", "EdgiOS/", "Edge/")),
    ("Opera", ("OPR/", "OPT/", "Opera")),
    ("Samsung Internet", ("SamsungBrowser/",)),
    ("Vivaldi", ("Vivaldi/",)),
    ("Yandex Browser", ("YaBrowser/",)),
    ("DuckDuckGo", ("DuckDuckGo/", "Ddg/")),
    ("Firefox", ("Firefox/", "FxiOS/")),
    ("Chrome", ("Chrome/", "CriOS/", "Chromium/")),
    ("Safari", ("Safari/",)),
)
_SYSTEMS: tuple[tuple[str, tuple[str, ...], Kind], ...] = (
    ("iPadOS", ("iPad",), "tablet"),
    ("iOS", ("iPhone", "iPod"), "phone"),
    ("Android", ("Android",), "phone"),
    ("ChromeOS", ("CrOS",), "laptop"),
    ("Windows", ("Windows",), "laptop"),
    ("macOS", ("Macintosh", "Mac OS X"), "laptop"),
    ("Linux", ("Linux", "X11"), "laptop"),
)
_TOOLS = (
    ("curl", "curl/"),
    ("Wget", "Wget/"),
    ("HTTPie", "HTTPie/"),
    ("Python Requests", "python-requests/"),
    ("HTTPX", "python-httpx/"),
    ("urllib", "Python-urllib/"),
    ("OkHttp", "okhttp/"),
    ("Go", "Go-http-client/"),
    ("Postman", "PostmanRuntime/"),
    ("Flask test client", "Werkzeug/"),
)


@dataclass(frozen=True)
class Device:
    """A browser and the system it runs on; "" where it isn't known. `kind` chooses the picture."""

    browser: str
    system: str
    kind: Kind

    @property
    def name(self) -> str:
        """In the reader's language: "Firefox on Windows", "curl", "Unknown device"."""
        if self.browser and self.system:
            return str(_("{browser} on {system}", browser=self.browser, system=self.system))
        return self.browser or self.system or str(_("Unknown device"))


def clean(user_agent: str) -> str:
    """What may be kept of the header: its beginning, without control characters, NUL and surrogates."""
    return "".join(c for c in user_agent[:LONGEST] if c.isprintable())


def describe(user_agent: str) -> Device:
    """The device behind a User-Agent header. Never raises; what isn't in the tables is unknown."""
    said = clean(user_agent)
    for tool, beginning in _TOOLS:
        if said.startswith(beginning):
            return Device(tool, "", "terminal")
    browser = next((name for name, marks in _BROWSERS if any(mark in said for mark in marks)), "")
    for system, marks, kind in _SYSTEMS:
        if any(mark in said for mark in marks):
            return Device(browser, system, _android_kind(said) if system == "Android" else kind)
    return Device(browser, "", "unknown")


@lru_cache(maxsize=1024)
def family(user_agent: str) -> str:
    """Browser and system without versions, never translated: equal before and after an update.

    A program that isn't in the tables is told by the name it begins with: MyApp/1.2 is `MyApp`. Remembered: a browser
    that was updated after its login is compared at every request.
    """
    device = describe(user_agent)
    return f"{device.browser or _product(user_agent)} on {device.system or 'unknown'}"


def _android_kind(said: str) -> Kind:
    """Phones say Mobile, tablets don't: Google's rule for Chrome, and Firefox's."""
    return "phone" if "Mobile" in said else "tablet"


def _product(user_agent: str) -> str:
    first = clean(user_agent).split("/")[0].split(" ")[0]
    return "".join(c for c in first if c.isascii() and c.isalpha())[:40] or "unknown"
