"""What the command line says while it works: sentences and a bar, or JSON lines for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from bridge.estimate import PlanReply
from bridge.money import spent
from bridge.wire import Message, RevisionReply


@dataclass(frozen=True, slots=True)
class Report:
    """Problems go to standard error; with as_json each happening is one JSON line."""

    as_json: bool

    def plan(self, plan: PlanReply) -> None:
        if self.as_json:
            self._line("plan", plan)
            return
        box, (width, height) = plan.box, plan.send
        print(
            f"{plan.label}: {box.right - box.left}x{box.bottom - box.top} px at "
            f"({box.left}, {box.top}), sent as {width}x{height}, {plan.sharpness}; {plan.price}."
        )
        for sentence in (plan.why, plan.where, plan.hint, *plan.warnings):
            if sentence:
                print(sentence)

    def note(self, sentence: str) -> None:
        if self.as_json:
            print(json.dumps({"event": "note", "sentence": sentence}))
        else:
            print(sentence)

    def problem(self, sentence: str) -> None:
        print(sentence, file=sys.stderr)

    def progress(self, reply: RevisionReply) -> None:
        if self.as_json:
            self._line("revision", reply)

    def ended(self, reply: RevisionReply, out: Path) -> None:
        if self.as_json:
            print(json.dumps({"event": "written", "out": str(out), "usd": reply.usd}))
            return
        for variant in reply.variants:
            if variant.line:
                print(f"{variant.name}: {variant.line}")
        reported = all(variant.usd_reported for variant in reply.variants if variant.usd)
        print(f"{out}  ({spent(reply.usd, reported=reported)})")

    def _line(self, event: str, message: Message) -> None:
        print(json.dumps({"event": event, **message.model_dump(mode="json")}), flush=True)


def shown_progress(states: Iterable[RevisionReply], report: Report) -> RevisionReply:
    """Follows a revision to its last state; a bar only where somebody looks."""
    last: RevisionReply | None = None
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    quiet = report.as_json or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=quiet) as bar:
        task = bar.add_task("sent", total=None)
        for last in states:
            report.progress(last)
            _show(bar, task, last)
    assert last is not None  # the stream begins with the state as it is
    return last


def _show(bar: Progress, task: TaskID, reply: RevisionReply) -> None:
    known = [variant.fraction for variant in reply.variants if variant.fraction is not None]
    note = next((variant.note for variant in reply.variants if variant.note), "working")
    total = float(len(reply.variants)) if known else None
    bar.update(task, description=note, total=total, completed=sum(known))
