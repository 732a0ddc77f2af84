"""The command line goes on with what somebody asked for earlier, and has left since."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bridge.caller import call_bridge
from bridge.history import History
from bridge.open import open_photo
from bridge.png import write_png
from tests.conftest import running_bridge, wait_for
from tests.emulators.serve import serve
from tests.revising import noise
from tests.steps.polled import PolledServer
from tests.test_cli import REDRAFT, SELECT, outside, photo, redraft

__all__ = ["photo"]  # a fixture


@pytest.fixture(autouse=True)
def server(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PolledServer]:
    """What holds its answers back for as long as `hold` is set; a bridge asks it."""
    polled = PolledServer()
    polled.hold = True
    monkeypatch.setenv("REDRAFT_KEY_POLLED", "key-of-the-test")
    with serve(polled) as url:
        monkeypatch.setenv("REDRAFT_BASE_TESTS_STEPS_POLLED", url)
        with running_bridge(home):
            yield polled


def left(photo: Path, home: Path, tmp_path: Path) -> str:
    """Asked for by a command that is killed before the end. The revision's id."""
    words = (
        "--agree",
        "--model",
        "polled",
        "--prompt",
        "the same",
        "-o",
        str(tmp_path / "never.png"),
    )
    command = [*REDRAFT, "revise", str(photo), *SELECT, *words]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as asking:
        history = History(home)
        wait_for(lambda: history.newest())
        asking.kill()
    newest = history.newest()[0]
    history.close()
    return newest.id


def test_what_was_left_is_taken_up_and_written(
    photo: Path, tmp_path: Path, home: Path, server: PolledServer
) -> None:
    revision = left(photo, home, tmp_path)
    assert "(under way)" in redraft("history", "list").stdout
    server.hold = False
    out = tmp_path / "out.png"
    done = redraft("history", "wait", revision, photo, "-o", out)
    assert done.returncode == 0, done.stderr
    before, after = open_photo(photo).pixels, open_photo(out).pixels
    assert np.array_equal(outside(before), outside(after))
    assert not (tmp_path / "never.png").exists()
    with call_bridge(home) as bridge:
        found = bridge.http.get(f"/v1/revisions/{revision}").json()
    assert found["variants"][0]["state"] == "delivered"
    assert "(under way)" not in redraft("history", "list").stdout


def test_it_waits_without_writing_and_says_how_each_ended(
    photo: Path, tmp_path: Path, home: Path, server: PolledServer
) -> None:
    revision = left(photo, home, tmp_path)
    server.hold = False
    done = redraft("history", "wait", revision)
    assert (done.returncode, done.stdout) == (0, "variant 1: composed\n")


def test_another_picture_is_refused_and_nothing_is_written(
    photo: Path, tmp_path: Path, home: Path, server: PolledServer
) -> None:
    revision = left(photo, home, tmp_path)
    server.hold = False
    other = tmp_path / "other.png"
    other.write_bytes(write_png(noise(64, 48), None))
    done = redraft("history", "wait", revision, other, "-o", tmp_path / "out.png")
    assert done.returncode == 3
    assert "another picture" in done.stderr
    assert not (tmp_path / "out.png").exists()


def test_only_one_of_picture_and_out_is_refused(photo: Path, home: Path) -> None:
    done = redraft("history", "wait", "no-matter", photo)
    assert done.returncode == 3
    assert "or neither" in done.stderr


def test_a_command_that_nobody_watches_is_a_batch_unless_it_is_told_otherwise(
    photo: Path, tmp_path: Path, home: Path
) -> None:
    history = History(home)
    for words, batch in (((), 1), (("--no-batch",), 0)):
        out = tmp_path / f"{batch}.png"
        assert redraft("revise", photo, *SELECT, "-o", out, *words).returncode == 0
        newest = history.newest()[0]
        assert newest.batch == batch
        assert json.loads(newest.request)["batch"] is bool(batch)
    history.close()
