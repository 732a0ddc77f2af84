"""From the answer's grid to the document's: one resample, stripe by stripe.

Stripes keep the memory of a large box at its result; positions exist only for one stripe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from bridge.compose.bend import through
from bridge.compose.dither import dithered
from bridge.compose.grid import Grid
from bridge.compose.lie import Lie, Matrix
from bridge.compose.threads import each
from bridge.geometry import Affine
from bridge.pixels import Array

STRIPE = 128  # rows
SHRINKS = 1.25  # answer px per document px above which they are averaged, not picked

Finish = Callable[[Array, slice], Array]  # pixels (n, W, 3) and their rows -> the same, finished


@dataclass(frozen=True, slots=True)
class Placed:
    """The registered answer over the box; read it by stripes."""

    answer: Array
    lie: Lie
    from_box: Matrix
    to_answer: Matrix
    shape: tuple[int, int]

    def rows(self, rows: slice) -> Array:
        """(n, W, C), 0..1."""
        size = (self.shape[1], rows.stop - rows.start)
        down = np.array([[1, 0, 0], [0, 1, rows.start], [0, 0, 1]], np.float64)
        from_rows = self.from_box @ down
        beyond = self.to_answer @ self.lie.plane
        way = cv2.INTER_LANCZOS4
        if self.lie.field is None:
            laid = cv2.warpPerspective(
                self.answer,
                beyond @ from_rows,
                size,
                flags=way | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REFLECT,
            )
        else:
            maps = _bent(self.lie.field, self.lie.cell, from_rows, beyond, size)
            laid = cv2.remap(self.answer, *maps, way, borderMode=cv2.BORDER_REFLECT)
        laid = np.asarray(laid, np.float32)
        return np.clip(laid, 0, 1, out=laid)

    def places(self, rows: slice) -> tuple[Array, Array]:
        """x and y in `answer`, each (n, W), of every pixel of the box."""
        size = (self.shape[1], rows.stop - rows.start)
        from_rows = self.from_box @ np.array([[1, 0, 0], [0, 1, rows.start], [0, 0, 1]], np.float64)
        beyond = self.to_answer @ self.lie.plane
        if self.lie.field is not None:
            return _bent(self.lie.field, self.lie.cell, from_rows, beyond, size)
        x, y = np.meshgrid(*(np.arange(length, dtype=np.float32) for length in size))
        return through(beyond @ from_rows, x, y)


def placed(answer: Array, grid: Grid, lie: Lie, shape: tuple[int, int]) -> Placed:
    """answer: (h, w, C) at model size. shape: of the box."""
    total = grid.to_answer @ grid.from_box
    shrink = float(min(total[0, 0], total[1, 1]))
    to_answer = grid.to_answer
    answer = np.ascontiguousarray(answer)  # or OpenCV copies all of it for every stripe
    if shrink > SHRINKS:
        tall, wide = answer.shape[:2]
        size = (max(1, round(wide / shrink)), max(1, round(tall / shrink)))
        answer = np.asarray(cv2.resize(answer, size, interpolation=cv2.INTER_AREA), np.float32)
        sx, sy = size[0] / wide, size[1] / tall
        smaller = [[sx, 0, sx / 2 - 0.5], [0, sy, sy / 2 - 0.5], [0, 0, 1]]
        to_answer = np.array(smaller) @ to_answer
    return Placed(answer, lie, grid.from_box, to_answer, shape)


def written(
    shape: tuple[int, int],
    source: Callable[[slice], Array],
    finish: Finish,
    steps: int | None = None,
) -> Array:
    """(H, W, 3), filled stripe by stripe. steps: of the depth it will be stored at."""
    out = np.empty((*shape, 3), np.float32)

    def fill(rows: slice) -> None:
        np.clip(dithered(finish(source(rows), rows), rows, steps), 0, 1, out=out[rows])

    each(stripes(shape[0]), fill)
    return out


def stripes(height: int) -> Iterator[slice]:
    for top in range(0, height, STRIPE):
        yield slice(top, min(top + STRIPE, height))


def stretched(
    small: Array, shape: tuple[int, int], rows: slice, way: int = cv2.INTER_LINEAR
) -> Array:
    """Rows of a grid of any size that covers the box (h, w[, C]), at document size."""
    sx, sy = small.shape[1] / shape[1], small.shape[0] / shape[0]
    matrix = np.array([[sx, 0, sx / 2 - 0.5], [0, sy, sy * (rows.start + 0.5) - 0.5]])
    size = (shape[1], rows.stop - rows.start)
    wide = cv2.warpAffine(
        small, matrix, size, flags=way | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(wide, np.float32)


def put_back(answer: Array, to_answer: Affine, shape: tuple[int, int]) -> Array:
    """(H, W, C) over the box by the recorded map; bit-identical when that is the identity."""
    height, width = shape
    if to_answer == Affine() and answer.shape[:2] == shape:
        return answer
    shrinks = min(to_answer.xx, to_answer.yy) > 1
    if shrinks and to_answer.xy == to_answer.yx == 0 and _covers(answer, to_answer, shape):
        reduced = cv2.resize(answer, (width, height), interpolation=cv2.INTER_AREA)
        return np.clip(np.asarray(reduced, np.float32), 0, 1)
    matrix = np.asarray(to_answer.for_indices(), np.float64)
    flags = cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP
    laid = cv2.warpAffine(
        answer, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return np.clip(np.asarray(laid, np.float32), 0, 1)


def _bent(
    field: Array, cell: float, from_rows: Matrix, beyond: Matrix, size: tuple[int, int]
) -> tuple[Array, Array]:
    node = np.array([[1 / cell, 0, 0.5 / cell - 0.5], [0, 1 / cell, 0.5 / cell - 0.5], [0, 0, 1]])
    moved = cv2.warpAffine(
        field,
        (node @ from_rows)[:2],
        size,
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    moved = np.asarray(moved, np.float32)
    across = np.arange(size[0], dtype=np.float32) * from_rows[0, 0] + from_rows[0, 2]
    down = np.arange(size[1], dtype=np.float32) * from_rows[1, 1] + from_rows[1, 2]
    x = moved[..., 0] + across[None, :].astype(np.float32)
    y = moved[..., 1] + down[:, None].astype(np.float32)
    return through(beyond, x, y)


def _covers(answer: Array, to_answer: Affine, shape: tuple[int, int]) -> bool:
    """Whether the answer is exactly the box, at another size."""
    end = to_answer(shape[1], shape[0])
    start = to_answer(0, 0)
    return np.allclose(start, (0, 0)) and np.allclose(end, answer.shape[1::-1])
