"""A watch on an event loop: how long was it away from its work, at worst?"""

from __future__ import annotations

import asyncio
import json
import resource
import threading
import time
from pathlib import Path

TICK_SECONDS = 0.005
WRITE_SECONDS = 0.5


class Watching(asyncio.DefaultEventLoopPolicy):
    """Every loop it makes is watched; what was seen is written to `path` again and again.

    The delay of a tick holds what the loop did and what the machine did to the process. So a
    thread beside it, which does nothing but sleep the same time, is timed as well.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        loop = super().new_event_loop()
        seen = Seen(self._path)
        loop.call_soon(seen.tick, loop, time.perf_counter())
        threading.Thread(target=seen.sleep, daemon=True).start()
        return loop


class Seen:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._written = 0.0
        self.late: list[float] = []
        self.machine: list[float] = []

    def tick(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        now = time.perf_counter()
        self.late.append(max(0.0, now - due))
        if now - self._written > WRITE_SECONDS:
            self._written = now
            self._write()
        again = time.perf_counter() + TICK_SECONDS
        loop.call_later(TICK_SECONDS, self.tick, loop, again)

    def sleep(self) -> None:
        while True:
            due = time.perf_counter() + TICK_SECONDS
            time.sleep(TICK_SECONDS)
            self.machine.append(max(0.0, time.perf_counter() - due))

    def _write(self) -> None:
        late, machine = sorted(self.late), sorted(self.machine) or [0.0]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        fresh = self._path.with_suffix(".new")
        fresh.write_text(
            json.dumps(
                {
                    "ticks": len(late),
                    "worst_ms": late[-1] * 1e3,
                    "p999_ms": late[int(len(late) * 0.999)] * 1e3,
                    "over_50_ms": sum(one > 0.05 for one in late),
                    "machine_worst_ms": machine[-1] * 1e3,
                    "machine_over_50_ms": sum(one > 0.05 for one in machine),
                    "peak_mb": peak / 1024,
                }
            )
        )
        fresh.replace(self._path)
