"""Work off the main thread, and its results back on it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from .client import Lost, Refused
from .qt import QtCore


class Courier(QtCore.QObject):
    """Runs what it is handed, from any thread, on the thread it was made on."""

    handed = QtCore.pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self.handed.connect(self._run)

    def _run(self, call: Callable[[], None]) -> None:
        call()

    def hand(self, call: Callable[..., None], *arguments: Any) -> None:
        self.handed.emit(lambda: call(*arguments))

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
