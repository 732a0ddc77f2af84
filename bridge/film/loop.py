"""A film that can be repeated: its end meets its start.

A last frame that is the first once more is dropped, or it would stand still for a moment; a drift
of brightness is taken out along the way; and where the end is still another picture, the last few
frames are faded into the first few, which then are not shown at the start.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from bridge.pixels import Array, Native

SMALL = 160  # px: the width at which frames are compared
SAME = 0.6  # of the usual step between neighbours, below which two frames are the same
MOST_DRIFT = 8.0  # 8-bit steps of a drift that is taken out; more is a change that was wished
FADE = 8  # frames, at most a quarter of the film


@dataclass(frozen=True, slots=True)
class Seam:
    """In 8-bit steps. luma, motion: from the last frame to the first; motion where it is largest,

    since noise is everywhere. usual_luma, usual_motion: the largest of these between neighbours.
    """

    luma: float
    motion: float
    usual_luma: float
    usual_motion: float

    @property
    def holds(self) -> bool:
        return self.luma <= self.usual_luma and self.motion <= self.usual_motion

    def __str__(self) -> str:
        return (
            f"luma {self.luma:.2f} (neighbours up to {self.usual_luma:.2f}), "
            f"motion {self.motion:.2f} (neighbours up to {self.usual_motion:.2f})"
        )


@dataclass(frozen=True, slots=True)
class Loop:
    """How many frames are shown, the drift to take out (3,) in 0..255, and the fade in frames."""

    count: int
    drift: Array
    fade: int
    before: Seam

    @property
    def length(self) -> int:
        """Frames of the loop itself."""
        return self.count - self.fade


def measured(frames: Iterable[Native]) -> Array:
    """float32 (n, h, w, 3) in 0..255: every frame, small."""
    return np.stack([_small(frame) for frame in frames])


def seam_of(small: Array) -> Seam:
    luma = small.mean(axis=(1, 2)) @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    return Seam(
        luma=float(abs(luma[0] - luma[-1])),
        motion=_motion(small[0], small[-1]),
        usual_luma=float(np.abs(np.diff(luma)).max()),
        usual_motion=max(_steps(small)),
    )


def loop_of(small: Array) -> Loop:
    """What to do to the film whose frames these are; at least four."""
    before = seam_of(small)
    count = len(small)
    if before.motion < SAME * float(np.median(_steps(small))):
        count -= 1
    kept = small[:count]
    drift = np.asarray(kept[-1].mean(axis=(0, 1)) - kept[0].mean(axis=(0, 1)), np.float32)
    if np.abs(drift).max() > MOST_DRIFT:
        drift = np.zeros(3, np.float32)
    plain = Loop(count, np.zeros(3, np.float32), 0, before)
    evened = Loop(count, drift, 0, before)
    most = min(FADE, count // 4)
    tried = [plain, evened, *(Loop(count, drift, fade, before) for fade in range(2, most + 1))]
    for loop in tried:
        if seam_of(np.stack(list(looped(kept, loop)))).holds:
            return loop
    return tried[-1]


def looped(frames: Iterable[Array], loop: Loop) -> Iterator[Array]:
    """The repaired film; frames float32 (H, W, 3) in 0..255. Only the faded ones are held."""
    head: list[Array] = []
    for at, frame in enumerate(frames):
        if at >= loop.count:
            return
        evened = frame - loop.drift * (at / max(1, loop.count - 1)) if loop.drift.any() else frame
        if at < loop.fade:
            head.append(evened)
            continue
        into_end = at - loop.length
        if into_end < 0:
            yield evened
            continue
        share = (into_end + 1) / (loop.fade + 1)
        yield evened + (head[into_end] - evened) * share


def order_of(loop: Loop, numbers: Sequence[int]) -> list[int]:
    """Which of the film's own frames each of the loop's is, mostly."""
    return list(numbers[loop.fade : loop.count])


def _steps(small: Array) -> list[float]:
    return [_motion(one, other) for one, other in pairwise(small)]


def _motion(one: Array, other: Array) -> float:
    """Mean of the largest hundredth of the differences."""
    apart = np.sort(np.abs(one - other).mean(-1), axis=None)
    return float(apart[-max(1, apart.size // 100) :].mean())


def _small(frame: Native) -> Array:
    height, width = frame.shape[:2]
    size = (min(SMALL, width), max(1, round(height * min(SMALL, width) / width)))
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.float32)
