"""How much memory this process had at most."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

STATUS = Path("/proc/self/status")


def peak_mb() -> float:
    """Of this program alone: on Linux ru_maxrss begins with what the parent had at the start."""
    if STATUS.exists():
        (line,) = [one for one in STATUS.read_text().splitlines() if one.startswith("VmHWM")]
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)
