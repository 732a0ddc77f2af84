"""Prints what the artist reads, and what everything that can be chosen together comes to.

    python -m tests.engines.matrix [ROW ... | PATH ...]

First every engine in every trouble its provider can be in. Nothing is quoted from the table: each
trouble is played to the real door, and what is read is held against the table. Then every path of
the catalogue with every number of references, of variants and every size, from the command line
through a bridge and an emulator into a file. Ends with 1 when anything differs.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table

from bridge.catalog import load
from tests.emulators.serve import serve
from tests.engines.asking import Stage
from tests.engines.playing import played, read_by_the_artist
from tests.engines.product import product, world
from tests.engines.table import TABLE
from tests.engines.told import Row, Told

DELIVERED = Told("(delivered)", "")


def main(wanted: list[str]) -> int:
    console = Console()
    differing = _troubles(console, wanted) + _product(console, wanted)
    console.print(f"{differing} differ from what was told")
    return 1 if differing else 0


def _troubles(console: Console, wanted: list[str]) -> int:
    differing, stage = 0, Stage()
    with serve(stage) as url:
        for name, row in TABLE.items():
            if row.emulator is not None and (not wanted or name in wanted):
                table, wrong = _printed(name, row, stage, url)
                console.print(table)
                differing += wrong
    return differing


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


def _product(console: Console, wanted: list[str]) -> int:
    """How many of the cases did not go as they were told."""
    catalog = load()
    cases = [case for case in product(catalog) if not wanted or case.path in wanted]
    names = ("path", "refs", "count", "size", "told", "billed", "recorded", "layers")
    columns = [Column(name, no_wrap=name != "layers") for name in names]
    table, wrong = Table(*columns, title="everything together", box=SIMPLE), 0
    if not cases:
        return 0
    with tempfile.TemporaryDirectory() as folder, world(Path(folder)) as here:
        for ended in here.run_all(cases):
            case = ended.case
            chosen = (case.path, str(case.references), str(case.variants), case.tier or "usual")
            usd = (f"${one:.4f}" for one in (ended.told, ended.billed, ended.recorded))
            table.add_row(*chosen, *usd, ended.wrong or str(ended.layers))
            wrong += bool(ended.wrong)
    console.print(table)
    console.print(f"{len(cases)} cases, {wrong} not as they were told")
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
