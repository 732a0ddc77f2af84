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
RIDGE = 1e-3  # per sample, towards each channel's own curve
# (where a picture has no saturated colour nothing is known about how one would have drifted)
LOOSE = 1e-5  # per sample, for that curve itself, towards "no change"
BENDS = 5  # gain terms: x, y, x², xy, y²
TINTED = 0.93  # where white comes out darker than this, highlights need a second thought
BLOWN = 0.96, 0.995  # from here to here a channel counts as clipped
ROUNDS = 5
FIXED = 6  # terms that do not depend on the place
CELLS = 6  # a gain field needs samples in half of such a grid of cells
FEWEST = 200  # samples


@dataclass(frozen=True, slots=True)
class Tone:
    """color: (3, 4) on [r, g, b, 1]. curve: (3, 2) on the channel's own square and root.

    gain: (3, 5) on x, y, x², xy, y² (each -1..1), times the channel.
    """

    color: Table
    curve: Table
    gain: Table

    def apply(self, pixels: Array, shape: tuple[int, int], rows: slice | None = None) -> Array:
        """pixels: (n, W, 3), `rows` of a picture of `shape`; not clipped."""
        rows = rows or slice(0, shape[0])
        out: Array = np.asarray(cv2.transform(pixels, self.color), np.float32)
        curve = self.curve.astype(np.float32)
        slope = curve[:, 0] * pixels
        if self.gain.any():
            slope += self._field(shape, rows)
        out += slope * pixels
        out += curve[:, 1] * np.sqrt(pixels)
        return self._unblown(pixels, out) if self._casts else out

    @property
    def _casts(self) -> bool:
        """Whether the model's white is not the original's white."""
        white = self.color.sum(1) + self.curve.sum(1)
        return bool(white.min() < TINTED)

    def _unblown(self, pixels: Array, out: Array) -> Array:
        """What the cast drove into clipping gets at least the mean of the other channels.

        The cast itself is known, the height of a clipped channel is not; highlights are neutral
        far more often than they have exactly the complement of the cast.
        """
        blown = np.clip((pixels - BLOWN[0]) / (BLOWN[1] - BLOWN[0]), 0, 1)
        others = (out.sum(-1, keepdims=True) - out) / 2
        filled: Array = out + blown * np.maximum(others - out, 0)
        return filled

    def _field(self, shape: tuple[int, int], rows: slice) -> Array:
        x = _across(shape[1])[None, :, None]
        y = _across(shape[0])[rows, None, None]
        g = self.gain.astype(np.float32).T
        along: Array = g[0] * x + g[2] * x * x
        down: Array = g[1] * y + g[4] * y * y
        field: Array = along + down + (g[3] * y) * x
        return field


NEUTRAL = Tone(np.eye(3, 4), np.zeros((3, 2)), np.zeros((3, BENDS)))


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
    if solution.shape[1] > FIXED:
        gain = solution[:, FIXED:]
    return Tone(np.eye(3, 4) + solution[:, :4], solution[:, 4:6], gain)


def _features(thin: Array, good: npt.NDArray[np.bool_], *, spread: bool) -> list[Table]:
    """Per channel (n, 6) or (n, 11)."""
    values = thin[good].astype(np.float64)
    ones = np.ones((len(values), 1))
    curves = values**2, np.sqrt(values)
    color = [np.hstack([values, ones, *(c[:, i : i + 1] for c in curves)]) for i in range(3)]
    if not spread:
        return color
    rows, columns = np.nonzero(good)
    x = _across(thin.shape[1])[columns].astype(np.float64)
    y = _across(thin.shape[0])[rows].astype(np.float64)
    bends = np.column_stack([x, y, x * x, x * y, y * y])
    return [np.hstack([color[i], bends * values[:, i : i + 1]]) for i in range(3)]


def _trimmed(features: list[Table], wanted: Table, trust: Table) -> Table:
    """(3, 6 or 11): least squares, what does not fit counting less and less."""
    weight = trust
    solution = np.zeros((3, features[0].shape[1]))
    for turn in range(ROUNDS):
        for i in range(3):
            solution[i] = _regular(features[i], wanted[:, i], weight, i)
        rest = wanted - np.column_stack([features[i] @ solution[i] for i in range(3)])
        error = np.sqrt((rest**2).sum(1))
        # The first rounds trim wide: the start is itself drawn by what will be trimmed.
        reach = max(3.0, 6.0 - turn) * float(np.median(error)) + 1e-3
        weight = trust * np.maximum(1 - (error / reach) ** 2, 0) ** 2
    return solution


def _regular(features: Table, wanted: Table, weight: Table, channel: int) -> Table:
    """One channel's row: first its own curve, then how far the rest departs from that."""
    total = float(weight.sum())
    weighted = features * weight[:, None]
    normal, right = weighted.T @ features, weighted.T @ wanted
    own = np.array([channel, 3, 4, 5])
    prior = np.zeros(features.shape[1])
    inner = normal[np.ix_(own, own)] + np.eye(len(own)) * (LOOSE * total)
    prior[own] = np.linalg.solve(inner, right[own])
    ridge = np.full(features.shape[1], RIDGE * total)
    ridge[own[1:]] = LOOSE * total
    departed = np.linalg.solve(normal + np.diag(ridge), right - normal @ prior)
    row: Table = prior + departed
    return row


def _spread(good: npt.NDArray[np.bool_]) -> bool:
    cells = cv2.resize(good.astype(np.float32), (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    return int((np.asarray(cells) > 0.05).sum()) >= CELLS * CELLS // 2


def _unclipped(pixels: Array) -> Array:
    low, high = pixels.min(-1) > DARK, pixels.max(-1) < BRIGHT
    return np.asarray(low & high, np.float32)


def _thinned(plain: Array) -> Array:
    size = (max(1, plain.shape[1] // THIN), max(1, plain.shape[0] // THIN))
    return np.asarray(cv2.resize(plain, size, interpolation=cv2.INTER_AREA), np.float32)


def _across(length: int) -> Array:
    """Pixel centres as -1..1, so that the field is the same at every size."""
    return ((np.arange(length, dtype=np.float32) + 0.5) * (2 / length) - 1).astype(np.float32)
