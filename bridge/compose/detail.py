"""New light on the original's own detail.

What a relight did to colours is fitted at model size and applied to the full-resolution original:
first one curve for the whole frame, then local affine maps of what is left (He et al., "Guided
image filtering", 2010; Chen et al., "Bilateral guided upsampling", 2016). The coefficients are
smooth, so enlarging them costs nothing; enlarging the answer would cost every fine structure.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from bridge.compose.put import stretched
from bridge.compose.tone import Table
from bridge.pixels import Array

THIN = 8  # px: the curve is fitted on means of such blocks
COARSE = 6  # the local maps on means of these: the answer is softer than the original, and slopes
# fitted where that shows would take its detail away
RADIUS = 6  # coarse px: window of a local map
SMALL = 6e-4  # variance below which a window says nothing about a slope
RIDGE = 1e-6  # per sample
ROUNDS = 4
REPAINTED = 0.35  # correlation below which a relight has painted something new
MOST_CRISP = 1.2  # times; an answer that lost more has other detail


@dataclass(frozen=True, slots=True)
class Light:
    """curve: (3, 28) on `_curve_features`. local: (h, w, 12), slopes r, g, b, offset each."""

    curve: Table
    local: Array

    def apply(self, pixels: Array, shape: tuple[int, int], rows: slice) -> Array:
        """pixels: (n, W, 3), `rows` of the original of `shape`; not clipped."""
        out = _curved(_curve_features(pixels, shape, rows), self.curve)
        for i in range(3):
            map_ = stretched(np.ascontiguousarray(self.local[..., 4 * i : 4 * i + 4]), shape, rows)
            out[..., i] += (map_[..., :3] * pixels).sum(-1) + map_[..., 3]
        return out


def lit(original: Array, moved: Array, trust: Array) -> Light:
    """From registered (h, w, 3) at work size; trust: (h, w), 0 where structure changed."""
    height, width = trust.shape
    features = _curve_features(original, (height, width), slice(0, height))
    curve = _fit_curve(features, moved, trust)
    size = (max(1, width // COARSE), max(1, height // COARSE))
    curved = np.clip(_curved(features, curve), 0, 1)
    small, drawn, shown, known = (_means(one, size) for one in (original, curved, moved, trust))
    return Light(curve, _local(small, _crisp(shown, drawn, known) - drawn, known))


def painted_anew(same: Array, there: Array) -> Array:
    """(h, w) 0..1: where a relight has other structure, in pieces worth the name. Both: (h, w)."""
    new = ((same < REPAINTED) & (there > 0)).astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (17, 17))
    new = np.asarray(cv2.morphologyEx(new, cv2.MORPH_OPEN, disc), np.uint8)
    if not new.any():
        return new.astype(np.float32)
    return np.asarray(cv2.GaussianBlur(cv2.dilate(new, disc).astype(np.float32), (0, 0), 4))


def _crisp(shown: Array, drawn: Array, known: Array) -> Array:
    """`shown` with the contrast that a softer answer lost: as much as `drawn` has, on the whole.

    Else every slope that is fitted to it would be a little too flat, and take detail away.
    """
    fine, wanted = shown - _boxed(shown), drawn - _boxed(drawn)
    own = (fine * fine * known[..., None]).sum((0, 1))
    whole = (wanted * wanted * known[..., None]).sum((0, 1))
    gain = np.clip(np.sqrt(whole / np.maximum(own, 1e-6)), 1, MOST_CRISP)
    return np.asarray(shown + (gain - 1) * fine, np.float32)


def _local(guide: Array, rest: Array, known: Array) -> Array:
    """Local affine maps guide -> rest, (h, w, 12); the windows overlap and are averaged."""
    weight = _boxed(known) + 1e-3
    mean = _boxed(guide * known[..., None]) / weight[..., None]
    mean_rest = _boxed(rest * known[..., None]) / weight[..., None]
    spread = np.empty((*known.shape, 3, 3), np.float32)
    for i in range(3):
        for j in range(i, 3):
            both = _boxed(guide[..., i] * guide[..., j] * known) / weight
            spread[..., i, j] = spread[..., j, i] = both - mean[..., i] * mean[..., j]
    spread += np.eye(3, dtype=np.float32) * SMALL
    along = np.empty((*known.shape, 3, 3), np.float32)
    for i in range(3):
        for j in range(3):
            both = _boxed(guide[..., i] * rest[..., j] * known) / weight
            along[..., i, j] = both - mean[..., i] * mean_rest[..., j]
    slopes = np.linalg.solve(spread, along)
    offsets = mean_rest - (mean[..., None] * slopes).sum(-2)
    maps = np.concatenate([np.swapaxes(slopes, -1, -2), offsets[..., None]], -1)
    flat = maps.reshape(*known.shape, 12).astype(np.float32)
    return np.dstack([_boxed(flat[..., 4 * i : 4 * i + 4]) for i in range(3)])


def _fit_curve(full: Array, moved: Array, trust: Array) -> Table:
    """full: the features of every pixel."""
    size = (max(1, trust.shape[1] // THIN), max(1, trust.shape[0] // THIN))
    wanted, known = (_means(plain, size) for plain in (moved, trust))
    # Means of the features, not features of the means: a curve over a block is not its middle's.
    features = np.dstack([_means(full[..., i : i + 4], size) for i in range(0, full.shape[2], 4)])
    columns = features.reshape(-1, features.shape[-1]).astype(np.float64)
    target = wanted.reshape(-1, 3).astype(np.float64)
    # A clipped answer says only "at least this"; it must not bend the curve below it.
    clipped = (target.max(1) > 0.99) | (target.min(1) < 0.004)
    base = known.reshape(-1) * np.where(clipped, 0.05, 1.0)
    weight = base
    solution = np.zeros((3, columns.shape[1]))
    start = np.zeros_like(solution)
    start[:, :3] = np.eye(3)
    for _ in range(ROUNDS):
        weighted = columns * weight[:, None]
        normal = weighted.T @ columns
        normal += np.eye(len(normal)) * (RIDGE * float(weight.sum()) + 1e-9)
        gap = target - columns @ start.T
        solution = start + np.linalg.solve(normal, weighted.T @ gap).T
        error = np.sqrt(((target - np.clip(columns @ solution.T, 0, 1)) ** 2).sum(1))
        reach = 6 * float(np.median(error)) + 2e-3
        weight = base * np.maximum(1 - (error / reach) ** 2, 0) ** 2
    return solution


def _curved(features: Array, curve: Table) -> Array:
    """(n, W, 3)."""
    rows = features.reshape(-1, features.shape[-1]) @ curve.T.astype(np.float32)
    return np.asarray(rows.reshape(*features.shape[:2], 3), np.float32)


def _means(plain: Array, size: tuple[int, int]) -> Array:
    """Over blocks, so that (w, h) of them cover the frame."""
    plain = np.ascontiguousarray(plain)
    return np.asarray(cv2.resize(plain, size, interpolation=cv2.INTER_AREA), np.float32)


def _curve_features(pixels: Array, shape: tuple[int, int], rows: slice) -> Array:
    """(n, W, 28): a cubic in colour, and a gain that is quadratic over the frame."""
    r, g, b = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    x = ((np.arange(shape[1], dtype=np.float32) + 0.5) * (2 / shape[1]) - 1)[None, :]
    y = ((np.arange(shape[0], dtype=np.float32) + 0.5) * (2 / shape[0]) - 1)[rows, None]
    parts = [r, g, b, np.ones_like(r), r * r, g * g, b * b, r * g, g * b, b * r]
    parts += [r**3, g**3, b**3]
    for place in (x, y, x * x, x * y, y * y):
        parts += [r * place, g * place, b * place]
    return np.stack(parts, -1)


def _boxed(plain: Array) -> Array:
    side = 2 * RADIUS + 1
    return np.asarray(cv2.blur(plain, (side, side), borderType=cv2.BORDER_REFLECT), np.float32)
