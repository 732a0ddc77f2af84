"""How much room the history may take: what goes, and what never does."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.archive import damaged, lineage
from bridge.errors import Conflict
from bridge.files import Files
from bridge.history import History
from bridge.room import FRESH_SECONDS, make_room
from tests.conftest import running_bridge, wait_for
from tests.test_spending import REVISION, VARIANT

EACH = 1000  # bytes of a revision
LATER = FRESH_SECONDS + 10.0


def may_mount() -> bool:
    probe = ["unshare", "--mount", "mount", "-t", "tmpfs", "probe", "/tmp"]
    try:
        return subprocess.run(probe, capture_output=True, check=False).returncode == 0
    except OSError:  # there is no such program here
        return False


@pytest.fixture
def history(home: Path) -> Iterator[History]:
    kept = History(home)
    yield kept
    kept.close()


def revised(history: History, letter: str, state: str = "delivered", **more: object) -> str:
    """A revision whose answer is EACH bytes of `letter`, in `state`, paid for."""
    revision = history.add({**REVISION, **more}, {}, [VARIANT])
    history.move(revision, 1, "sending")
    if state == "asking":
        history.move(revision, 1, "asking", fate="unknown")
        return revision
    answer = history.files.put(letter.encode() * EACH)
    history.move(revision, 1, "received", answer=answer, media_type="image/png", fate="charged")
    for following in ("composed", "delivered"):
        if state in ("composed", "delivered"):
            history.move(revision, 1, following)
        if following == state:
            break
    if state == "failed":
        history.move(revision, 1, "failed")
    return revision


def long_ago(history: History) -> float:
    """Every file put more than an hour ago; returns a time at which nothing is of the last day."""
    for path in history.files.objects.glob("*/*"):
        os.utime(path, (1.0, 1.0))
    return time.time() + LATER


def ids(history: History) -> list[str]:
    return [row.id for row in reversed(history.newest())]


def test_the_oldest_go_until_the_limit_holds(history: History) -> None:
    made = [revised(history, letter) for letter in "abcd"]
    history.set_room(2 * EACH)
    found = make_room(history, long_ago(history))
    assert ids(history) == made[2:]
    assert (found.taken, found.removed, found.freed) == (2 * EACH, 2, 2 * EACH)
    assert list(damaged(history)) == []
    assert history.totals().day == pytest.approx(4 * 0.05)  # what was spent stays counted


def test_without_a_limit_nothing_goes(history: History) -> None:
    made = [revised(history, letter) for letter in "ab"]
    assert make_room(history, long_ago(history)).removed == 0
    assert ids(history) == made


def test_what_is_pinned_stays(history: History) -> None:
    old, new = revised(history, "a"), revised(history, "b")
    history.pin(old, pinned=True)
    history.set_room(EACH)
    make_room(history, long_ago(history))
    assert ids(history) == [old]
    assert new not in ids(history)


@pytest.mark.parametrize("state", ["composed", "received", "failed", "asking"])
def test_what_is_not_in_the_picture_yet_stays(history: History, state: str) -> None:
    """failed: with its answer at hand, which was paid for and can be composed again."""
    waiting = revised(history, "a", state)
    done = revised(history, "b")
    history.set_room(1)
    make_room(history, long_ago(history))
    assert ids(history) == [waiting]
    assert list(damaged(history)) == []
    assert done not in ids(history)


def test_what_failed_for_nothing_may_go(history: History) -> None:
    revision = history.add(REVISION, {"source": b"x" * EACH}, [VARIANT])
    history.move(revision, 1, "failed")
    history.set_room(1)
    assert make_room(history, long_ago(history)).taken == 0
    assert ids(history) == []


def test_what_was_delivered_today_stays(history: History) -> None:
    """The host may die before the picture is saved."""
    revision = revised(history, "a")
    history.set_room(1)
    long_ago(history)
    found = make_room(history)
    assert ids(history) == [revision]
    assert found.over


def test_what_a_later_one_goes_on_from_stays_as_long_as_it_does(history: History) -> None:
    first = revised(history, "a")
    second = revised(history, "b", parent=first)
    history.pin(second, pinned=True)
    history.set_room(1)
    make_room(history, long_ago(history))
    assert [row.id for row in lineage(history, second)] == [first, second]
    history.pin(second, pinned=False)
    make_room(history, time.time() + LATER)
    assert ids(history) == []


def test_a_file_that_two_share_stays_with_the_one_that_stays(history: History) -> None:
    gone, kept = revised(history, "a"), revised(history, "a", "composed")
    revised(history, "b")
    history.set_room(EACH)
    make_room(history, long_ago(history))
    assert gone not in ids(history)
    assert history.files.get(history.variant(kept, 1).answer or "") == b"a" * EACH


def test_what_was_taken_up_again_meanwhile_stays(history: History) -> None:
    revision = revised(history, "a")
    history.move(revision, 1, "composed")  # composed anew while room was being made
    assert history.remove([revision], time.time() + LATER) == 0
    assert ids(history) == [revision]


def test_what_was_just_put_is_not_dropped(home: Path) -> None:
    """It is put first and named by a revision a moment later."""
    files = Files(home)
    name = files.put(b"the same pixels as long ago")
    os.utime(files.path(name), (1.0, 1.0))
    files.put(b"the same pixels as long ago")
    assert not files.drop(name)
    assert files.get(name)
    os.utime(files.path(name), (1.0, 1.0))
    assert files.drop(name)
    assert not files.path(name).exists()


def test_a_limit_that_is_lifted_holds_no_more(history: History) -> None:
    history.set_room(5)
    assert history.room() == 5
    history.set_room(None)
    assert history.room() is None


def test_a_running_bridge_keeps_to_the_limit(home: Path) -> None:
    history = History(home)
    old = revised(history, "a")
    kept = revised(history, "b", "composed")
    history.set_room(1)
    long_ago(history)
    with history._writing() as db:  # nobody can wait a day
        db.execute("UPDATE variant SET changed = 1.0")
        db.execute("UPDATE revision SET created = 1.0")
    with running_bridge(home):
        wait_for(lambda: old not in ids(history))
        assert ids(history) == [kept]
    history.close()


def run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bridge", "history", *words, "--home", str(home)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_line_says_what_it_takes_and_sets_the_limit(home: Path) -> None:
    history = History(home)
    revised(history, "a", "composed")
    assert "0.00 MB, no limit" in run(home, "room").stdout
    said = run(home, "room", "--limit", "0.0000001").stdout
    assert history.room() == 100
    assert "is pinned, waiting, new or gone on from" in said
    assert "no limit" in run(home, "room", "--limit", "0").stdout
    history.close()


@pytest.mark.skipif(not may_mount(), reason="only root can make a disk, and not everywhere")
def test_a_folder_that_becomes_read_only_is_said_in_a_sentence_and_loses_nothing(
    home: Path, tmp_path: Path
) -> None:
    """On a file system that takes no more: a real one, mounted for nobody else."""
    disk = tmp_path / "disk"
    disk.mkdir()
    code = (
        "import subprocess, sys\n"
        "from pathlib import Path\n"
        "from bridge.errors import HomeTrouble\n"
        "from bridge.history import History\n"
        "from bridge.home import open_home\n"
        "from tests.test_room import revised\n"
        "disk = Path(sys.argv[1])\n"
        "subprocess.run(['mount', '-t', 'tmpfs', 'redraft', disk], check=True)\n"
        "history = History(open_home(disk / 'home'))\n"
        "revision = revised(history, 'a', 'composed')\n"
        "history.close()\n"
        "subprocess.run(['mount', '-o', 'remount,ro', disk], check=True)\n"
        "for act in (open_home, History):\n"
        "    try: act(disk / 'home')\n"
        "    except HomeTrouble as exc: print(exc.sentence)\n"
        "subprocess.run(['mount', '-o', 'remount,rw', disk], check=True)\n"
        "history = History(open_home(disk / 'home'))\n"
        "print(history.variant(revision, 1).state, history.complaint() or 'whole')\n"
        "history.close()\n"
    )
    command = ["unshare", "--mount", sys.executable, "-c", code, str(disk)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    opened, history, kept = done.stdout.splitlines()
    assert opened.endswith(
        "cannot be written (Read-only file system); free it or set REDRAFT_HOME."
    )
    assert "cannot be opened (" in history
    assert kept == "composed whole"


def test_a_removed_revision_is_not_gone_on_from(history: History) -> None:
    with pytest.raises(Conflict):
        history.move(revised(history, "a"), 1, "queued")
