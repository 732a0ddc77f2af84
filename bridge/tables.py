"""What the command line prints about models."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable

from bridge.hello import ModelReply
from bridge.live import Heard

INDENT = "      "


def print_models(rows: Iterable[ModelReply]) -> None:
    """Four lines a model: what it is for and costs, + strength, - limitation, ! what stands in

    the way of using it.
    """
    width = min(shutil.get_terminal_size((100, 24)).columns, 110)
    for row in rows:
        facts = [row.label, "for " + (" and ".join(row.purposes) or "nothing yet"), row.price]
        print(f"{row.id}: " + ", ".join([*facts, row.alive]))
        for sign, text in (("+", row.strength), ("-", row.limitation), ("!", _obstacle(row))):
            if text:
                print(
                    textwrap.fill(
                        text, width, initial_indent=f"    {sign} ", subsequent_indent=INDENT
                    )
                )


def print_live(heard: Iterable[Heard], rows: Iterable[ModelReply]) -> None:
    """What each provider said, and below it each model that it has or has not."""
    found = tuple(heard)
    if not found:
        print("No provider has a key here; add one with `redraft keys set`.")
    for one in found:
        print(f"{one.label}: {one.sentence}")
    for row in rows:
        if row.live:
            print(f"  {row.label}: {'answers' if row.live == 'yes' else 'is not listed'}")


def _obstacle(row: ModelReply) -> str:
    said = [] if row.usable else [row.why_not]
    if row.alive_sentence and row.alive_sentence not in said:
        said.insert(0, row.alive_sentence)
    return " ".join(said)
