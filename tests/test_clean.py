"""Clean for delivery: a copy that tells nothing of what was asked, every pixel as it was."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.clean import clean
from bridge.errors import BadRequest, Unsupported
from bridge.open import open_photo
from bridge.ora import save_ora
from tests.test_ora import layer, opened, photograph

SECRET = "a red balloon"
RECIPE = json.dumps({"redraft": "1", "prompt": SECRET, "choice": {"references": 1}})


@pytest.fixture
def revised(tmp_path: Path) -> Path:
    """A photograph with a group of ours, all of whose names and notes hold the wish."""
    photo = photograph()
    path = tmp_path / "revised.ora"
    save_ora(photo, SECRET, [replace(layer(photo, f"{SECRET} · Fill"), recipe=RECIPE)], path)
    return path


def packed(path: Path, into: Path, extra: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(into, "w") as archive:
        for name, content in {**opened(path), **extra}.items():
            archive.writestr(name, content)
    return into


def test_nothing_in_the_copy_tells_the_wish_and_every_pixel_stays(
    revised: Path, tmp_path: Path
) -> None:
    out = tmp_path / "clean.ora"
    assert any(SECRET.encode() in content for content in opened(revised).values())
    found = clean(revised, out)
    assert (found.notes, found.renamed) == (1, 2)
    before, after = opened(revised), opened(out)
    for content in after.values():
        assert SECRET.encode() not in content
        assert b"redraft" not in content
    assert set(before) - set(after) == {"data/revision1.json"}
    for name in after:
        assert name == "stack.xml" or after[name] == before[name]
    assert (open_photo(out).pixels == open_photo(revised).pixels).all()
    assert zipfile.ZipFile(out).infolist()[0].filename == "mimetype"


def test_the_picture_itself_is_left_as_it_was(revised: Path, tmp_path: Path) -> None:
    before = revised.read_bytes()
    clean(revised, tmp_path / "clean.ora")
    assert revised.read_bytes() == before


def test_names_and_notes_of_others_stay(revised: Path, tmp_path: Path) -> None:
    other = packed(revised, tmp_path / "other.ora", {"data/palette.json": b'{"sky": "blue"}'})
    clean(other, tmp_path / "clean.ora")
    after = opened(tmp_path / "clean.ora")
    assert after["data/palette.json"] == b'{"sky": "blue"}'
    assert b'name="photograph"' in after["stack.xml"]


def test_names_may_be_kept(revised: Path, tmp_path: Path) -> None:
    out = tmp_path / "clean.ora"
    assert clean(revised, out, keep_names=True).renamed == 0
    assert opened(out)["stack.xml"] == opened(revised)["stack.xml"]


@pytest.mark.parametrize(
    ("name", "content", "refusal"),
    [
        ("picture.psd", b"8BPS", Unsupported),
        ("picture.xcf", b"gimp xcf v011", BadRequest),
        ("picture.xcf", b"gimp xcf v011\0" + bytes(9) + b"\xff" * 99, BadRequest),
        ("picture.kra", b"PK\x03\x04", BadRequest),
        ("picture.ora", b"PK\x03\x04 and then nothing", BadRequest),
    ],
)
def test_what_cannot_be_cleaned_is_said_and_nothing_is_written(
    tmp_path: Path, name: str, content: bytes, refusal: type[Exception]
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(refusal):
        clean(tmp_path / name, tmp_path / "clean.ora")
    assert not (tmp_path / "clean.ora").exists()


def test_the_command_line_says_what_it_left_out(revised: Path, tmp_path: Path) -> None:
    out = tmp_path / "clean.ora"
    command = [sys.executable, "-m", "bridge", "history", "clean", str(revised), "-o", str(out)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said == f"{out}: 1 notes left out, 2 names made plain.\n"
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert again.returncode == 3
    assert "is there already" in again.stderr
