"""Under which keys lies what is encrypted in the database."""

from __future__ import annotations

from collections.abc import Iterator

from housekey.commands.diagnosis.finding import FAIL, OK, WARN, Finding
from housekey.house import House
from housekey.store import resealing

SUBJECT = "sealed rows"


def examine(house: House) -> Iterator[Finding]:
    """Needs the database. Without a key there is nothing to compare with, and that is told elsewhere."""
    if not house.sealer.marks():
        return
    found = resealing.count(house)
    if found.lost:
        cure = (
            "Put the former key into HOUSEKEY_SEAL_KEY_FALLBACKS or SECRET_KEY_FALLBACKS: until then those "
            "authenticator apps work no more, and those mails are not sent."
        )
        yield Finding(FAIL, SUBJECT, f"lie under a key that isn't here: {found.lost}.", cure)
    if found.former:
        cure = "Run: flask housekey seal rotate. Then the former key may go, once no cookie is signed by it any more."
        yield Finding(WARN, SUBJECT, f"lie under a former key: {found.former}.", cure)
    if not found.lost and not found.former:
        yield Finding(OK, SUBJECT, f"lie under the newest key: {found.current}.")
