"""The tables of the history, and the steps from every earlier form to today's.

A step runs whole or not at all. Before the first one a copy of the old database is put beside it.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from bridge.errors import HomeTrouble

FIRST = """
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

# provider: the catalogue's home of the model. batch: waits behind an artist who looks on.
# until: when the provider stops handing out what `ref` finds; NULL = not known.
# charge: one row for every paid request that left; it stays when its revision is removed.
# fate: open (on its way), charged, unknown (perhaps), free (refused before work).
MONEY = """
ALTER TABLE revision ADD COLUMN provider TEXT NOT NULL DEFAULT '';
ALTER TABLE revision ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE revision ADD COLUMN batch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE variant ADD COLUMN until REAL;
CREATE TABLE charge (
    id INTEGER PRIMARY KEY, moment REAL NOT NULL, revision TEXT NOT NULL, number INTEGER NOT NULL,
    document TEXT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, usd REAL NOT NULL,
    fate TEXT NOT NULL);
CREATE INDEX charge_moment ON charge (moment);
CREATE INDEX charge_document ON charge (document);
CREATE INDEX charge_variant ON charge (revision, number);
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO charge (moment, revision, number, document, provider, model, usd, fate)
    SELECT v.changed, v.revision, v.number, r.document, '', r.model, coalesce(v.usd, v.usd_told),
           CASE v.state WHEN 'asking' THEN 'unknown' ELSE 'charged' END
    FROM variant v JOIN revision r ON r.id = v.revision
    WHERE coalesce(v.usd, v.usd_told) > 0 AND (v.answer IS NOT NULL OR v.usd IS NOT NULL
        OR v.state IN ('submitted', 'received', 'composed', 'delivered', 'asking'));
"""

STEPS = (FIRST, MONEY)
SCHEMA = len(STEPS)


def upgrade(db: sqlite3.Connection, path: Path) -> None:
    """HomeTrouble when a newer Redraft wrote it; sqlite3.Error when a step cannot be taken."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA:
        raise HomeTrouble("The history was written by a newer Redraft; update this one.")
    if 0 < version < SCHEMA:
        _copy(db, path.with_name(f"{path.name}.before-{SCHEMA}"))
    for number in range(version, SCHEMA):
        try:
            db.executescript(f"BEGIN; {STEPS[number]} PRAGMA user_version = {number + 1}; COMMIT;")
        except sqlite3.Error:
            db.rollback()
            raise


def _copy(db: sqlite3.Connection, copy: Path) -> None:
    copy.unlink(missing_ok=True)
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with sqlite3.connect(copy) as target:
        db.backup(target)
    target.close()
