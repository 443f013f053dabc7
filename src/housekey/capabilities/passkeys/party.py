"""The site as authenticators know it: the relying party."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from housekey.errors import Forbidden
from housekey.house import House
from housekey.kernel.texts import text as _

LOCALHOST = "localhost"
CLOSED = _("Nobody uses passkeys on this site.")
_LOCAL_ORIGIN = re.compile(r"http://localhost(:[0-9]{1,5})?")


@dataclass(frozen=True)
class RelyingParty:
    """`origin`: the site's own; None in development, where it is localhost at any port. `others` may use its passkeys
    as well."""

    name: str
    id: str
    origin: str | None
    others: Sequence[str] = ()
    open: bool = True

    @property
    def is_offered(self) -> bool:
        """Browsers make passkeys only on https and localhost, and for no bare address (WebAuthn §5.1.3)."""
        url = urlsplit(self.origin or "http://localhost")
        return self.open and not _is_address(self.id) and (url.scheme == "https" or url.hostname == LOCALHOST)

    def accepts(self, origin: str) -> bool:
        """Whether a page of this origin may ask for them. Compared as browsers write it, and no part of it left out."""
        if origin in self.others:
            return True
        return origin == self.origin if self.origin is not None else _LOCAL_ORIGIN.fullmatch(origin) is not None


def party_of(house: House) -> RelyingParty:
    """The site as authenticators know it. Raises `Forbidden` where nobody uses passkeys: in the handler, not only in
    the page (flaw 44)."""
    party = house.service(RelyingParty)
    if not party.is_offered:
        raise Forbidden(CLOSED)
    return party


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
