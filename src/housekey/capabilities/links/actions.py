"""The verbs of links: make one for a mail, look at it, spend it once.

A link is bound to its purpose, its address and, where it has one, its user and the user's `security_version`: a change
of password, address or factor, and disabling, end it without touching it.
"""

from housekey.capabilities.links.finding import WRONG_CODE, find, find_by_code, of_purpose, shown, waiting, waiting_for
from housekey.capabilities.links.issuing import issue, note, renew
from housekey.capabilities.links.link import Issued, Link, recipients
from housekey.capabilities.links.spending import (
    BESIDE,
    bears_its_address,
    end,
    is_as_it_was,
    spend,
    still_live,
    use_up,
)

__all__ = [
    "BESIDE",
    "WRONG_CODE",
    "Issued",
    "Link",
    "bears_its_address",
    "end",
    "find",
    "find_by_code",
    "is_as_it_was",
    "issue",
    "note",
    "of_purpose",
    "recipients",
    "renew",
    "shown",
    "spend",
    "still_live",
    "use_up",
    "waiting",
    "waiting_for",
]
