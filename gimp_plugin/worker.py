"""Work off the main thread, and its results back on it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

from gi.repository import GLib

from .client import Lost, Refused


class Courier:
    """Runs what it is handed, from any thread, on the thread that runs GLib's main loop."""

    def hand(self, call: Callable[..., None], *arguments: Any) -> None:
        def once() -> bool:
            call(*arguments)
            return GLib.SOURCE_REMOVE

        GLib.idle_add(once)

    def work(
        self,
        work: Callable[[], Any],
        then: Callable[[Any], None],
        failed: Callable[[Refused | Lost], None],
    ) -> None:
        """`work` in a thread; then `then` with its result, or `failed` with why there is none."""

        def run() -> None:
            try:
                result = work()
            except (Refused, Lost) as exc:
                self.hand(failed, exc)
            else:
                self.hand(then, result)

        threading.Thread(target=run, daemon=True).start()

    def slices(
        self,
        steps: Iterator[None],
        then: Callable[[], None],
        failed: Callable[[Exception], None],
        stops: type[Exception],
    ) -> None:
        """Step by step on the main thread, whose events run in between.

        stops: what ends it early, told to `failed`.
        """

        def once() -> bool:
            try:
                next(steps)
            except StopIteration:
                then()
            except stops as exc:
                failed(exc)
            else:
                return GLib.SOURCE_CONTINUE
            return GLib.SOURCE_REMOVE

        GLib.idle_add(once)

    def every(self, ms: int, look: Callable[[], bool]) -> None:
        """Calls `look` again and again, for as long as it returns True; a mistake ends nothing."""

        def once() -> bool:
            following = GLib.timeout_add(ms, once)
            if not look():
                GLib.source_remove(following)
            return GLib.SOURCE_REMOVE

        GLib.timeout_add(ms, once)
