"""Every frame of a film onto the canvas, quickly: all that is the same for each is reckoned once.

Frames are 8-bit and stay so: they are resampled by bicubic in whole steps, where the poster is by
Lanczos in float, and differ from it by a step or two at edges.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import cv2
import numpy as np

from bridge.compose.put import placed
from bridge.compose.tone import NEUTRAL
from bridge.film.place import Placing
from bridge.geometry import Size
from bridge.pixels import Array, Native

WORKERS = 3  # one more than the smallest machines have cores: reading a frame waits, too
LEVELS = np.arange(256, dtype=np.float32) / 255

Made = TypeVar("Made")
Whole = slice(None)


class Quick:
    """8-bit frames of one size where `placing` says, exactly the still where nothing may move.

    Only the box around what may move is reckoned.
    """

    def __init__(self, placing: Placing, first: Native) -> None:
        self._tall, self._wide = placing.still.shape[:2]
        self._placing = placing
        self._rows, self._columns = _reach(placing.share)
        self._still = _steps(placing.still)
        self._share: Array | None = None
        if placing.share is not None:
            self._share = placing.share[self._rows, self._columns, None]
        self._shrunk, self._maps = _maps(placing, first, self._rows, self._columns)
        tone = placing.tone
        self._field: Array | None = None
        if tone is not NEUTRAL and not tone.casts:
            whole = tone.field((self._tall, self._wide), slice(0, self._tall))
            field = whole[self._rows, self._columns] if tone.gain.any() else None
            self._field = None if field is None else np.ascontiguousarray(field)
            curve = tone.curve.astype(np.float32)
            lut = LEVELS[:, None] ** 2 * curve[:, 0] + np.sqrt(LEVELS)[:, None] * curve[:, 1]
            self._curve = np.ascontiguousarray(lut[None], np.float32)

    def shown(self, frame: Native) -> Native:
        """uint8 (H, W, 3) over the whole box; the still's own steps where nothing may move."""
        laid = self._toned(self._laid(frame))
        if self._share is None:
            return laid
        under = self._still[self._rows, self._columns]
        mixed = under + (laid.astype(np.float32) - under) * self._share
        out = self._still.copy()
        moves = self._share[..., 0] > 0
        out[self._rows, self._columns][moves] = np.rint(mixed[moves]).astype(np.uint8)
        return out

    def _laid(self, frame: Native) -> Native:
        if self._shrunk is not None:
            size = (self._shrunk.width, self._shrunk.height)
            shrinks = size[0] < frame.shape[1]
            way = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
            frame = np.asarray(cv2.resize(frame, size, interpolation=way))
        if self._maps is None:
            return frame[self._rows, self._columns]
        laid = cv2.remap(frame, *self._maps, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        return np.asarray(laid, np.uint8)

    def _toned(self, laid: Native) -> Native:
        tone = self._placing.tone
        if tone is NEUTRAL:
            return np.ascontiguousarray(laid)
        if tone.casts:  # rare: what a cast clipped needs the whole picture in float
            whole = np.zeros((self._tall, self._wide, 3), np.float32)
            whole[self._rows, self._columns] = laid.astype(np.float32) / 255
            shown = tone.apply(whole, (self._tall, self._wide))
            return _steps(shown[self._rows, self._columns])
        plain = laid.astype(np.float32) * np.float32(1 / 255)
        toned = np.asarray(cv2.transform(plain, tone.color), np.float32)
        if self._field is not None:
            toned = np.asarray(cv2.add(toned, cv2.multiply(plain, self._field)), np.float32)
        toned = np.asarray(cv2.add(toned, cv2.LUT(laid, self._curve)), np.float32)
        return _steps(toned)


def in_order(do: Callable[[Native], Made], frames: Iterable[Native]) -> Iterator[Made]:
    """`do` for every frame, several at a time, no more than a few of them held."""
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="film") as pool:
        running: deque[Future[Made]] = deque()
        try:
            for frame in frames:
                running.append(pool.submit(partial(do, frame)))
                if len(running) > WORKERS:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            for one in running:
                one.cancel()


def _reach(share: Array | None) -> tuple[slice, slice]:
    """Rows and columns of what may move."""
    if share is None or not share.any():
        return Whole, Whole
    rows, columns = (np.flatnonzero(share.any(axis=axis)) for axis in (1, 0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _maps(
    placing: Placing, first: Native, rows: slice, columns: slice
) -> tuple[Size | None, tuple[Native, Native] | None]:
    """To what size a frame is averaged first, and where each pixel of the box is then found."""
    shape = placing.still.shape[:2]
    tall, wide = first.shape[:2]
    if placing.lie is None:
        if (tall, wide) == shape:
            return None, None
        return Size(shape[1], shape[0]), None
    put = placed(np.asarray(first[..., :1], np.float32), placing.grid, placing.lie, shape)
    size = Size(put.answer.shape[1], put.answer.shape[0])
    x, y = put.places(slice(0, shape[0]))
    fixed = cv2.convertMaps(x[rows, columns], y[rows, columns], cv2.CV_16SC2)
    return None if size == Size(wide, tall) else size, (fixed[0], fixed[1])


def _steps(units: Array) -> Native:
    return np.asarray(cv2.convertScaleAbs(np.maximum(units, 0), alpha=255), np.uint8)
