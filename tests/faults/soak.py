"""Round after round through one bridge: memory, handles and left-over files must not grow.

python -m tests.faults.soak [--rounds 20] [--engines bfl]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.faults.crowd import client
from tests.faults.providers import providers
from tests.faults.stand import Stand, end

WARM = 0.5  # of the rounds, in which caches may fill
MOST_GROWTH_MB = 30.0
MOST_HANDLES = 8


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--engines", default="bfl")
    wanted = parser.parse_args(words)
    seen: list[tuple[float, int, int]] = []
    with (
        tempfile.TemporaryDirectory(prefix="redraft-soak-") as folder,
        providers(tuple(wanted.engines.split(","))) as there,
    ):
        home = Path(folder) / "home"
        home.mkdir(mode=0o700)
        environment: dict[str, str] = {}
        for provider in there:
            environment |= provider.environment()
        stand = Stand(home, environment)
        pid = stand.start()
        assert stand.ready(pid), stand.complaints.read_text()
        try:
            for turn in range(wanted.rounds):
                took: list[float] = []
                client(stand, there, turn, 4, took)
                assert len(took) == 4, "not all were delivered"
                seen.append(_measured(pid, home))
                size, handles, left = seen[-1]
                print(f"round {turn + 1}: {size:.0f} MB, {handles} handles, {left} left-over files")
        finally:
            end(pid)
            stand.close()
    warm = seen[int(len(seen) * WARM)]
    last = seen[-1]
    grown = last[0] - warm[0]
    print(f"after warming up: {grown:+.1f} MB, {last[1] - warm[1]:+d} handles")
    steady = grown <= MOST_GROWTH_MB and last[1] - warm[1] <= MOST_HANDLES and last[2] == 0
    return 0 if steady else 1


def _measured(pid: int, home: Path) -> tuple[float, int, int]:
    """MB of memory, open handles, files that belong to nothing."""
    status = Path(f"/proc/{pid}/status").read_text()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    left = sum(1 for name in ("incoming", "arriving") for _ in (home / name).iterdir())
    return int(resident.split()[1]) / 1024, len(list(Path(f"/proc/{pid}/fd").iterdir())), left


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
