"""What `import housekey` costs in a fresh process."""

from __future__ import annotations

import statistics
import subprocess
import sys

RUNS = 7
SCRIPT = """
import time
before = time.perf_counter()
import {module}
spent = time.perf_counter() - before
print(spent * 1000, int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 1024)
"""


def import_cost(module: str) -> tuple[float, float]:
    """Median milliseconds, and megabytes of the process afterwards."""
    runs = [_once(module) for _ in range(RUNS)]
    return statistics.median(run[0] for run in runs), statistics.median(run[1] for run in runs)


def _once(module: str) -> tuple[float, float]:
    command = [sys.executable, "-c", SCRIPT.format(module=module)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return float(printed[0]), float(printed[1])
