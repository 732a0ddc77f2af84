"""Every revision with its inputs, answers, layers, recipe and cost: SQLite (WAL) and files.

A call returns when what it did is on the disk. All calls may come from any thread.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from bridge import spending
from bridge.errors import Conflict, HomeTrouble, NotFound
from bridge.files import Files
from bridge.schema import upgrade
from bridge.spending import Fate, Purchase, SpendingLimits, Totals

T = TypeVar("T")

# What may follow what. Anything else is a bug, not a fault. Queued again: for the next tile.
MOVES: dict[str, frozenset[str]] = {
    "queued": frozenset(
        {"queued", "sending", "submitted", "received", "failed", "cancelled", "asking"}
    ),
    "sending": frozenset({"queued", "sending", "submitted", "received", "failed", "asking"}),
    "submitted": frozenset({"queued", "submitted", "received", "failed", "cancelled", "asking"}),
    "received": frozenset({"received", "composed", "failed"}),
    "composed": frozenset({"composed", "delivered", "failed"}),
    "delivered": frozenset({"composed", "delivered"}),
    "failed": frozenset({"queued", "received"}),  # by hand, and only by hand
    "cancelled": frozenset({"queued"}),
    "asking": frozenset({"queued", "received", "failed"}),
}


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """request and plan: JSON text, as the message and the plan were. pinned, batch: 0 or 1."""

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
    provider: str
    pinned: int
    batch: int


@dataclass(frozen=True, slots=True)
class VariantRow:
    """answer, patch, mask: names of files. usd: as reported; None when it was not.

    until: Unix time at which the provider stops handing out what `ref` finds; None = not known.
    charged: USD of all its attempts, as far as is known.
    """

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
    until: float | None
    charged: float


@dataclass(frozen=True, slots=True)
class Kept:
    """A revision as what takes room. may_go: it has done its work, and is not pinned."""

    id: str
    created: float
    parent: str
    may_go: bool
    files: frozenset[str]


# Work that is not in the artist's picture yet, or was moved in a while ago only: never removed.
WANTED = (
    "(changed >= :before OR NOT (state = 'delivered' OR (state IN ('failed', 'cancelled') "
    "AND answer IS NULL AND ref IS NULL)))"
)
REMOVABLE = (
    "pinned = 0 AND created < :before AND NOT EXISTS "
    f"(SELECT 1 FROM variant WHERE revision = id AND {WANTED})"
)
NAMED = (
    "SELECT revision, file FROM part "
    "UNION SELECT revision, answer FROM variant WHERE answer IS NOT NULL "
    "UNION SELECT revision, patch FROM variant WHERE patch IS NOT NULL "
    "UNION SELECT revision, mask FROM variant WHERE mask IS NOT NULL"
)
ROOM = "room"  # the name of the setting
VARIANTS = (
    "SELECT v.*, (SELECT coalesce(sum(c.usd), 0) FROM charge c WHERE c.revision = v.revision "
    "AND c.number = v.number AND c.fate != 'free') AS charged FROM variant v"
)


class History:
    """Written by one connection; read by another, which waits for no disk."""

    def __init__(self, folder: Path) -> None:
        path = folder / "history.db"
        self._writer, self._reader = threading.RLock(), threading.RLock()
        try:
            self.files = Files(folder)
            self._db = _opened(path)
            path.chmod(0o600)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            upgrade(self._db, path)
            self._seen = _opened(path)
        except (sqlite3.Error, OSError) as exc:
            raise HomeTrouble(
                f"The history in {folder} cannot be opened ({exc}). Free some room or move the "
                "folder away, then start again; nothing in it was changed."
            ) from exc

    def close(self) -> None:
        with self._writer, self._reader:
            self._seen.close()
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

    def move(
        self,
        revision: str,
        number: int,
        state: str,
        *,
        fate: Fate | None = None,
        only_from: str = "",
        usd_now: float | None = None,
        **changes: Any,
    ) -> None:
        """Puts a variant into `state`; Conflict when it cannot follow the one it is in, or when

        that is not `only_from`, where it is named.

        sending is a promise to pay: OverLimit when a limit of the artist's forbids it.
        fate: what became of what was paid, with usd among the changes when it was reported.
        usd_now: of this request alone, where one variant takes several.
        """
        with self._writing() as db:
            row = db.execute(
                "SELECT state, usd_told FROM variant WHERE revision = ? AND number = ?",
                (revision, number),
            ).fetchone()
            if row is None:
                raise NotFound(f"There is no variant {number} of this revision.")
            if state not in MOVES[row["state"]] or only_from not in ("", row["state"]):
                raise Conflict(f"A variant that is {row['state']} cannot become {state}.")
            if state == "sending":
                told = row["usd_told"] if usd_now is None else usd_now
                spending.begin(db, revision, number, told)
            if fate is not None:
                reported = changes.get("usd") if usd_now is None else usd_now
                spending.settle(db, revision, number, fate, reported)
            values = {"state": state, "changed": time.time(), **changes}
            names = ", ".join(f"{name} = ?" for name in values)
            db.execute(
                f"UPDATE variant SET {names} WHERE revision = ? AND number = ?",
                (*values.values(), revision, number),
            )

    def put_back(
        self,
        revision: Mapping[str, Any],
        parts: Mapping[str, str],
        variants: Sequence[Mapping[str, Any]],
    ) -> None:
        """A revision that was exported; its files are there. Conflict when it is here already."""
        with self._writing() as db:
            if db.execute("SELECT 1 FROM revision WHERE id = ?", (revision["id"],)).fetchone():
                raise Conflict("This revision is in the history already.")
            _insert(db, "revision", revision)
            for name, file in parts.items():
                _insert(db, "part", {"revision": revision["id"], "name": name, "file": file})
            for variant in variants:
                _insert(db, "variant", variant)

    def pin(self, revision: str, *, pinned: bool) -> None:
        self.revision(revision)
        with self._writing() as db:
            db.execute("UPDATE revision SET pinned = ? WHERE id = ?", (int(pinned), revision))

    def set_limits(self, wanted: SpendingLimits) -> None:
        with self._writing() as db:
            spending.set_limits(db, wanted)

    def set_room(self, limit: int | None) -> None:
        """Bytes that the history may take; None = no limit."""
        with self._writing() as db:
            db.execute("DELETE FROM setting WHERE name = ?", (ROOM,))
            if limit is not None:
                db.execute("INSERT INTO setting VALUES (?, ?)", (ROOM, str(limit)))

    def remove(self, revisions: Sequence[str], before: float) -> int:
        """Forgets those that still may go by what is true now; how many. Their cost stays.

        One that was gone on from in the meantime stays, and so does all before it.
        """
        gone = 0
        with self._writing() as db:
            for revision in revisions:
                gone += db.execute(
                    f"DELETE FROM revision WHERE id = :id AND {REMOVABLE} AND NOT EXISTS "
                    "(SELECT 1 FROM revision AS later WHERE later.parent = :id)",
                    {"id": revision, "before": before},
                ).rowcount
            for table in ("part", "variant"):
                db.execute(f"DELETE FROM {table} WHERE revision NOT IN (SELECT id FROM revision)")
        return gone

    # --- reading ---------------------------------------------------------------------------

    def revision(self, revision: str) -> RevisionRow:
        rows = self._read("SELECT * FROM revision WHERE id = ?", revision)
        if not rows:
            raise NotFound("There is no such revision; it may have been removed from history.")
        return RevisionRow(**rows[0])

    def variants(self, revision: str) -> tuple[VariantRow, ...]:
        rows = self._read(f"{VARIANTS} WHERE v.revision = ? ORDER BY v.number", revision)
        return tuple(VariantRow(**row) for row in rows)

    def variant(self, revision: str, number: int) -> VariantRow:
        for row in self.variants(revision):
            if row.number == number:
                return row
        raise NotFound(f"There is no variant {number} of this revision.")

    def of_document(self, document: str) -> tuple[RevisionRow, ...]:
        """Newest first."""
        rows = self._read("SELECT * FROM revision WHERE document = ? ORDER BY rowid DESC", document)
        return tuple(RevisionRow(**row) for row in rows)

    def newest(self) -> tuple[RevisionRow, ...]:
        """All of them, the last one first."""
        rows = self._read("SELECT * FROM revision ORDER BY rowid DESC")
        return tuple(RevisionRow(**row) for row in rows)

    def part_files(self, revision: str) -> dict[str, str]:
        """Names of files by the parts' names."""
        rows = self._read("SELECT name, file FROM part WHERE revision = ? ORDER BY name", revision)
        return {str(row["name"]): str(row["file"]) for row in rows}

    def room(self) -> int | None:
        """Bytes that the history may take; None = no limit."""
        rows = self._read("SELECT value FROM setting WHERE name = ?", ROOM)
        return int(rows[0]["value"]) if rows else None

    def kept(self, before: float) -> tuple[Kept, ...]:
        """All revisions. before: Unix time after which whatever changed has to stay."""
        query = f"SELECT id, created, parent, {REMOVABLE} AS may_go FROM revision"
        files: dict[str, set[str]] = {}
        for row in self._read(NAMED):
            files.setdefault(row["revision"], set()).add(row["file"])
        return tuple(
            Kept(
                row["id"],
                row["created"],
                row["parent"],
                bool(row["may_go"]),
                frozenset(files.get(row["id"], ())),
            )
            for row in self._read(query, {"before": before})
        )

    def named_files(self) -> frozenset[str]:
        """Every file that a revision names."""
        return frozenset(str(row["file"]) for row in self._read(NAMED))

    def complaint(self) -> str:
        """What SQLite finds wrong with the database; "" when it is whole."""
        said = str(self._read("PRAGMA quick_check")[0]["quick_check"])
        return "" if said == "ok" else said

    def unsettled(self) -> tuple[VariantRow, ...]:
        """What a bridge that died left to do: what expires first, then oldest first."""
        rows = self._read(
            f"{VARIANTS} WHERE v.state IN ('queued', 'sending', 'submitted', 'received') "
            "ORDER BY v.until IS NULL, v.until, v.changed, v.rowid"
        )
        return tuple(VariantRow(**row) for row in rows)

    def part(self, revision: str, name: str) -> bytes | None:
        rows = self._read("SELECT file FROM part WHERE revision = ? AND name = ?", revision, name)
        return self.files.get(rows[0]["file"]) if rows else None

    def part_names(self, revision: str) -> tuple[str, ...]:
        rows = self._read("SELECT name FROM part WHERE revision = ? ORDER BY name", revision)
        return tuple(row["name"] for row in rows)

    def totals(self, document: str = "") -> Totals:
        """USD so far, for a document when one is named."""
        return self._seeing(lambda db: spending.totals(db, document))

    def limits(self) -> SpendingLimits:
        return self._seeing(spending.limits)

    def check_limits(self, wanted: Purchase) -> None:
        """OverLimit when this purchase, with all that waits, would pass a limit."""
        self._seeing(lambda db: spending.check(db, wanted))

    # --- the database -----------------------------------------------------------------------

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._writer:
            try:
                with self._db:
                    yield self._db
            except sqlite3.Error as exc:
                raise HomeTrouble(
                    f"The history cannot be written ({exc}). Free some room; nothing in it is lost."
                ) from exc

    def _seeing(self, look: Callable[[sqlite3.Connection], T]) -> T:
        with self._reader:
            try:
                return look(self._seen)
            except sqlite3.DatabaseError as exc:
                raise HomeTrouble(
                    f"The history cannot be read ({exc}). `redraft history check` says more."
                ) from exc

    def _read(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """values: for the question marks in turn, or one mapping for what is named."""
        given = values[0] if values and isinstance(values[0], Mapping) else values
        return self._seeing(lambda db: [dict(row) for row in db.execute(query, given)])


def _opened(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, check_same_thread=False)
    db.row_factory = sqlite3.Row
    return db


def _insert(db: sqlite3.Connection, table: str, values: Mapping[str, Any]) -> None:
    names = ", ".join(values)
    marks = ", ".join("?" * len(values))
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values()))


def as_json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
