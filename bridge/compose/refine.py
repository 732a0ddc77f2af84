"""Refinement of a plane map by efficient second-order minimisation, robust against an edit.

Benhimane and Malis, "Real-time image-based tracking of planes using efficient second-order
minimization" (IROS 2004): the mean of both pictures' gradients makes Gauss-Newton converge as
fast as Newton. Pixels that do not fit are weighted down by Tukey's function, so what the model
repainted does not pull.
"""

from __future__ import annotations

import cv2
import numpy as np

from bridge.compose.lie import Matrix
from bridge.compose.products import products
from bridge.pixels import Array, Where

STILL = 0.004  # px at a corner: below this nothing is gained
TUKEY = 4.685  # residuals beyond this many deviations count nothing
LEAST_SCALE = 0.05  # normalised; rendering alone leaves more than this
OUTSIDE = -99.0  # marks pixels that the moving picture does not have
STEPS = 12
WIDE = 4.0  # so much further the first steps look: what is not yet in place does not fit …
NARROWS = 0.6  # … and by this share less from step to step
RIM = 2  # px
SLOPING = 0.25  # of the mean squared slope; flatter pixels hold a twentieth of what is known


def refine(
    fixed: Array,
    moving: Array,
    weight: Array,
    start: Matrix,
    *,
    projective: bool = False,
    steps: int = STEPS,
    wide: float = WIDE,
) -> Matrix:
    """The 3x3 map from fixed to moving pixel indices, improved from `start`.

    fixed, moving: (h, w) normalised. weight: (h, w), 0 = not asked. wide: how
    much further than at the end the first steps look for what fits.
    """
    height, width = fixed.shape
    unit = _unit(width, height)
    ground = _Ground(fixed, weight, unit, projective)
    current = start
    for turn in range(steps):
        reach = 1 + (wide - 1) * NARROWS**turn
        step = ground.step(moving, current, reach)
        if step is None:
            return start
        update = current @ np.linalg.inv(unit) @ step @ unit
        update /= update[2, 2]
        moved = corner_distance(current, update, (height, width))
        current = update
        if moved < STILL:
            break
    return current


def residual_weight(residual: Array, weight: Array, steep: Where, reach: float = 1.0) -> Array:
    """Tukey's biweight, scaled by the median deviation where `weight` is set.

    Only where the fixed picture is steep: that is where place can be told from, and the flat ground
    of a drawing, which always fits, would make its every line an outlier.
    """
    thin = (slice(None, None, 3),) * residual.ndim
    sample = np.abs(residual[thin][(weight[thin] > 0) & steep[thin]])
    scale = max(1.4826 * float(np.median(sample)), LEAST_SCALE) if sample.size else 1.0
    ratio = np.minimum(np.abs(residual) / (TUKEY * scale * reach + 1e-6), 1)
    return np.asarray(weight * (1 - ratio * ratio) ** 2, np.float32)


def steep(slopes: tuple[Array, Array], weight: Array) -> Where:
    """(h, w): where the squared slope is above its mean over what is asked."""
    square = slopes[0] ** 2 + slopes[1] ** 2
    return np.asarray(square > (square * weight).mean() / max(float(weight.mean()), 1e-6))


def slopes(plain: Array) -> tuple[Array, Array]:
    """Central differences along x and y, per px."""
    kernel = np.array([[-0.5, 0, 0.5]], np.float32)
    across = cv2.filter2D(plain, cv2.CV_32F, kernel, borderType=cv2.BORDER_REPLICATE)
    down = cv2.filter2D(plain, cv2.CV_32F, kernel.T, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(across, np.float32), np.asarray(down, np.float32)


def warped(moving: Array, matrix: Matrix, shape: tuple[int, int]) -> tuple[Array, Where]:
    """The moving picture on the fixed grid, and (bool) where it has pixels."""
    laid = cv2.warpPerspective(
        moving,
        matrix,
        (shape[1], shape[0]),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=OUTSIDE,
    )
    there = laid > OUTSIDE / 4
    return np.asarray(np.where(there, laid, 0), np.float32), there


def inner(there: Where) -> Array:
    """`there` without its rim, where a slope would reach across it."""
    ring = np.ones((2 * RIM + 1,) * 2, np.uint8)
    framed = there.astype(np.uint8)
    return np.asarray(
        cv2.erode(framed, ring, borderType=cv2.BORDER_CONSTANT, borderValue=1), np.float32
    )


def corner_distance(one: Matrix, other: Matrix, shape: tuple[int, int]) -> float:
    """Largest distance at the corners, px."""
    height, width = shape
    corners = np.array([[[0, 0], [width, 0], [0, height], [width, height]]], np.float64)
    gap = cv2.perspectiveTransform(corners, one) - cv2.perspectiveTransform(corners, other)
    return float(np.sqrt((gap**2).sum(-1)).max())


class _Ground:
    """What stays the same from step to step; asks only pixels that can tell where they lie."""

    def __init__(self, fixed: Array, weight: Array, unit: Matrix, projective: bool) -> None:
        self.shape, self.projective = (fixed.shape[0], fixed.shape[1]), projective
        across, down = slopes(fixed)
        square = across**2 + down**2
        mean = float((square * weight).mean()) / max(float(weight.mean()), 1e-6)
        asked = (square > SLOPING * mean) & (weight > 0)
        self.at = np.flatnonzero(asked)
        self.known = fixed.ravel()[self.at]
        self.slopes = across.ravel()[self.at], down.ravel()[self.at]
        self.weight = weight.ravel()[self.at]
        self.steep = square.ravel()[self.at] > mean
        self.scale = float(1 / unit[0, 0])
        height, width = self.shape
        x, y = (
            np.arange(width) * unit[0, 0] + unit[0, 2],
            np.arange(height) * unit[1, 1] + unit[1, 2],
        )
        self.x = np.tile(x.astype(np.float32), height)[self.at]
        self.y = np.repeat(y.astype(np.float32), width)[self.at]

    def step(self, moving: Array, current: Matrix, reach: float) -> Matrix | None:
        """One Gauss-Newton step as a 3x3 map in unit coordinates; None where it has no ground."""
        moved, there = warped(moving, current, self.shape)
        residual = moved.ravel()[self.at] - self.known
        asked = self.weight * inner(there).ravel()[self.at]
        weight = residual_weight(residual, asked, self.steep, reach)
        across, down = (one.ravel()[self.at] for one in slopes(moved))
        gx = 0.5 * self.scale * (across + self.slopes[0])
        gy = 0.5 * self.scale * (down + self.slopes[1])
        columns = self._columns(gx, gy)
        weighted = columns * weight
        normal, right = products(weighted, columns), products(weighted, residual[None])[:, 0]
        if not np.trace(normal) > 0:
            return None
        normal += np.eye(len(normal)) * (1e-6 * np.trace(normal))
        found = -np.linalg.solve(normal, right)
        step = np.eye(3)
        step[0] += found[:3]
        step[1] += found[3:6]
        if self.projective:
            step[2, :2] += found[6:8]
        return step

    def _columns(self, gx: Array, gy: Array) -> Array:
        parts = [gx * self.x, gx * self.y, gx, gy * self.x, gy * self.y, gy]
        if self.projective:
            away = -(parts[0] + parts[4])
            parts += [away * self.x, away * self.y]
        return np.stack(parts)


def _unit(width: int, height: int) -> Matrix:
    """From pixel indices to -1..1 along the longer side: keeps the equations well conditioned."""
    half = max(width, height) / 2
    return np.array(
        [
            [1 / half, 0, -(width - 1) / 2 / half],
            [0, 1 / half, -(height - 1) / 2 / half],
            [0, 0, 1],
        ]
    )
