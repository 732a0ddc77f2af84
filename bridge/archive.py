"""The history as the artist goes through it: searched, pinned, checked, and as files.

A revision as one file is a zip: revision.json, and objects/NAME for everything it holds, named by
SHA-256. What is read from such a file is believed in nothing but what its names prove.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bridge.broken import BROKEN_ZIP, MOST_BYTES, open_archive
from bridge.errors import BadRequest, Conflict, HomeTrouble, TooBig
from bridge.history import History, RevisionRow
from bridge.wire import SETTLED

FORM = 1  # of the file; raised when an older Redraft would misread it
OBJECT = re.compile(r"objects/([0-9a-f]{64})")
ID = re.compile(r"[0-9a-f]{32}")
FILES = ("answer", "patch", "mask")
REVISION = (
    *("id", "created", "document", "document_name", "parent", "passes", "model", "label"),
    *("title", "prompt", "request", "plan", "provider", "pinned", "batch"),
)
VARIANT = (
    *("revision", "number", "state", "changed", "ref", "answer", "media_type", "usd_told", "usd"),
    *("seed", "prompt", "edge", "layer", "patch", "mask", "error", "until"),
)


def search(
    history: History, words: str = "", model: str = "", document: str = "", since: float = 0.0
) -> tuple[RevisionRow, ...]:
    """Newest first: all of the words in the prompt, the model's id or label, the document's id or

    name, asked for at `since` (Unix time) or later.
    """
    found = []
    for row in history.newest():
        said = row.prompt.lower()
        if (
            all(word in said for word in words.lower().split())
            and (not model or model.lower() in (row.model.lower(), row.label.lower()))
            and (not document or document in (row.document, row.document_name))
            and row.created >= since
        ):
            found.append(row)
    return tuple(found)


def lineage(history: History, revision: str) -> tuple[RevisionRow, ...]:
    """From the first to this one. What was removed from history ends it."""
    rows: list[RevisionRow] = []
    known = {row.id: row for row in history.newest()}
    while revision in known and known[revision] not in rows:
        rows.insert(0, known[revision])
        revision = rows[0].parent
    return tuple(rows)


def damaged(history: History) -> Iterator[str]:
    """A sentence for every file that is missing or damaged, and for the database itself."""
    complaint = history.complaint()
    if complaint:
        yield f"The history's database is damaged: {complaint}. Put back a copy of history.db."
    for row in history.newest():
        for name, file in _files(history, row.id).items():
            try:
                history.files.get(file)
            except HomeTrouble as exc:
                yield f"{row.title} ({row.id}), its {name}: {exc.sentence}"


def export(history: History, revision: str) -> bytes:
    """Conflict while it is not settled; HomeTrouble when a file of it is damaged."""
    row, variants = history.revision(revision), history.variants(revision)
    if not all(variant.state in SETTLED for variant in variants):
        raise Conflict("This revision is still under way; wait until it has ended.")
    parts = history.part_files(revision)
    told = {
        "form": FORM,
        "revision": {name: asdict(row)[name] for name in REVISION},
        "variants": [{name: asdict(one)[name] for name in VARIANT} for one in variants],
        "parts": parts,
    }
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("revision.json", json.dumps(told))
        for file in sorted(set(_files(history, revision).values())):
            archive.writestr(f"objects/{file}", history.files.get(file))
    return body.getvalue()


def take_in(history: History, data: bytes, name: str) -> str:
    """The revision's id. BadRequest when the file is damaged; Conflict when it is here already.

    What it cost was counted where it was made, and is not counted again.
    """
    try:
        told, objects = _read(data, name)
        revision, variants, parts = told["revision"], told["variants"], told["parts"]
        _check(revision, variants, parts, objects)
    except (*BROKEN_ZIP, TypeError) as exc:
        raise BadRequest(f"{name} is not a revision of Redraft's, or it is damaged.") from exc
    for content in objects.values():
        history.files.put(content)
    history.put_back(revision, parts, variants)
    return str(revision["id"])


def _read(data: bytes, name: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    with open_archive(data, name) as archive:
        told = json.loads(archive.read("revision.json"))
        if told["form"] != FORM:
            raise BadRequest(f"{name} was written by another Redraft; update this one.")
        objects = {}
        for info in archive.infolist():
            found = OBJECT.fullmatch(info.filename)
            if found:
                objects[found.group(1)] = archive.read(info)
    return told, objects


def _check(
    revision: Mapping[str, Any],
    variants: list[dict[str, Any]],
    parts: Mapping[str, str],
    objects: Mapping[str, bytes],
) -> None:
    """ValueError when it contradicts itself."""
    for name, content in objects.items():
        if hashlib.sha256(content).hexdigest() != name:
            raise ValueError("an object is not what its name says")
    whole = set(revision) == set(REVISION) and bool(ID.fullmatch(str(revision["id"])))
    for row in variants:
        whole &= set(row) == set(VARIANT) and row["state"] in SETTLED
        whole &= bool(row["revision"] == revision["id"])
        whole &= all(row[name] is None or row[name] in objects for name in FILES)
    if not whole or not all(file in objects for file in parts.values()):
        raise ValueError("something is missing or too much")


def _files(history: History, revision: str) -> dict[str, str]:
    """Names of files by what they are, such as "source" or "answer of 1"."""
    found = dict(history.part_files(revision))
    for row in history.variants(revision):
        for name in FILES:
            file = getattr(row, name)
            if file:
                found[f"{name} of {row.number}"] = file
    return found


def read_file(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise TooBig(f"{path} is larger than any revision; it was not opened.")
        return path.read_bytes()
    except OSError as exc:
        raise BadRequest(f"{path} cannot be read ({exc.strerror}).") from exc
