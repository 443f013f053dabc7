"""A slip of the pen in a guard, `@roles_required("admn")`: it lets nobody in, and nothing says why."""

from __future__ import annotations

import logging
from collections.abc import Collection

from housekey.web.here import state

log = logging.getLogger("housekey")
NO_SUCH_ROLE = (
    "A guard asks for the role “%s”, which doesn't exist, so nobody has it. Mend the name, or make the role: "
    "flask housekey roles create %s"
)
NO_SUCH_PERMISSION = (
    "A guard asks for the permission “%s”, which no role gives. Mend the name, or give it to a role: "
    "flask housekey roles create ROLE %s"
)


def warn_of_unborne(roles: Collection[str], permissions: Collection[str]) -> None:
    """Told, not refused: a role may be made later. Looked for when somebody isn't let in, and once for each name, so
    that whoever is let in pays nothing."""
    current = state()
    doubtful = [[name for name in names if name not in current.doubted] for names in (roles, permissions)]
    if not any(doubtful):
        return
    current.doubted.update(*doubtful)
    for name in sorted(current.house.unborne(current.house, *doubtful)):
        log.warning(NO_SUCH_ROLE if name in roles else NO_SUCH_PERMISSION, name, name)
