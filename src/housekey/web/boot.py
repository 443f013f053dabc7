"""Which start of the server this is, for sites whose sessions end when it restarts.

All workers of one start must agree, also those that are replaced later, and a reload in development should not
log anyone out: so the process group's leader names the start (gunicorn's master, a container's first process, the
shell's job). `HOUSEKEY_BOOT_ID` in the environment overrides it.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

_STARTED_FIELD = 19
"""Field 22 of /proc/<pid>/stat, `starttime`, counted after the command's closing parenthesis (proc(5))."""


def boot_id() -> str:
    """A name of at most 64 characters."""
    given = os.environ.get("HOUSEKEY_BOOT_ID")
    leader = os.getpgid(0) if hasattr(os, "getpgid") else os.getpid()
    about = given or f"{_read('/proc/sys/kernel/random/boot_id')}|{leader}|{_started(leader)}"
    return hashlib.sha256(about.encode()).hexdigest()[:32]


def _started(pid: int) -> str:
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return fields[_STARTED_FIELD] if len(fields) > _STARTED_FIELD else ""


def _read(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""
