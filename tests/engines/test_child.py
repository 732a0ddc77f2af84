"""A process of its own: stopped at any moment, alone when it crashes, gone with its parent."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bridge.engines import child
from bridge.engines.base import Work
from bridge.errors import EngineError, TooBigForModel, Unsupported
from tests.conftest import wait_for


def doubled(number: int) -> int:
    print("a library that prints")
    return 2 * number


def refuses() -> None:
    raise Unsupported("This cannot be done; do that.")


def breaks() -> None:
    raise ValueError("a bug")


def writes_its_number_and_sleeps(path: str) -> None:
    Path(path).write_text(str(os.getpid()))
    time.sleep(600)


def kills_itself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{process}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


def test_what_the_function_returned_comes_back() -> None:
    assert asyncio.run(child.run(Work(doubled, (21,)))) == 42


def test_a_refusal_comes_through_as_itself() -> None:
    with pytest.raises(Unsupported, match="do that"):
        asyncio.run(child.run(Work(refuses)))


def test_a_bug_keeps_its_traceback() -> None:
    with pytest.raises(child.ChildBroke, match="in breaks"):
        asyncio.run(child.run(Work(breaks)))


def test_a_child_that_is_killed_is_a_sentence() -> None:
    with pytest.raises(EngineError, match="stopped before it was done"):
        asyncio.run(child.run(Work(kills_itself)))


def test_the_deadline_is_a_sentence(tmp_path: Path) -> None:
    work = Work(writes_its_number_and_sleeps, (str(tmp_path / "number"),), deadline_seconds=0.5)
    with pytest.raises(TooBigForModel, match="select less"):
        asyncio.run(child.run(work))


def test_cancelling_ends_the_process(tmp_path: Path) -> None:
    path = tmp_path / "number"

    async def cancelled() -> None:
        work = Work(writes_its_number_and_sleeps, (str(path),))
        task = asyncio.create_task(child.run(work))
        while not (path.exists() and path.read_text()):
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert not alive(int(path.read_text()))


def test_the_process_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "number"
    code = (
        "import asyncio, sys; from bridge.engines import child;"
        "from bridge.engines.base import Work;"
        "from tests.engines.test_child import writes_its_number_and_sleeps as sleeps;"
        "asyncio.run(child.run(Work(sleeps, (sys.argv[1],))))"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(path)])
    wait_for(lambda: path.exists() and path.read_text() != "")
    parent.kill()
    parent.wait()
    number = int(path.read_text())
    wait_for(lambda: not alive(number), seconds=10)
