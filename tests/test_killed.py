"""Whatever is killed, nothing runs on and nothing lies about: real Fills in real bridges."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bridge.caller import Caller, call_bridge
from bridge.wire import Choice, RevisionReply
from tests.conftest import running_bridge, wait_for
from tests.revising import Canvas, rectangle

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

LONG = 1000  # px each way: some 10 s of Fill on a fast machine
FILL = Choice(model="fill", prompt="remove it")


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the bridge and its children put temporary files; empty."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    for name in ("TMPDIR", "TMP", "TEMP"):
        monkeypatch.setenv(name, str(folder))
    return folder


def started(bridge: Caller) -> RevisionReply:
    pixels = np.random.default_rng(1).integers(0, 255, (LONG, LONG, 3), np.uint8)
    canvas = Canvas(pixels, selection=rectangle(LONG, LONG, (150, 150, LONG - 150, LONG - 150)))
    return bridge.revise(*canvas.planned(FILL, bridge.plan(canvas.plan(FILL))))


def filling(parent: int) -> int:
    """The number of the child that is within the library's own code by now; 0 = none yet."""
    return next((child for child in children(parent) if "patchmatch" in maps(child)), 0)


def children(parent: int) -> Iterator[int]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        if int(fields[1]) == parent:
            yield int(stat.parent.name)


def maps(process: int) -> str:
    try:
        return Path(f"/proc/{process}/maps").read_text()
    except OSError:
        return ""


def runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def left_behind(home: Path, scratch: Path) -> list[Path]:
    """Files that only somebody still at work would need."""
    half = [path for name in ("incoming", "arriving") for path in (home / name).glob("*")]
    return [*half, *scratch.rglob("*")]


def test_a_cancelled_fill_is_over_when_the_answer_comes(home: Path, scratch: Path) -> None:
    with running_bridge(home) as process, call_bridge(home) as bridge:
        revision = started(bridge).id
        wait_for(lambda: filling(process.pid))
        child = filling(process.pid)
        ended = bridge.cancel(revision)
        assert [variant.state for variant in ended.variants] == ["cancelled"]
        wait_for(lambda: not runs(child), seconds=5)  # at once; `make bench` says how soon
        assert left_behind(home, scratch) == []


def test_a_killed_child_is_a_sentence_and_leaves_nothing(home: Path, scratch: Path) -> None:
    with running_bridge(home) as process, call_bridge(home) as bridge:
        revision = started(bridge).id
        wait_for(lambda: filling(process.pid))
        os.kill(filling(process.pid), signal.SIGKILL)
        *_, ended = bridge.follow(revision)
        fault = ended.variants[0].error
        assert fault is not None
        assert "signal 9" in fault.sentence
        assert "Select less and try again" in fault.sentence
        assert fault.charged == "no"
        assert list(children(process.pid)) == []
        assert left_behind(home, scratch) == []


def test_a_killed_bridge_leaves_no_process_and_no_file(home: Path, scratch: Path) -> None:
    with running_bridge(home) as process, call_bridge(home) as bridge:
        started(bridge)
        wait_for(lambda: filling(process.pid))
        child = filling(process.pid)
        process.kill()
        process.wait()
        wait_for(lambda: not runs(child), seconds=30)
        assert left_behind(home, scratch) == []
    with running_bridge(home) as process:  # the next one finds a home it can use
        assert (home / "session.json").exists()
