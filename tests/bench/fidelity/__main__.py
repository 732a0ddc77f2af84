"""How well an answer is put back, against the truth: `python -m tests.bench.fidelity`.

Prints a table of every row, then each line that has to hold with what was measured. --quick: a
sample within five minutes. --json FILE: every trial's figures. --part tuning: on the pictures that
constants may be chosen on; such figures are never reported.

With --json FILE every trial is also kept at once in FILE's neighbour ending in .trials: the same
command goes on where it was broken off. --shard 2/3 does every third trial; lay the .trials files
together, and the command without --shard prints the whole table from them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from tests.bench.fidelity import pictures, table
from tests.bench.fidelity.kept import carried_on
from tests.bench.fidelity.lines import Line, lines
from tests.bench.fidelity.series import Draw, draws, rows
from tests.bench.fidelity.trials import Outcome, outcomes


def main() -> int:
    asked = _asked()
    began = time.monotonic()
    here = pictures.names(asked.part)
    print(f"{len(here)} {asked.part} pictures of {pictures.HOME}: {', '.join(here)}")
    if here[0].startswith("skimage:"):
        print("The photographs are missing (`make bench-photos`); scikit-image's few stand in.")
    wanted = [row for row in rows(quick=asked.quick) if asked.rows in row.scene.name]
    drawn = [draw for row in wanted for draw in draws(row, asked.part, asked.seed)]
    if asked.shard:
        part, parts = asked.shard
        drawn = drawn[part - 1 :: parts]
    found = _shown(_outcomes(drawn, asked))
    told = lines(found)
    if not asked.rows and not asked.no_speed and not asked.shard:
        told += _beside(quick=asked.quick)
    print()
    for line in told:
        print(line)
    print(f"\n{len(found)} trials in {(time.monotonic() - began) / 60:.1f} minutes")
    if asked.json:
        _write(asked.json, found, told)
    return 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fidelity", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a sample within five minutes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="writes every figure")
    parser.add_argument("--part", choices=("reporting", "tuning"), default="reporting")
    parser.add_argument("--rows", default="", metavar="TEXT", help="only rows named like this")
    parser.add_argument("--seed", type=int, default=0, help="of the first trial of each row")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--shard", type=_shard, metavar="I/N", help="every Nth trial, from the Ith")
    parser.add_argument("--no-speed", action="store_true", help="neither times nor memory")
    return parser.parse_args()


def _shard(text: str) -> tuple[int, int]:
    part, parts = map(int, text.split("/"))
    if not 1 <= part <= parts:
        raise ValueError(text)
    return part, parts


def _outcomes(drawn: list[Draw], asked: argparse.Namespace) -> Iterator[Outcome]:
    if asked.json:
        return carried_on(drawn, asked.workers, asked.json.with_suffix(".trials"))
    return outcomes(drawn, asked.workers)


def _shown(made: Iterator[Outcome]) -> list[Outcome]:
    """Runs them all; each row is printed when it is through."""
    print(f"\n{table.HEAD}\n{table.UNDER}")
    found: list[Outcome] = []
    for name, group in groupby(made, lambda one: one.draw.row.scene.name):
        row = list(group)
        seeds = f"seeds {row[0].draw.seed}-{row[-1].draw.seed}"
        print(f"{table.line(name, row)}  {seeds}", flush=True)
        found += row
    return found


def _beside(*, quick: bool) -> list[Line]:
    """What is not measured trial by trial."""
    from tests.bench.fidelity import cutouts, speed, tiled

    return [*cutouts.lines(), *([] if quick else tiled.lines()), *speed.lines()]


def _write(path: Path, found: list[Outcome], told: list[Line]) -> None:
    report = {
        "lines": [line.to_json() for line in told],
        "trials": [outcome.to_json() for outcome in found],
    }
    path.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    sys.exit(main())
