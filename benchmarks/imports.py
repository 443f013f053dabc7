"""What `import housekey` costs in a fresh process, from bytecode, which pip makes as it installs."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence

RUNS = 9
SCRIPT = """
import time
before = time.process_time()
import {module}
spent = time.process_time() - before
print(spent * 1000, int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 1024)
"""


def import_costs(modules: Sequence[str]) -> dict[str, tuple[float, float]]:
    """By module: median milliseconds of CPU, and megabytes of the process afterwards; in rounds that take turns."""
    with tempfile.TemporaryDirectory() as bytecode:
        for module in modules:
            _once(module, bytecode)
        rounds = [[_once(module, bytecode) for module in modules] for _ in range(RUNS)]
    columns = zip(*rounds, strict=True)
    return {
        module: (statistics.median(run[0] for run in runs), statistics.median(run[1] for run in runs))
        for module, runs in zip(modules, columns, strict=True)
    }


def _once(module: str, bytecode: str) -> tuple[float, float]:
    command = [sys.executable, "-c", SCRIPT.format(module=module)]
    environ = {**os.environ, "PYTHONPYCACHEPREFIX": bytecode}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)  # compiling the sources each time would double our part
    printed = subprocess.run(command, capture_output=True, text=True, check=True, env=environ).stdout.split()
    return float(printed[0]), float(printed[1])
