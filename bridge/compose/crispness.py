"""How crisp and how grainy an answer is beside the original: a patch must look neither softer nor
smoother than its surroundings without anyone saying so."""

from __future__ import annotations

import cv2
import numpy as np

from bridge.compose.structure import grey
from bridge.compose.threads import beside
from bridge.pixels import Array

EDGE = 0.02  # fine contrast of an edge, above noise
TILES, LEAST_EDGES = 12, 0.01  # per side; share of a tile that must be edges
FINE, GRAIN = 2.0, 0.8  # px: what is finer than the one and coarser than the other
FLAT = EDGE / 4  # fine contrast below which what is left is grain
LEAST_GRAIN = 0.004  # deviation; less is seen by nobody
WINDOW = 768  # px: so much of a large box is enough to tell


def crispness(original: Array, answer: Array) -> float:
    """How many times the fine contrast of the original, both (h, w, 3), the answer has on its

    edges. The median over tiles, so that an edit does not decide.
    """
    return _crisp(_bands(original)[0], _bands(answer)[0])


def fineness(original: Array, answer: Array) -> tuple[float, float | None]:
    """`crispness`, and how many times the grain of the original the answer has where both are flat.

    None where the original has no grain, or too little flat ground to tell.
    """
    (one, before), (other, after) = beside(lambda: _bands(original), lambda: _bands(answer))
    flat = (np.abs(one) < FLAT) & (np.abs(other) < FLAT)
    if flat.mean() < LEAST_EDGES:
        return _crisp(one, other), None
    grain, left = _deviation(before[flat]), _deviation(after[flat])
    return _crisp(one, other), left / grain if grain > LEAST_GRAIN else None


def _crisp(one: Array, other: Array) -> float:
    edges = (np.abs(one) > EDGE).astype(np.float32)
    size = (TILES, TILES)
    known, before, after = (
        np.asarray(cv2.resize(plain, size, interpolation=cv2.INTER_AREA), np.float32)
        for plain in (edges, edges * one * one, edges * other * other)
    )
    asked = known > LEAST_EDGES
    if not asked.any():
        return 1.0
    return float(np.sqrt(np.median(after[asked] / before[asked])))


def _deviation(grain: Array) -> float:
    """The median's, so that no line counts."""
    return 1.4826 * float(np.median(np.abs(grain)))


def around(selection: Array | None, shape: tuple[int, int]) -> tuple[slice, slice]:
    """Rows and columns of a window about what is selected."""
    middle = shape[0] // 2, shape[1] // 2
    if selection is not None and selection.any():
        rows, columns = (np.flatnonzero((selection > 0).any(axis)) for axis in (1, 0))
        middle = int(rows[0] + rows[-1]) // 2, int(columns[0] + columns[-1]) // 2
    starts = [
        max(0, min(at - WINDOW // 2, length - WINDOW))
        for at, length in zip(middle, shape, strict=True)
    ]
    return slice(starts[0], starts[0] + WINDOW), slice(starts[1], starts[1] + WINDOW)


def _bands(pixels: Array) -> tuple[Array, Array]:
    """Of (h, w, 3): its fine contrast, and what is finer than a lens draws."""
    plain = grey(pixels)
    fine, coarse = (cv2.GaussianBlur(plain, (0, 0), sigma) for sigma in (GRAIN, FINE))
    return (
        np.asarray(cv2.subtract(fine, coarse), np.float32),
        np.asarray(cv2.subtract(plain, fine), np.float32),
    )
