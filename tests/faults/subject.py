"""The bridge under test, as a process that may be told where to die.

    python -m tests.faults.subject

It loads everything once, then starts one bridge for every line of JSON it reads:
{"home": …, "die": "after submitted", "idle": 60} -> the bridge's process number on a line.
Each bridge is a process of its own. The real code runs, over a history that ends the process at
the moment that `die` names, and with a watch on the event loop when `watch` names a file. Between
two looks at a provider it waits at most `pause` seconds, for emulators are quick.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import bridge.admit
import bridge.engines.find
import bridge.finish
import bridge.rerun  # loaded once, not by every bridge
from bridge.catalog import load
from bridge.files import Files
from bridge.history import History
from bridge.jobs import Jobs
from bridge.serve import make_jobs, serve
from bridge.session import FILE
from tests.faults.watch import Watching

STATES = ("sending", "submitted", "received", "composed", "delivered")
PAUSE_SECONDS = 0.25
POINTS = tuple(f"{when} {what}" for what in ("add", "put", *STATES) for when in ("before", "after"))


class Deadly(History):
    """Ends the process, as if by SIGKILL from outside, at the `die` moment."""

    def __init__(self, folder: Path, die: str) -> None:
        super().__init__(folder)
        self._die = die
        if die == "before put":
            self.files = DeadlyFiles(folder)

    def add(
        self,
        revision: Mapping[str, Any],
        parts: Mapping[str, bytes],
        variants: Sequence[Mapping[str, Any]],
    ) -> str:
        self._at("before add")
        if isinstance(self.files, DeadlyFiles):
            self.files.adding = True
        new = super().add(revision, parts, variants)
        if isinstance(self.files, DeadlyFiles):
            self.files.adding = False
        self._at("after add")
        return new

    def move(self, revision: str, number: int, state: str, **changes: Any) -> None:
        if state == "received":
            self._at("after put")
        self._at(f"before {state}")
        super().move(revision, number, state, **changes)
        self._at(f"after {state}")

    def _at(self, moment: str) -> None:
        if moment == self._die:
            os.kill(os.getpid(), signal.SIGKILL)


class DeadlyFiles(Files):
    """Ends the process before an answer is put among the files; inputs pass."""

    adding = False

    def put(self, content: bytes) -> str:
        if not self.adding:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().put(content)


def _jobs_of(folder: Path, die: str, pause: float) -> Jobs:
    async def rest(seconds: float) -> None:
        await asyncio.sleep(min(seconds, pause))

    jobs = replace(make_jobs(folder), pause=rest)
    if not die:
        return jobs
    jobs.history.close()
    return replace(jobs, history=Deadly(folder, die))


def _bridge(order: Mapping[str, Any]) -> None:
    os.environ.update(order.get("environment", {}))
    home, die, watch = Path(order["home"]), order.get("die", ""), order.get("watch", "")
    if watch:
        asyncio.set_event_loop_policy(Watching(Path(watch), home / FILE))
    pause = order.get("pause", PAUSE_SECONDS)
    serve(home, 0, order.get("idle", 120.0), lambda folder: _jobs_of(folder, die, pause))


def main() -> None:
    for model in load().models:
        bridge.engines.find.find_engine(model.engine)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that were killed
    print("ready", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            try:
                _bridge(json.loads(line))
            except BaseException:  # noqa: BLE001  # the outer edge: nobody else would say it
                traceback.print_exc()
            finally:
                os._exit(0)
        print(child, flush=True)


if __name__ == "__main__":
    main()
