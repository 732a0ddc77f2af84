"""Prints what the artist reads: every engine in every trouble its provider can be in.

    python -m tests.engines.matrix [ROW ...]

Nothing is quoted from the table: each trouble is played to the real door, and what is read is
held against the table. Ends with 1 when anything differs.
"""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table

from tests.emulators.serve import serve
from tests.engines.asking import Stage
from tests.engines.playing import played, read_by_the_artist
from tests.engines.table import TABLE
from tests.engines.told import Row, Told

DELIVERED = Told("(delivered)", "")


def main(wanted: list[str]) -> int:
    console, differing, stage = Console(), 0, Stage()
    with serve(stage) as url:
        for name, row in TABLE.items():
            if row.emulator is not None and (not wanted or name in wanted):
                table, wrong = _printed(name, row, stage, url)
                console.print(table)
                differing += wrong
    if differing:
        console.print(f"{differing} differ from the table")
    return 1 if differing else 0


def _printed(name: str, row: Row, stage: Stage, url: str) -> tuple[Table, int]:
    """The table of one row, and how many of its lines are not as expected."""
    table = Table("trouble", "charged", "what the artist reads", title=name, title_justify="left")
    wrong = 0
    for trouble in sorted([*row.told, *row.delivered]):
        there = played(stage, row, trouble)
        found = read_by_the_artist(row, trouble, url) or DELIVERED
        expected = row.told.get(trouble, DELIVERED)
        wrong += found.sentence != expected.sentence
        billed = f"${there.ledger.usd:.3f}" if there.ledger.usd else "nothing"
        table.add_row(trouble, f"{found.charged} ({billed})", found.sentence)
    return table, wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
