"""Keeps our tables out of the migrations that a host's own Alembic writes by itself.

They stand in the host's MetaData, so `flask db migrate` would make them a second time, in the host's history; they
have their own (`flask housekey db upgrade`).
"""

from __future__ import annotations

import logging
import sys
from functools import partial
from typing import Any

log = logging.getLogger("alembic.housekey")
_known: set[int] = set()


def hide_tables(prefix: str) -> None:
    """Register with Alembic, if this process has it: whoever writes migrations has imported it by the time the
    models are mapped, and nobody else should pay for it."""
    if "alembic" not in sys.modules:
        return
    from alembic.autogenerate.compare import comparators

    if id(comparators) not in _known:
        _known.add(id(comparators))
        comparators.dispatch_for("schema", **_last())(partial(_leave_out, prefix))


def _last() -> dict[str, Any]:
    """After Alembic's own comparison; before Alembic 1.18 the order of registration decides."""
    try:
        from alembic.util import DispatchPriority
    except ImportError:
        return {}
    return {"priority": DispatchPriority.LAST}


def _leave_out(prefix: str, context: Any, upgrade_ops: Any, schemas: Any) -> None:
    """Forget what the comparison found about our tables, unless it is our own check that compares."""
    if str(context.migration_context.version_table).startswith(prefix):
        return
    hosts_own = [op for op in upgrade_ops.ops if not str(getattr(op, "table_name", "")).startswith(prefix)]
    if len(hosts_own) < len(upgrade_ops.ops):
        log.info("left out %s* tables: `flask housekey db upgrade` makes them", prefix)
    upgrade_ops.ops[:] = hosts_own
