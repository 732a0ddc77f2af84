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
from bridge.pieces import ALL_TILES, SOME_TILES, Piece, read, written
from bridge.replies import Live
from bridge.spending import Fate

T = TypeVar("T")

RETRY_SECONDS = 2.0  # between two attempts to write what must not be lost


@dataclass(frozen=True)
class Committed:
    """fetch_seconds: how long the provider hands out what it made; None = not known.

    tell: rings for those who look on. tile: which of its tiles this is about, and all of them;
    None = it is one request.
    """

    history: History
    row: VariantRow
    live: Live
    tell: Callable[[], None]
    fetch_seconds: float | None = None
    tile: tuple[int, tuple[int, ...]] | None = None

    async def sending(self, usd: float) -> None:
        """HomeTrouble, OverLimit: it must not leave."""
        await asyncio.to_thread(self.history.files.check_room)
        now = None if self.tile is None else usd
        await asyncio.to_thread(lambda: self._move("sending", usd_now=now))
        self.live.on_the_line, self.live.asked = True, time.time()
        self.tell()

    async def submitted(self, ref: Ref) -> None:
        until = None if self.fetch_seconds is None else time.time() + self.fetch_seconds
        await self._surely(lambda: self._move("submitted", ref=as_json(ref), until=until))
        self.live.on_the_line, self.live.asked = False, self.live.asked or time.time()

    async def received(self, answer: Received) -> None:
        """However long it takes: what was paid is held until the disk takes it."""
        files, raw = self.history.files, answer.raw
        if self.tile is not None:
            data = await asyncio.to_thread(raw.read_bytes) if isinstance(raw, Path) else raw
            await self._add(Piece(answer.media_type, data), answer.usd)
            return
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

    async def left_out(self, sentence: str, fate: Fate) -> None:
        """None comes of this tile, and none is asked for any more."""
        await self._add(Piece(why_not=sentence), None, fate)

    async def _add(self, piece: Piece, usd: float | None, fate: Fate = "charged") -> None:
        """One tile more; the last one makes the answer whole."""
        assert self.tile is not None
        files, (number, wanted) = self.history.files, self.tile
        kept = await asyncio.to_thread(files.get, self.row.answer) if self.row.answer else None
        pieces = {**read(kept), number: piece}
        name = await self._surely(lambda: files.put(written(pieces)))
        whole = set(wanted) <= set(pieces)
        changes: dict[str, Any] = {"answer": name, "ref": None, "until": None, "fate": fate}
        changes["media_type"] = ALL_TILES if whole else SOME_TILES
        if usd is not None:
            changes |= {"usd": (self.row.usd or 0.0) + usd, "usd_now": usd}
        await self._surely(lambda: self._move("received" if whole else "queued", **changes))
        self.live.on_the_line, self.live.asked = False, None

    def progress(self, step: Progress) -> None:
        live = self.live
        live.fraction = step.fraction if step.fraction is not None else live.fraction
        live.note = step.note or live.note
        if self.tile is not None:
            done, count = self.tile[1].index(self.tile[0]), len(self.tile[1])
            live.fraction = (done + (step.fraction or 0.0)) / count
            live.note = f"tile {done + 1} of {count}"
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
