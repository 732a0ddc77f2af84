"""Work that does not wait for other work, done beside it: OpenCV and numpy let go of Python's lock.

As many hands as OpenCV has, so whoever holds it to one thread holds all of compose to one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import cv2

MOST = 4  # hands: each holds the memory of its part

One = TypeVar("One")
Other = TypeVar("Other")
Part = TypeVar("Part")


def each(parts: Iterable[Part], job: Callable[[Part], object]) -> None:
    """The job on every part, in no order that it may rely on."""
    with ThreadPoolExecutor(_hands()) as pool:
        for _ in pool.map(job, parts):
            pass


def beside(one: Callable[[], One], other: Callable[[], Other]) -> tuple[One, Other]:
    """What both return."""
    if _hands() == 1:
        return one(), other()
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(other)
        return one(), second.result()


def _hands() -> int:
    return min(MOST, int(cv2.getNumThreads()))
