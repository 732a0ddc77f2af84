"""Runs the fault kit and prints its tables.

    python -m tests.faults [--kills N] [--minutes N] [--seed N] [--json FILE] [--only PART,PART]

The parts are kills, transitions, traffic and disk.

All engines take part: they are shared out among homes that live beside each other. Ends with
1 when anything was lost, paid twice, left unsettled, uncounted or damaged, or when a cell of the
traffic's matrix ends otherwise than stated.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.faults.account import Line
from tests.faults.kills import Killed, kills_at_every_transition, random_kills
from tests.faults.providers import lanes, providers

LANES = 3  # homes that are killed at the same time
PARTS = ("kills", "transitions", "traffic", "disk")
COLUMNS = (
    *("asked", "delivered", "failed", "asking", "cancelled", "unsettled"),
    *("charged", "charged_usd", "counted_usd", "lost", "twice", "reachable", "uncounted"),
)
console = Console(width=160)


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--minutes", type=float, default=math.inf, help="for the random kills")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", default=",".join(PARTS))
    wanted = parser.parse_args(words)
    only = wanted.only.split(",")
    report: dict[str, Any] = {"seed": wanted.seed}
    sound = True
    with tempfile.TemporaryDirectory(prefix="redraft-faults-") as folder:
        if "kills" in only:
            with providers(slowest=0.25) as there:
                home, beside, minutes = _home(folder, "kills"), lanes(there, LANES), wanted.minutes
                killed = random_kills(home, beside, wanted.kills, wanted.seed, _say, minutes)
            sound &= _show(f"{killed.kills} kills at random moments", killed, report, "kills")
        if "transitions" in only:
            with providers() as there:
                home, beside = _home(folder, "transitions"), lanes(there, LANES)
                killed = kills_at_every_transition(home, beside, _say)
            sound &= _show("killed at every transition", killed, report, "transitions")
        if "traffic" in only:
            from tests.faults.traffic import show_matrix

            sound &= show_matrix(Path(folder), report, console, _say)
        if "disk" in only:
            from tests.faults.disk import show_full_disk

            sound &= show_full_disk(report, console)
    report["sound"] = sound
    console.print("sound" if sound else "NOT SOUND")
    if wanted.json:
        wanted.json.write_text(json.dumps(report, indent=1))
    return 0 if sound else 1


def _home(folder: str, name: str) -> Path:
    home = Path(folder) / name
    home.mkdir(mode=0o700)
    return home


def _say(line: str) -> None:
    print(line, flush=True)


def _show(title: str, killed: Killed, report: dict[str, Any], name: str) -> bool:
    found = killed.account
    assert found is not None
    console.print(_table(title, list(found.lines.values())))
    console.print(f"killed in {dict(killed.died_in)}")
    console.print(f"database: {found.database}; damaged files: {len(found.damaged)}")
    for line in found.lines.values():
        for reason, count in line.reasons.most_common():
            console.print(f"  {line.engine}: {count} x {reason}")
    report[name] = {
        "kills": killed.kills,
        "died_in": dict(killed.died_in),
        "database": found.database,
        "damaged": found.damaged,
        "engines": {name: line.as_json() for name, line in found.lines.items()},
    }
    return found.sound


def _table(title: str, lines: list[Line]) -> Table:
    table = Table("engine", *COLUMNS, title=title, title_justify="left")
    for line in lines:
        table.add_row(line.engine, *(_shown(getattr(line, name)) for name in COLUMNS))
    table.add_row("all", *(_shown(sum(getattr(one, name) for one in lines)) for name in COLUMNS))
    return table


def _shown(value: float) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
