"""Turns at one provider: so many at a time, what expires first, then artists, then batches."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from dataclasses import dataclass, field

EXPIRING, LOOKED_AT, BATCH = 0, 1, 2


@dataclass(order=True)
class Turn:
    """urgency: EXPIRING, LOOKED_AT or BATCH. until: Unix time, for what expires."""

    urgency: int
    until: float
    number: int
    _come: asyncio.Event = field(default_factory=asyncio.Event, compare=False, repr=False)

    async def come(self) -> None:
        """Returns when it is this one's turn."""
        await self._come.wait()

    @property
    def has_come(self) -> bool:
        return self._come.is_set()

    def call(self) -> None:
        self._come.set()


class Queue:
    """Within one urgency and moment, turns come in the order in which they were taken."""

    def __init__(self, at_once: int) -> None:
        self.at_once = at_once
        self._numbers = itertools.count()
        self._waiting: list[Turn] = []
        self._going: set[int] = set()

    def take(self, urgency: int, until: float = 0.0) -> Turn:
        turn = Turn(urgency, until, next(self._numbers))
        heapq.heappush(self._waiting, turn)
        self._serve()
        return turn

    def leave(self, turn: Turn) -> None:
        """When it is done, or no longer waits. Leaving twice is leaving once."""
        self._going.discard(turn.number)
        if turn in self._waiting:
            self._waiting.remove(turn)
            heapq.heapify(self._waiting)
        self._serve()

    def _serve(self) -> None:
        while self._waiting and len(self._going) < self.at_once:
            turn = heapq.heappop(self._waiting)
            self._going.add(turn.number)
            turn.call()
