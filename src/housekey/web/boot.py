"""Which start of the server this is, for sites whose sessions end when it restarts.

All workers of one start must agree, also those that are replaced later, and a reload in development should not log
anyone out. So the start is named by the process that has forked the others: gunicorn's or uWSGI's master, the
reloader. A program that has forked nothing and isn't known to serve alone may be one worker of several that somebody
else has started: there the process group's leader names the start, which tells too few starts apart rather than too
many. Nothing here sees beyond one machine or container: `HOUSEKEY_BOOT_ID` in the environment names the start instead.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

BOOT_ID = "HOUSEKEY_BOOT_ID"
_STACK_FIELD, _STARTED_FIELD = 25, 19
"""Fields 28 and 22 of /proc/<pid>/stat, `startstack` and `starttime`, counted after the command's closing parenthesis
(proc(5))."""
_GENERATIONS = 4
"""Master, reloader, and some to spare."""
_LONE_SERVERS = frozenset({"gunicorn.arbiter", "waitress.server"})


def boot_id() -> str:
    """A name of at most 64 characters."""
    given = os.environ.get(BOOT_ID)
    pid = None if given else _master()
    about = given or f"{_read('/proc/sys/kernel/random/boot_id')}|{pid}|{_started(pid)}"
    return hashlib.sha256(about.encode()).hexdigest()[:32]


def _master() -> int:
    """The process whose start is the server's."""
    pid = os.getppid() if os.environ.get("WERKZEUG_RUN_MAIN") == "true" else os.getpid()
    is_forked = _is_forked(pid)
    for _ in range(_GENERATIONS):
        if not is_forked:
            break
        pid = _parent(pid)
        is_forked = _is_forked(pid)
    if pid != os.getpid():
        return pid
    return pid if is_forked is False and _serves_alone() else _leader()


def _serves_alone() -> bool:
    """Whether this process, which nobody has forked, is the whole server or its master."""
    return os.environ.get("FLASK_RUN_FROM_CLI") == "true" or bool(sys.modules.keys() & _LONE_SERVERS)


def _leader() -> int:
    return os.getpgid(0) if hasattr(os, "getpgid") else os.getpid()


def _is_forked(pid: int) -> bool | None:
    """Whether a process is its parent's fork that has run nothing else since. Then its stack begins where the parent's
    does, at an address that is drawn anew for each program. None: it can't be told, since the parent is another user's;
    but then the command line can be read."""
    parent = _parent(pid)
    if not parent:
        return False
    stacks = {_field(process, _STACK_FIELD) for process in (pid, parent)}
    if stacks.isdisjoint({"", "0"}):
        return len(stacks) == 1
    lines = {_read(f"/proc/{process}/cmdline") for process in (pid, parent)}
    return True if len(lines) == 1 and "" not in lines else None


def _parent(pid: int) -> int:
    return int(_field(pid, 1) or 0)


def _started(pid: int | None) -> str:
    return _field(pid, _STARTED_FIELD)


def _field(pid: int | None, number: int) -> str:
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return fields[number] if len(fields) > number else ""


def _read(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""
