"""What the emulators charged, held against what the history holds."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bridge.errors import HomeTrouble
from bridge.files import Files
from tests.faults.providers import MARK, Provider

WELL = ("composed", "delivered")
MAYBE_CHARGED = ("yes", "unknown")


@dataclass
class Line:
    """One engine. `lost`: charged there, and here neither answer nor question nor a statement

    that it may have been charged. `reachable`: asked about although a reference would find it.
    """

    engine: str
    asked: int = 0
    delivered: int = 0
    failed: int = 0
    asking: int = 0
    cancelled: int = 0
    unsettled: int = 0
    charged: int = 0
    charged_usd: float = 0.0
    counted_usd: float = 0.0
    lost: int = 0
    twice: int = 0
    reachable: int = 0
    uncounted: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def sound(self) -> bool:
        return not (self.lost or self.twice or self.reachable or self.uncounted or self.unsettled)

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "reasons": dict(self.reasons)}


@dataclass
class Account:
    lines: dict[str, Line]
    database: str  # "ok", or what SQLite complains of
    damaged: list[str]  # files of the history

    def __add__(self, other: Account) -> Account:
        """Of two homes, whose engines are asked by different names."""
        said = {self.database, other.database} - {"ok"}
        lines, damaged = {**self.lines, **other.lines}, [*self.damaged, *other.damaged]
        return Account(lines, "; ".join(sorted(said)) or "ok", damaged)

    @property
    def sound(self) -> bool:
        return (
            self.database == "ok"
            and not self.damaged
            and all(line.sound for line in self.lines.values())
        )


def account(home: Path, providers: Sequence[Provider]) -> Account:
    """Read from the disk alone, after every bridge has ended."""
    db = sqlite3.connect(home / "history.db")
    db.row_factory = sqlite3.Row
    try:
        (said,) = db.execute("PRAGMA integrity_check").fetchone()
        rows = [
            dict(row)
            for row in db.execute(
                "SELECT v.*, r.request, r.prompt AS words FROM variant v "
                "JOIN revision r ON r.id = v.revision"
            )
        ]
        counted: Counter[tuple[str, int]] = Counter()
        for row in db.execute("SELECT revision, number, usd FROM charge WHERE fate != 'free'"):
            counted[row["revision"], row["number"]] += row["usd"]
    finally:
        db.close()
    lines = {provider.name: Line(provider.name) for provider in providers}
    engines = {provider.row.engine().id: provider for provider in providers}
    seen: set[str] = set()
    for row in rows:
        engine = json.loads(row["request"])["choice"].get("route", "")
        found = MARK.search(row["words"].encode())
        if engine in engines and found:
            provider, marked = engines[engine], found.group().decode()
            seen.add(marked)
            cost = counted[row["revision"], row["number"]]
            _enter(lines[provider.name], row, provider.ledger.charged.get(marked, []), cost)
    for provider in providers:
        for marked, charges in provider.ledger.charged.items():
            if marked not in seen:  # charged for what the history never heard of
                lines[provider.name].lost += len(charges)
    return Account(lines, str(said), _damaged(home, rows))


def _enter(line: Line, row: Mapping[str, object], charges: list[float], counted: float) -> None:
    state = str(row["state"])
    error = json.loads(str(row["error"])) if row["error"] else {}
    line.asked += 1
    line.charged += len(charges)
    line.charged_usd += sum(charges)
    line.counted_usd += counted
    line.twice += len(charges) > 1
    line.uncounted += bool(charges) and counted <= 0
    if state in WELL:
        line.delivered += 1
    elif state in ("failed", "asking", "cancelled"):
        setattr(line, state, getattr(line, state) + 1)
        line.reasons[f"{state}: {error.get('sentence', 'by the artist')}"] += 1
    else:
        line.unsettled += 1
    if charges and state not in (*WELL, "asking") and error.get("charged") not in MAYBE_CHARGED:
        line.lost += 1
    if state == "asking" and row["ref"]:
        line.reachable += 1


def _damaged(home: Path, rows: Sequence[Mapping[str, object]]) -> list[str]:
    """Every file that a variant names must be there, whole."""
    files, found = Files(home), []
    for row in rows:
        for name in (row["answer"], row["patch"], row["mask"]):
            if name:
                try:
                    files.get(str(name))
                except HomeTrouble as exc:
                    found.append(exc.sentence)
    return found
