"""The history from the command line: searched, checked, and as files."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.archive import damaged, export, lineage, search, take_in
from bridge.errors import BadRequest, Conflict
from bridge.history import History
from tests.test_spending import REVISION, VARIANT


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    kept = History(tmp_path / "home")
    yield kept
    kept.close()


def revised(history: History, prompt: str = "a hat", **more: object) -> str:
    revision = history.add({**REVISION, "prompt": prompt, **more}, {"source": b"pixels"}, [VARIANT])
    answer = history.files.put(b"the answer to " + prompt.encode())
    history.move(revision, 1, "received", answer=answer, media_type="image/png")
    history.move(revision, 1, "composed")
    return revision


def test_it_is_searched_by_words_model_and_document(history: History) -> None:
    hat = revised(history, "A red hat")
    coat = revised(history, "a red coat", document="another", document_name="coat.png")
    assert [row.id for row in search(history, "red")] == [coat, hat]
    assert [row.id for row in search(history, "HAT red")] == [hat]
    assert [row.id for row in search(history, document="coat.png")] == [coat]
    assert [row.id for row in search(history, model="flux.2 pro")] == [coat, hat]
    assert search(history, since=2e10) == ()


def test_a_revision_knows_what_it_was_revised_from(history: History) -> None:
    first = revised(history)
    second = revised(history, parent=first, passes=2)
    third = revised(history, parent=second, passes=3)
    assert [row.id for row in lineage(history, third)] == [first, second, third]


def test_it_goes_into_one_file_and_comes_out_whole(history: History, tmp_path: Path) -> None:
    revision = revised(history)
    packed = export(history, revision)
    other = History(tmp_path / "other")
    try:
        assert take_in(other, packed, "it.zip") == revision
        assert other.revision(revision) == history.revision(revision)
        assert other.part(revision, "source") == b"pixels"
        assert other.files.get(other.variant(revision, 1).answer or "") == b"the answer to a hat"
        assert other.totals().month == 0  # it was paid for elsewhere
        with pytest.raises(Conflict, match="already"):
            take_in(other, packed, "it.zip")
    finally:
        other.close()


def test_what_is_under_way_is_not_exported(history: History) -> None:
    revision = history.add(REVISION, {}, [VARIANT])
    with pytest.raises(Conflict, match="under way"):
        export(history, revision)


@pytest.mark.parametrize("spoil", ["content", "missing", "id", "state", "cut"])
def test_a_spoilt_file_is_refused_and_leaves_nothing(
    history: History, tmp_path: Path, spoil: str
) -> None:
    packed = export(history, revised(history))
    other = History(tmp_path / "other")
    try:
        with pytest.raises(BadRequest, match="damaged"):
            take_in(other, spoilt(packed, spoil), "it.zip")
        assert other.newest() == ()
    finally:
        other.close()


def spoilt(packed: bytes, how: str) -> bytes:
    if how == "cut":
        return packed[: len(packed) // 2]
    body = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(body, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            is_object = info.filename.startswith("objects/")
            if is_object and how == "missing":
                continue
            if is_object and how == "content":
                content += b"!"
            if how == "id":
                content = content.replace(b'"id": "', b'"id": "../')
            if how == "state":
                content = content.replace(b'"composed"', b'"sending"')
            new.writestr(info.filename, content)
    return body.getvalue()


def test_a_damaged_file_is_named(history: History) -> None:
    revision = revised(history)
    assert list(damaged(history)) == []
    path = history.files.path(history.variant(revision, 1).answer or "")
    path.write_bytes(b"something else")
    (said,) = damaged(history)
    assert str(path) in said
    assert "answer of 1" in said


def test_the_command_line_lists_pins_and_checks(history: History, tmp_path: Path) -> None:
    revision = revised(history, "a red hat")

    def run(*words: str) -> str:
        command = [sys.executable, "-m", "bridge", "history", *words]
        command += ["--home", str(tmp_path / "home")]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    run("pin", revision)
    assert f"{revision}  " in run("list", "red", "hat")
    assert "(pinned)" in run("show", revision)
    assert "whole" in run("check")
