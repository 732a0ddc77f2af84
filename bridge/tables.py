"""What the command line prints as tables."""

from __future__ import annotations

from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.table import Table

from bridge.hello import ModelReply


def print_models(rows: Iterable[ModelReply]) -> None:
    """One row a model: what it is for, what it cannot, what it costs, whether it is alive."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("model", "for", "strength", "limitation", "price", "alive", "ready"):
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(
            row.id,
            ", ".join(row.purposes),
            row.strength,
            row.limitation,
            row.price,
            row.alive_sentence or row.alive,
            "yes" if row.usable else row.why_not,
        )
    Console().print(table)
