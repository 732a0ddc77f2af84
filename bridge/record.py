"""What the runner tells of one variant, put on the disk before its next step."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from bridge.engines.base import Progress, Received, Ref
from bridge.errors import HomeTrouble
from bridge.history import History, VariantRow, as_json
from bridge.replies import Live

T = TypeVar("T")

RETRY_SECONDS = 2.0  # between two attempts to write what must not be lost


@dataclass(frozen=True)
class Committed:
    """fetch_seconds: how long the provider hands out what it made; None = not known.

    tell: rings for those who look on.
    """

    history: History
    row: VariantRow
    live: Live
    tell: Callable[[], None]
    fetch_seconds: float | None = None

    async def sending(self, usd: float) -> None:
        """HomeTrouble, OverLimit: it must not leave."""
        await asyncio.to_thread(self.history.files.check_room)
        await asyncio.to_thread(self._move, "sending")
        self.live.on_the_line, self.live.asked = True, time.time()
        self.tell()

    async def submitted(self, ref: Ref) -> None:
        until = None if self.fetch_seconds is None else time.time() + self.fetch_seconds
        await self._surely(lambda: self._move("submitted", ref=as_json(ref), until=until))
        self.live.on_the_line, self.live.asked = False, self.live.asked or time.time()

    async def received(self, answer: Received) -> None:
        """However long it takes: what was paid is held until the disk takes it."""
        files, raw = self.history.files, answer.raw
        name = await self._surely(
            lambda: files.put_file(raw) if isinstance(raw, Path) else files.put(raw)
        )
        changes: dict[str, Any] = {"answer": name, "media_type": answer.media_type}
        if answer.usd is not None:
            changes["usd"] = answer.usd
        if answer.seed is not None:
            changes["seed"] = answer.seed
        await self._surely(lambda: self._move("received", fate="charged", **changes))
        self.live.on_the_line = False

    def progress(self, step: Progress) -> None:
        live = self.live
        live.fraction = step.fraction if step.fraction is not None else live.fraction
        live.note = step.note or live.note
        live.preview = step.preview or live.preview
        self.tell()

    async def _surely(self, act: Callable[[], T]) -> T:
        done = await surely(act, self._complain)
        self.tell()
        return done

    def _complain(self, sentence: str) -> None:
        self.live.note = sentence
        self.tell()

    def _move(self, state: str, **changes: Any) -> None:
        self.history.move(self.row.revision, self.row.number, state, **changes)


async def surely(act: Callable[[], T], complain: Callable[[str], None]) -> T:
    """Tries until the disk takes it; says meanwhile what stands in the way."""
    while True:
        try:
            return await asyncio.to_thread(act)
        except HomeTrouble as exc:
            complain(exc.sentence)
        await asyncio.sleep(RETRY_SECONDS)
