"""How much room the history may take, and what goes when it takes more.

Oldest first, and only what has done its work: nothing pinned, nothing that waits, runs, asks or
was paid for and is not in the artist's picture yet, nothing of the last day (the host may die
before the picture is saved), nothing that a later revision goes on from. What it cost stays
counted.
"""

from __future__ import annotations

import heapq
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bridge.history import History, Kept

FRESH_SECONDS = 86_400.0
LOOK_SECONDS = 600.0  # between two looks of a running bridge


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes. limit: None = no limit. removed: how many revisions went just now."""

    taken: int
    limit: int | None
    removed: int = 0
    freed: int = 0

    @property
    def over(self) -> bool:
        return self.limit is not None and self.taken > self.limit


def room(history: History) -> Room:
    return Room(sum(history.files.sizes().values()), history.room())


def make_room(history: History, now: float | None = None) -> Room:
    """Removes what may go until the limit holds; what is left may still be over it."""
    limit = history.room()
    if limit is None:
        return room(history)
    before = (time.time() if now is None else now) - FRESH_SECONDS
    sizes, removed = history.files.sizes(), 0
    taken = sum(sizes.values())
    going = _going(history.kept(before), sizes, taken - limit) if taken > limit else ()
    if taken > limit:
        removed = history.remove(going, before)
        named = history.named_files()
        for file in sizes:
            if file not in named:
                history.files.drop(file)
    left = room(history)
    return Room(left.taken, limit, removed, max(0, taken - left.taken))


def _going(kept: Sequence[Kept], sizes: dict[str, int], over: int) -> tuple[str, ...]:
    """Those that make up for `over` bytes, oldest first, what goes on from another before it."""
    known = {one.id: one for one in kept}
    named = Counter(file for one in kept for file in one.files)
    unnamed = sum(size for file, size in sizes.items() if file not in named)
    over -= unnamed  # what nobody names goes anyway
    going = []
    for one in _leaves(known):
        if over <= 0:
            break
        going.append(one.id)
        named.subtract(one.files)
        over -= sum(sizes.get(file, 0) for file in one.files if named[file] == 0)
    return tuple(going)


def _leaves(known: dict[str, Kept]) -> Iterator[Kept]:
    followed = Counter(one.parent for one in known.values())
    heap = [(one.created, one.id) for one in known.values() if one.may_go and not followed[one.id]]
    heapq.heapify(heap)
    while heap:
        one = known[heapq.heappop(heap)[1]]
        yield one
        followed[one.parent] -= 1
        parent = known.get(one.parent)
        if parent is not None and parent.may_go and followed[parent.id] == 0:
            heapq.heappush(heap, (parent.created, parent.id))
