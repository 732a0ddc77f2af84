"""What no plane map explains: a smooth bend of the picture.

A lattice of displacements, fitted by Gauss-Newton on every block's structure tensor (Lucas and
Kanade, 1981) with the bending energy of a thin plate as prior (Rueckert et al., "Nonrigid
registration using free-form deformations", 1999). Blocks without structure, and the edit itself,
follow their surroundings; pixels are never moved one by one, so nothing can tear.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from bridge.compose.lie import Matrix
from bridge.compose.refine import OUTSIDE, inner, residual_weight, slopes, steep
from bridge.pixels import Array, Where

CELL = 32  # px of the picture per node
STIFF = 8.0  # precision of the prior on second differences, 1/px²: bends of about a third px a node
TAUT = 0.02  # the same on first differences; keeps a large edit from being extrapolated wildly
ROUNDS = 4
STRAIGHT = 0.04  # px: what a round finds less than this is not gone into; the first round finds
# nearly all of so small a bend, and none below 0.06 px (at half the size) is ever used
DESCENTS = 60  # steps of conjugate gradients; the system is small and well behaved


def bend(fixed: Array, moving: Array, weight: Array, plane: Matrix) -> Array:
    """(rows, columns, 2) px: how far each node of the fixed picture lies from where `plane` puts

    it, before `plane` is applied: moving position = plane(x + bend(x)).
    """
    height, width = fixed.shape
    field = np.zeros((-(-height // CELL), -(-width // CELL), 2), np.float32)
    still = slopes(fixed)
    edges = steep(still, weight)
    for _ in range(ROUNDS):
        maps = positions(field, CELL, plane, fixed.shape)
        moved = cv2.remap(
            moving,
            *maps,
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=OUTSIDE,
        )
        there = moved > OUTSIDE / 4
        moved = np.asarray(np.where(there, moved, 0), np.float32)
        field = _solved(field, fixed, still, moved, weight * inner(there), edges)
        if float(np.abs(field).mean()) < STRAIGHT:
            break
    return field


def spread(field: Array, cell: float, shape: tuple[int, int]) -> Array:
    """(h, w, 2) px: the field at every pixel. cell: px of this grid per node."""
    matrix = np.array([[1 / cell, 0, 0.5 / cell - 0.5], [0, 1 / cell, 0.5 / cell - 0.5]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    wide = cv2.warpAffine(
        field, matrix, (shape[1], shape[0]), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(wide, np.float32)


def positions(
    field: Array, cell: float, plane: Matrix, shape: tuple[int, int]
) -> tuple[Array, Array]:
    """Where in the moving picture each pixel of the fixed one lies: two (h, w) maps."""
    moved = spread(field, cell, shape)
    x = moved[..., 0] + np.arange(shape[1], dtype=np.float32)[None, :]
    y = moved[..., 1] + np.arange(shape[0], dtype=np.float32)[:, None]
    return through(plane, x, y)


def through(plane: Matrix, x: Array, y: Array) -> tuple[Array, Array]:
    m = plane.astype(np.float32)
    across = m[0, 0] * x + m[0, 1] * y + m[0, 2]
    down = m[1, 0] * x + m[1, 1] * y + m[1, 2]
    if m[2, 0] or m[2, 1]:
        depth = 1 / (m[2, 0] * x + m[2, 1] * y + m[2, 2])
        across, down = across * depth, down * depth
    return across, down


def _solved(
    field: Array,
    fixed: Array,
    still: tuple[Array, Array],
    moved: Array,
    weight: Array,
    edges: Where,
) -> Array:
    """The field that explains the residual best and bends least."""
    residual = moved - fixed
    trust = residual_weight(residual, weight, edges)
    across, down = slopes(moved)
    gx, gy = 0.5 * (still[0] + across), 0.5 * (still[1] + down)
    rows, columns = field.shape[:2]

    def summed(plain: Array) -> Array:
        padded = cv2.copyMakeBorder(
            plain,
            0,
            rows * CELL - plain.shape[0],
            0,
            columns * CELL - plain.shape[1],
            cv2.BORDER_CONSTANT,
        )
        small = cv2.resize(padded, (columns, rows), interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.float32) * (CELL * CELL)

    noise = float((trust * residual**2).sum() / max(float(trust.sum()), 1.0)) + 1e-3
    xx, xy, yy = (summed(trust * a * b) / noise for a, b in ((gx, gx), (gx, gy), (gy, gy)))
    bx, by = summed(trust * gx * residual) / noise, summed(trust * gy * residual) / noise

    def pulled(f: Array) -> Array:
        return np.stack([xx * f[..., 0] + xy * f[..., 1], xy * f[..., 0] + yy * f[..., 1]], -1)

    right = pulled(field) - np.stack([bx, by], -1)
    return _conjugate(lambda f: pulled(f) + STIFF * _bending(f) + TAUT * _tension(f), right, field)


def _bending(f: Array) -> Array:
    """Gradient of the thin-plate energy: squared second differences, free at the border."""
    out = np.zeros_like(f)
    for axis in (0, 1):
        v = np.swapaxes(f, 0, axis)
        if v.shape[0] < 3:
            continue
        second = v[2:] - 2 * v[1:-1] + v[:-2]
        o = np.swapaxes(out, 0, axis)
        o[2:] += second
        o[1:-1] -= 2 * second
        o[:-2] += second
    mixed = 2 * (f[1:, 1:] - f[1:, :-1] - f[:-1, 1:] + f[:-1, :-1])
    out[1:, 1:] += mixed
    out[1:, :-1] -= mixed
    out[:-1, 1:] -= mixed
    out[:-1, :-1] += mixed
    return out


def _tension(f: Array) -> Array:
    out = np.zeros_like(f)
    for axis in (0, 1):
        step = np.diff(np.swapaxes(f, 0, axis), axis=0)
        o = np.swapaxes(out, 0, axis)
        o[1:] += step
        o[:-1] -= step
    return out


def _conjugate(apply: Callable[[Array], Array], right: Array, start: Array) -> Array:
    """Conjugate gradients (Hestenes and Stiefel, 1952)."""
    x = start.copy()
    rest = right - apply(x)
    way = rest.copy()
    size = float((rest * rest).sum())
    goal = 1e-6 * size
    for _ in range(DESCENTS):
        if size <= goal or size < 1e-9:
            break
        pushed = apply(way)
        length = size / float((way * pushed).sum())
        x += length * way
        rest -= length * pushed
        before, size = size, float((rest * rest).sum())
        way = rest + (size / before) * way
    return x
