"""Runs atheris over everything that reads bytes from outside, one child for each target.

    python -m tests.fuzz.guided PYTHON SECONDS SEED [TARGET ...]

PYTHON: of the fuzzers' environment. SECONDS: for each target. SEED: 0 for another one each time,
which a find names. Ends with 1 when any target ended
otherwise than by the clock.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.fuzz.answering import ANSWERS
from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).parents[2]
SHOWN = 3000  # characters of what a target said that broke


def main(python: str, seconds: str, seed: str, *wanted: str) -> int:
    broken = 0
    path = os.pathsep.join((str(ROOT), sysconfig.get_path("purelib")))
    for name in wanted or (*TARGETS, *ANSWERS):
        command = [python, str(Path(__file__).with_name("deep.py")), name, seconds, seed]
        told = os.environ | {"PYTHONPATH": path, "PYTHONSAFEPATH": "1"}
        done = subprocess.run(command, capture_output=True, text=True, env=told, check=False)
        runs = re.search(r"number_of_executed_units: *(\d+)", done.stderr)
        peak = re.search(r"peak_rss_mb: *(\d+)", done.stderr)
        said = "clean" if done.returncode == 0 and runs else "BROKEN"
        counts = [found.group(1) if found else "?" for found in (runs, peak)]
        print(f"{name}: {counts[0]} inputs, peak {counts[1]} MB, {said}", flush=True)
        if said != "clean":
            broken += 1
            print(done.stderr[-SHOWN:])
            print(done.stdout[-SHOWN:], flush=True)  # the traceback: last, where it is read
    print(f"{broken} targets broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
