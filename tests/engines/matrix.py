"""Prints what the artist reads, and what everything that can be chosen together comes to.

    python -m tests.engines.matrix [ROW ... | PATH ...]

First every engine in every trouble its provider can be in. Nothing is quoted from the table: each
trouble is played to the real door, and what is read is held against the table. Then every path of
the catalogue with every number of references, of variants and every size, from the command line
through a bridge and an emulator into a file. Ends with 1 when anything differs.

What went as told is noted in dist/matrix.jsonl, and is not tried again before the source differs:
broken off, it goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table

from bridge.catalog import load
from tests.emulators.serve import serve
from tests.engines.asking import Stage
from tests.engines.playing import played, read_by_the_artist
from tests.engines.product import Case, Ended, product, world
from tests.engines.table import TABLE
from tests.engines.told import Row, Told

WIDE = 110  # columns, of a file or a pipe
DELIVERED = Told("(delivered)", "")
ROOT = Path(__file__).parents[2]
JOURNAL = ROOT / "dist" / "matrix.jsonl"
JUDGED = ("bridge/**/*.py", "bridge/*.toml", "tests/emulators/*.py", "tests/engines/*.py")


def main(wanted: list[str]) -> int:
    console = Console(width=None if sys.stdout.isatty() else WIDE)
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
    if not cases:
        return 0
    ended = {one.case: one for one in _run(cases)}
    console.print(_all_together([ended[case] for case in cases]))
    wrong = sum(bool(one.wrong) for one in ended.values())
    console.print(f"{len(cases)} cases, {wrong} not as they were told")
    return wrong


def _all_together(ended: Sequence[Ended]) -> Table:
    names = ("path", "refs", "count", "size", "told", "billed", "recorded", "layers")
    columns = [Column(name, no_wrap=name != "layers") for name in names]
    table = Table(*columns, title="everything together", box=SIMPLE)
    for one in ended:
        case = one.case
        chosen = (case.path, str(case.references), str(case.variants), case.tier or "usual")
        usd = (f"${amount:.4f}" for amount in (one.told, one.billed, one.recorded))
        table.add_row(*chosen, *usd, one.wrong or str(one.layers))
    return table


# --- what is run, and what need not be ----------------------------------------------------------


def _run(cases: Sequence[Case]) -> Iterator[Ended]:
    """As they are known: from the journal, then as each ends. Says on stderr how far it is."""
    source = _source()
    known = {one.case: one for one in _noted(source) if not one.wrong}
    yield from (known[case] for case in cases if case in known)
    left = [case for case in cases if case not in known]
    if not left:
        return
    JOURNAL.parent.mkdir(exist_ok=True)
    with (
        JOURNAL.open("a") as journal,
        tempfile.TemporaryDirectory() as folder,
        world(Path(folder)) as here,
    ):
        for number, one in enumerate(here.run_all(left), start=len(cases) - len(left) + 1):
            print(f"{number} of {len(cases)}: {one.case} {one.wrong}", file=sys.stderr, flush=True)
            journal.write(json.dumps({"source": source, **asdict(one)}) + "\n")
            journal.flush()
            yield one


def _noted(source: str) -> Iterator[Ended]:
    """What was noted of this source."""
    lines = JOURNAL.read_text().splitlines() if JOURNAL.exists() else []
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            continue  # it was killed while it wrote
        if row.pop("source") == source:
            yield Ended(Case(**row.pop("case")), **row)


def _source() -> str:
    """The same as long as nothing differs that could let a case end otherwise."""
    digest = hashlib.sha256()
    for pattern in JUDGED:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
