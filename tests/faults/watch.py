"""A watch on an event loop: how long was it away from its work, at worst?"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType

from tests.peak import peak_mb

TICK_SECONDS = 0.005
LONG_SECONDS = 0.05
WRITE_SECONDS = 0.5
DEPTH = 12  # lines of a stack


class Watching(asyncio.DefaultEventLoopPolicy):
    """Every loop it makes is watched; what was seen is written to `path` again and again.

    The delay of a tick holds what the loop did and what the machine did to the process. So a
    thread beside it, which does nothing but sleep the same time, is timed as well; and so is what
    the loop's own thread computed, which no other program makes longer. Both count from when
    `session` is there: before that nobody can wait for it.
    """

    def __init__(self, path: Path, session: Path) -> None:
        super().__init__()
        self._path, self._session = path, session

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        loop = super().new_event_loop()
        seen = Seen(self._path, self._session)
        loop.call_soon(seen.tick, loop, time.perf_counter())
        threading.Thread(target=seen.sleep, daemon=True).start()
        return loop


class Seen:
    def __init__(self, path: Path, session: Path) -> None:
        self._path, self._session = path, session
        self._serves = False
        self._written = 0.0
        self._ticked = time.perf_counter()
        self._thread = threading.get_ident()
        self.away_in: Counter[str] = Counter()  # where it was seen when it was away for long
        self._spent = time.thread_time()
        self.late: list[float] = []
        self.own: list[float] = []  # seconds that its thread itself computed between two ticks
        self.machine: list[float] = []

    def tick(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        self._ticked = now = time.perf_counter()
        spent = time.thread_time()
        if self._serves:
            self.late.append(max(0.0, now - due))
            self.own.append(spent - self._spent)
        self._serves = self._serves or self._session.exists()
        self._spent = spent
        again = time.perf_counter() + TICK_SECONDS
        loop.call_later(TICK_SECONDS, self.tick, loop, again)

    def sleep(self) -> None:
        while True:
            due = time.perf_counter() + TICK_SECONDS
            time.sleep(TICK_SECONDS)
            now = time.perf_counter()
            self.machine.append(max(0.0, now - due))
            if self._serves and now - self._ticked > TICK_SECONDS + LONG_SECONDS:
                self.away_in[_where(sys._current_frames().get(self._thread))] += 1
            if now - self._written > WRITE_SECONDS:  # here, for it would hold up the loop
                self._written = now
                self._write()

    def _write(self) -> None:
        late, machine = sorted(self.late) or [0.0], sorted(self.machine) or [0.0]
        own = sorted(self.own) or [0.0]
        fresh = self._path.with_suffix(".new")
        fresh.write_text(
            json.dumps(
                {
                    "ticks": len(late),
                    "worst_ms": late[-1] * 1e3,
                    "p999_ms": late[int(len(late) * 0.999)] * 1e3,
                    "over_50_ms": sum(one > LONG_SECONDS for one in late),
                    "own_worst_ms": own[-1] * 1e3,
                    "own_over_50_ms": sum(one > LONG_SECONDS for one in own),
                    "machine_worst_ms": machine[-1] * 1e3,
                    "machine_over_50_ms": sum(one > LONG_SECONDS for one in machine),
                    "peak_mb": peak_mb(),
                    "away_in": dict(self.away_in.most_common(8)),
                }
            )
        )
        fresh.replace(self._path)


def _where(frame: FrameType | None) -> str:
    """The innermost lines of a thread, the last one first."""
    found: list[str] = []
    while frame is not None and len(found) < DEPTH:
        found.append(f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}")
        frame = frame.f_back
    return " < ".join(found)
