"""One variant is asked for: the door to the provider, an engine's steps, and what is kept of them.

Mostly that is one request. A picture in tiles takes one for each, one after the other; what came
is on the disk before the next one leaves, so none is ever paid for twice.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from bridge.catalog import Catalog
from bridge.ending import FATES
from bridge.engines.arriving import Arriving
from bridge.engines.base import Ask, Engine, Ref
from bridge.errors import ContentRefused
from bridge.history import History, RevisionRow, VariantRow
from bridge.pieces import SOME_TILES, Piece, read
from bridge.record import Committed
from bridge.replies import Live
from bridge.runner import drive

if TYPE_CHECKING:  # these bring the image libraries and the HTTP client, loaded when first needed
    import httpx

    from bridge.admit import Asks
    from bridge.engines.send import Door

NAMED = 16  # letters of a file's name that tell one set of tiles from another


@dataclass(frozen=True)
class Asking:
    """heavy: where pictures are decoded and encoded. pause: between two looks at a provider."""

    history: History
    catalog: Catalog
    engine_of: Callable[[str], Engine]
    key_of: Callable[[str], str]
    heavy: Executor
    transport: httpx.AsyncBaseTransport | None = None
    pause: Callable[[float], object] = field(default=asyncio.sleep)

    async def ask(
        self, row: VariantRow, kept: RevisionRow, live: Live, tell: Callable[[], None]
    ) -> None:
        """Until the answer is kept. EngineError when none comes; asyncio.CancelledError when the

        artist wants no further tile.
        """
        loop = asyncio.get_running_loop()
        engine, asks = await loop.run_in_executor(self.heavy, self._prepared, row)
        home = self.catalog.homes.get(kept.provider)
        seconds = home.fetch_seconds if home else None
        record = Committed(self.history, row, live, tell, seconds)
        if not asks.tiled:
            await self._one(row, engine, partial(asks.ask, 0), record)
            return
        for number in asks.wanted:
            came = await asyncio.to_thread(self._came, row)
            if number in came:
                continue
            if live.stopping:
                raise asyncio.CancelledError
            record = replace(record, row=row, tile=(number, asks.wanted))
            try:
                await self._one(row, engine, partial(asks.ask, number), record)
            except ContentRefused as exc:
                some = any(piece.media_type for piece in came.values())
                if number == asks.wanted[-1] and not some:
                    raise
                await record.left_out(exc.sentence, FATES[exc.charged])
            self.arriving(row).forget()
            row = await asyncio.to_thread(self.history.variant, row.revision, row.number)

    def door(self, engine: Engine, arriving: Arriving | None = None) -> Door:
        from bridge.engines.send import Door

        return Door(
            engine,
            key=lambda: self.key_of(engine.key_name) if engine.key_name else "",
            folder=self.history.files.incoming,
            transport=self.transport,
            pause=self.pause,
            arriving=arriving,
        )

    def arriving(self, row: VariantRow) -> Arriving:
        """Where the answer to its request lies while it comes: another place for each tile."""
        after = (row.answer or "")[:NAMED] if row.media_type == SOME_TILES else ""
        return Arriving(self.history.files.arriving_path(row.revision, row.number, after))

    async def _one(
        self, row: VariantRow, engine: Engine, ask: Callable[[], Ask], record: Committed
    ) -> None:
        made = await asyncio.get_running_loop().run_in_executor(self.heavy, ask)
        ref: Ref | None = json.loads(row.ref) if row.ref else None
        arriving = self.arriving(row)
        replayed = arriving.kept() if row.state == "sending" else None
        async with self.door(engine, arriving) as door:
            door.replayed = replayed
            await drive(engine.revise(made, ref), door, record, self.heavy)

    def _prepared(self, row: VariantRow) -> tuple[Engine, Asks]:
        from bridge.admit import prepared

        return prepared(self.history, self.catalog, self.engine_of, row)

    def _came(self, row: VariantRow) -> dict[int, Piece]:
        """Of its tiles, what is here."""
        return read(self.history.files.get(row.answer)) if row.answer else {}
