"""The colours the model drifted by, taken back where they may be.

A 3x4 affine colour map with a quadratic gain field over the frame, fitted on pixels whose structure
agrees (so an edit cannot capture it), trimmed by Tukey's biweight, with a ridge towards "no
change". Having corresponding pixels on both sides, a fitted map beats statistics of the whole
picture (Reinhard et al., "Color transfer between images", 2001), which extrapolate badly.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from bridge.pixels import Array

Table = npt.NDArray[np.float64]

THIN = 4  # px: samples are means of such blocks
DARK, BRIGHT = 0.012, 0.985  # beyond these a value may be clipped and says nothing about a map
AGREES = 0.75  # local correlation from which structure counts as kept
RIDGE = 1e-4  # per sample, towards "no change"
BENDS = 5  # gain terms: x, y, x², xy, y²
ROUNDS = 5
CELLS = 6  # a gain field needs samples in half of such a grid of cells
FEWEST = 200  # samples


@dataclass(frozen=True, slots=True)
class Tone:
    """color: (3, 4) on [r, g, b, 1]. gain: (3, 5) on x, y, x², xy, y² (-1..1), times the channel."""

    color: Table
    gain: Table

    def apply(self, pixels: Array, shape: tuple[int, int], rows: slice | None = None) -> Array:
        """pixels: (n, W, 3), `rows` of a picture of `shape`; not clipped."""
        rows = rows or slice(0, shape[0])
        out = np.asarray(cv2.transform(pixels, self.color), np.float32)
        if self.gain.any():
            out += pixels * self._field(shape, rows)
        return out

    def _field(self, shape: tuple[int, int], rows: slice) -> Array:
        x = _across(shape[1])[None, :, None]
        y = _across(shape[0])[rows, None, None]
        g = self.gain.astype(np.float32).T
        along: Array = g[0] * x + g[2] * x * x
        down: Array = g[1] * y + g[4] * y * y
        return along + down + (g[3] * y) * x


NEUTRAL = Tone(np.eye(3, 4), np.zeros((3, BENDS)))


def fitted(source: Array, target: Array, trust: Array) -> Tone:
    """The map from source's to target's colours, both (h, w, 3); trust: (h, w) 0..1."""
    ask = trust * _unclipped(source) * _unclipped(target)
    taken = _thinned(ask)
    good = taken > 0.6
    if good.sum() < FEWEST:
        taken = _thinned(trust)
        good = taken > 0.6
    if good.sum() < FEWEST:
        return NEUTRAL
    features = _features(_thinned(source), good, spread=_spread(good))
    wanted = _thinned(target)[good].astype(np.float64) - _thinned(source)[good]
    solution = _trimmed(features, wanted, taken[good].astype(np.float64))
    gain = np.zeros((3, BENDS))
    if solution.shape[1] > 4:
        gain = solution[:, 4:]
    return Tone(np.eye(3, 4) + solution[:, :4], gain)


def _features(thin: Array, good: npt.NDArray[np.bool_], *, spread: bool) -> list[Table]:
    """Per channel (n, 4) or (n, 9)."""
    values = thin[good].astype(np.float64)
    color = np.column_stack([values, np.ones(len(values))])
    if not spread:
        return [color] * 3
    rows, columns = np.nonzero(good)
    x = _across(thin.shape[1])[columns].astype(np.float64)
    y = _across(thin.shape[0])[rows].astype(np.float64)
    bends = np.column_stack([x, y, x * x, x * y, y * y])
    return [np.hstack([color, bends * values[:, i : i + 1]]) for i in range(3)]


def _trimmed(features: list[Table], wanted: Table, trust: Table) -> Table:
    """(3, 4 or 9): least squares, what does not fit counting less and less."""
    weight = trust
    solution = np.zeros((3, features[0].shape[1]))
    for turn in range(ROUNDS):
        for i in range(3):
            weighted = features[i] * weight[:, None]
            normal = weighted.T @ features[i]
            normal += np.eye(len(normal)) * (RIDGE * float(weight.sum()))
            solution[i] = np.linalg.solve(normal, weighted.T @ wanted[:, i])
        rest = wanted - np.column_stack([features[i] @ solution[i] for i in range(3)])
        error = np.sqrt((rest**2).sum(1))
        # The first rounds trim wide: the start is itself drawn by what will be trimmed.
        reach = max(3.0, 6.0 - turn) * float(np.median(error)) + 1e-3
        weight = trust * np.maximum(1 - (error / reach) ** 2, 0) ** 2
    return solution


def _spread(good: npt.NDArray[np.bool_]) -> bool:
    cells = cv2.resize(good.astype(np.float32), (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    return int((np.asarray(cells) > 0.05).sum()) >= CELLS * CELLS // 2


def _unclipped(pixels: Array) -> Array:
    low, high = pixels.min(-1) > DARK, pixels.max(-1) < BRIGHT
    return (low & high).astype(np.float32)


def _thinned(plain: Array) -> Array:
    size = (max(1, plain.shape[1] // THIN), max(1, plain.shape[0] // THIN))
    return np.asarray(cv2.resize(plain, size, interpolation=cv2.INTER_AREA), np.float32)


def _across(length: int) -> Array:
    """Pixel centres as -1..1, so that the field is the same at every size."""
    return ((np.arange(length, dtype=np.float32) + 0.5) * (2 / length) - 1).astype(np.float32)
