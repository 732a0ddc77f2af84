"""Every revision with its inputs, answers, layers, recipe and cost: SQLite (WAL) and files.

A call returns when what it did is on the disk. All calls may come from any thread.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.errors import Conflict, HomeTrouble, NotFound
from bridge.files import Files

SCHEMA = 1
TABLES = """
CREATE TABLE revision (
    id TEXT PRIMARY KEY, created REAL NOT NULL, document TEXT NOT NULL, document_name TEXT NOT NULL,
    parent TEXT NOT NULL, passes INTEGER NOT NULL, model TEXT NOT NULL, label TEXT NOT NULL,
    title TEXT NOT NULL, prompt TEXT NOT NULL, request TEXT NOT NULL, plan TEXT NOT NULL);
CREATE INDEX revision_document ON revision (document, created);
CREATE TABLE part (
    revision TEXT NOT NULL, name TEXT NOT NULL, file TEXT NOT NULL, PRIMARY KEY (revision, name));
CREATE TABLE variant (
    revision TEXT NOT NULL, number INTEGER NOT NULL, state TEXT NOT NULL, changed REAL NOT NULL,
    ref TEXT, answer TEXT, media_type TEXT, usd_told REAL NOT NULL, usd REAL, seed INTEGER,
    prompt TEXT NOT NULL, edge TEXT NOT NULL, layer TEXT, patch TEXT, mask TEXT, error TEXT,
    PRIMARY KEY (revision, number));
CREATE INDEX variant_state ON variant (state);
"""

# What may follow what. Anything else is a bug, not a fault.
MOVES: dict[str, frozenset[str]] = {
    "queued": frozenset({"sending", "submitted", "received", "failed", "cancelled"}),
    "sending": frozenset({"sending", "submitted", "received", "failed", "cancelled", "asking"}),
    "submitted": frozenset({"submitted", "received", "failed", "cancelled", "asking"}),
    "received": frozenset({"received", "composed", "failed"}),
    "composed": frozenset({"composed", "delivered", "failed"}),
    "delivered": frozenset({"composed", "delivered"}),
    "failed": frozenset({"queued", "received"}),  # by hand, and only by hand
    "cancelled": frozenset({"queued"}),
    "asking": frozenset({"queued", "failed"}),
}


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """request and plan: JSON text, as the message and the plan were."""

    id: str
    created: float
    document: str
    document_name: str
    parent: str
    passes: int
    model: str
    label: str
    title: str
    prompt: str
    request: str
    plan: str


@dataclass(frozen=True, slots=True)
class VariantRow:
    """answer, patch, mask: names of files. usd: as reported; None when it was not."""

    revision: str
    number: int
    state: str
    changed: float
    ref: str | None
    answer: str | None
    media_type: str | None
    usd_told: float
    usd: float | None
    seed: int | None
    prompt: str
    edge: str
    layer: str | None
    patch: str | None
    mask: str | None
    error: str | None

    @property
    def charged(self) -> float:
        """USD this cost, as far as is known: nothing before it left, then what was told."""
        if self.usd is not None:
            return self.usd
        paid = self.state in ("submitted", "received", "composed", "delivered", "asking")
        return self.usd_told if paid or self.answer else 0.0


class History:
    def __init__(self, folder: Path) -> None:
        self.files = Files(folder)
        self._lock = threading.RLock()
        try:
            self._db = sqlite3.connect(folder / "history.db", check_same_thread=False)
            self._db.row_factory = sqlite3.Row
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            (folder / "history.db").chmod(0o600)
            self._upgrade()
        except (sqlite3.Error, OSError) as exc:
            raise HomeTrouble(f"The history in {folder} cannot be opened ({exc}).") from exc

    def close(self) -> None:
        with self._lock:
            self._db.close()

    # --- writing ---------------------------------------------------------------------------

    def add(
        self,
        revision: Mapping[str, Any],
        parts: Mapping[str, bytes],
        variants: Sequence[Mapping[str, Any]],
    ) -> str:
        """A new revision with its inputs; every variant starts as queued. Returns its id."""
        new = uuid.uuid4().hex
        now = time.time()
        files = {name: self.files.put(content) for name, content in parts.items()}
        with self._writing() as db:
            _insert(db, "revision", {"id": new, "created": now, **revision})
            for name, file in files.items():
                _insert(db, "part", {"revision": new, "name": name, "file": file})
            for number, variant in enumerate(variants, start=1):
                fresh = {"revision": new, "number": number, "state": "queued", "changed": now}
                _insert(db, "variant", fresh | dict(variant))
        return new

    def move(self, revision: str, number: int, state: str, **changes: Any) -> None:
        """Puts a variant into `state`; Conflict when it cannot follow the one it is in."""
        with self._writing() as db:
            row = db.execute(
                "SELECT state FROM variant WHERE revision = ? AND number = ?", (revision, number)
            ).fetchone()
            if row is None:
                raise NotFound(f"There is no variant {number} of this revision.")
            if state not in MOVES[row["state"]]:
                raise Conflict(f"A variant that is {row['state']} cannot become {state}.")
            values = {"state": state, "changed": time.time(), **changes}
            names = ", ".join(f"{name} = ?" for name in values)
            db.execute(
                f"UPDATE variant SET {names} WHERE revision = ? AND number = ?",
                (*values.values(), revision, number),
            )

    # --- reading ---------------------------------------------------------------------------

    def revision(self, revision: str) -> RevisionRow:
        rows = self._read("SELECT * FROM revision WHERE id = ?", revision)
        if not rows:
            raise NotFound("There is no such revision; it may have been removed from history.")
        return RevisionRow(**rows[0])

    def variants(self, revision: str) -> tuple[VariantRow, ...]:
        rows = self._read("SELECT * FROM variant WHERE revision = ? ORDER BY number", revision)
        return tuple(VariantRow(**row) for row in rows)

    def variant(self, revision: str, number: int) -> VariantRow:
        for row in self.variants(revision):
            if row.number == number:
                return row
        raise NotFound(f"There is no variant {number} of this revision.")

    def of_document(self, document: str) -> tuple[RevisionRow, ...]:
        """Newest first."""
        rows = self._read(
            "SELECT * FROM revision WHERE document = ? ORDER BY created DESC", document
        )
        return tuple(RevisionRow(**row) for row in rows)

    def unsettled(self) -> tuple[VariantRow, ...]:
        """What a bridge that died left to do, oldest first."""
        rows = self._read(
            "SELECT * FROM variant WHERE state IN ('queued', 'sending', 'submitted', 'received') "
            "ORDER BY changed"
        )
        return tuple(VariantRow(**row) for row in rows)

    def part(self, revision: str, name: str) -> bytes | None:
        rows = self._read("SELECT file FROM part WHERE revision = ? AND name = ?", revision, name)
        return self.files.get(rows[0]["file"]) if rows else None

    def part_names(self, revision: str) -> tuple[str, ...]:
        rows = self._read("SELECT name FROM part WHERE revision = ? ORDER BY name", revision)
        return tuple(row["name"] for row in rows)

    def spent(self, document: str) -> float:
        """USD that all revisions of a document have cost so far."""
        return sum(
            variant.charged
            for row in self.of_document(document)
            for variant in self.variants(row.id)
        )

    def spent_since(self, moment: float) -> float:
        """USD of what was last changed at `moment` (Unix time) or later."""
        rows = self._read("SELECT * FROM variant WHERE changed >= ?", moment)
        return sum(VariantRow(**row).charged for row in rows)

    # --- the database -----------------------------------------------------------------------

    def _upgrade(self) -> None:
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA:
            raise HomeTrouble("The history was written by a newer Redraft; update this one.")
        if version == 0:
            self._db.executescript(f"BEGIN; {TABLES} PRAGMA user_version = {SCHEMA}; COMMIT;")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                with self._db:
                    yield self._db
            except sqlite3.OperationalError as exc:
                raise HomeTrouble(
                    f"The history cannot be written ({exc}); free some room."
                ) from exc

    def _read(self, query: str, *values: Any) -> list[dict[str, Any]]:
        with self._lock:
            try:
                return [dict(row) for row in self._db.execute(query, values)]
            except sqlite3.DatabaseError as exc:
                raise HomeTrouble(f"The history cannot be read ({exc}); it is damaged.") from exc


def _insert(db: sqlite3.Connection, table: str, values: Mapping[str, Any]) -> None:
    names = ", ".join(values)
    marks = ", ".join("?" * len(values))
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values()))


def as_json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
