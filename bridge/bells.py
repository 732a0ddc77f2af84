"""Who waits for news of a revision, and is told when something changed."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from bridge.wire import RevisionReply

QUIET_SECONDS = 10.0  # after which a listener is told that nothing happened


@dataclass
class Bells:
    """A bell for every listener, by revision. Used in the event loop alone."""

    _of: dict[str, set[asyncio.Queue[None]]] = field(default_factory=lambda: defaultdict(set))

    def ring(self, revision: str) -> None:
        for bell in self._of.get(revision, ()):
            bell.put_nowait(None)

    async def changes(
        self, revision: str, look: Callable[[str], Awaitable[RevisionReply]]
    ) -> AsyncIterator[RevisionReply | None]:
        """What `look` finds now, then after every ring, until all is settled; None when all is

        quiet.
        """
        bell: asyncio.Queue[None] = asyncio.Queue()
        self._of[revision].add(bell)
        try:
            while True:
                reply = await look(revision)
                yield reply
                if reply.settled:
                    return
                while not await _rung(bell):
                    yield None
        finally:
            self._of[revision].discard(bell)
            if not self._of[revision]:
                del self._of[revision]


async def _rung(bell: asyncio.Queue[None]) -> bool:
    """Whether it rang within a while; rings that came together count as one."""
    try:
        async with asyncio.timeout(QUIET_SECONDS):
            await bell.get()
    except TimeoutError:
        return False
    while not bell.empty():
        bell.get_nowait()
    return True
