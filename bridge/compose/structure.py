"""Structure: what stays the same when colour, exposure and sharpness do not.

Grey is normalised locally (mean 0, contrast 1), and agreement is the normalised correlation of
blocks (Lewis, "Fast normalized cross-correlation", 1995), so neither a cast nor a lighting drift
lowers it, and an edit lowers only its own blocks.
"""

from __future__ import annotations

import cv2
import numpy as np

from bridge.compose.lie import Agreement
from bridge.compose.threads import beside
from bridge.pixels import Array, Where

WINDOW = 9.0  # sigma of the local mean and contrast, px
FAINT = 0.015  # contrast (of 1) that counts as noise of an 8-bit JPEG rather than structure
BLOCK = 16  # px
BEST = 0.7  # share of the blocks that is averaged: an unknown edit spoils the others
TEXTURED = 0.3  # normalised contrast above which a block says anything about place
SMOOTH = 0.05  # share of such blocks below which a picture has next to none
FEWEST = 24  # blocks; below this all are asked


def grey(pixels: Array) -> Array:
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY), np.float32)


def normalised(plain: Array, faint: float = FAINT) -> Array:
    """(h, w) -> (h, w), about -3..3: local mean removed, local contrast 1, noise near 0."""
    mean = _blurred(plain, WINDOW)
    flat = plain - mean
    contrast = np.sqrt(np.maximum(_blurred(flat * flat, WINDOW), 0))
    return np.asarray(flat / (contrast + faint), np.float32)


def agreement(fixed: Array, moved: Array, weight: Array) -> Agreement:
    """How far two normalised pictures show the same where `weight` (h, w) is 1."""
    ncc, structured, textured = block_correlation(fixed, moved)
    known = _by_block(weight) > 0.75
    asked = known & textured
    if asked.sum() < FEWEST:
        asked = known
    if not asked.any():
        return Agreement(0.0, 0.0, 0)
    # A picture that repeats itself can lie in a wrong place and fit wherever both have structure.
    there = ncc[known & structured]
    found = _of_the_best(there) if there.size >= FEWEST else 1.0
    return Agreement(_of_the_best(ncc[asked]), _worst_quadrant(ncc, asked), int(asked.sum()), found)


def _of_the_best(values: Array) -> float:
    best = np.sort(values)[int(values.size * (1 - BEST)) :]
    return float(np.clip(best.mean(), 0, 1))


def is_smooth(fixed: Array) -> bool:
    """Whether so little of it has structure that an answer's noise would be most of what shows.

    fixed: normalised.
    """
    return float((_variance(fixed, _by_block(fixed)) > TEXTURED**2).mean()) < SMOOTH


def block_correlation(fixed: Array, moved: Array) -> tuple[Array, Where, Where]:
    """Per block: correlation -1..1, whether the fixed one has texture there, whether both have."""
    mean_f, mean_m = _by_block(fixed), _by_block(moved)
    var_f, var_m = _variance(fixed, mean_f), _variance(moved, mean_m)
    both = _by_block(fixed * moved) - mean_f * mean_m
    ncc = both / np.sqrt(np.maximum(var_f * var_m, 1e-4))
    structured = var_f > TEXTURED**2
    return ncc.astype(np.float32), structured, structured & (var_m > TEXTURED**2)


def _variance(plain: Array, mean: Array) -> Array:
    return np.asarray(_by_block(plain * plain) - mean**2, np.float32)


def local_correlation(fixed: Array, moved: Array, sigma: float) -> Array:
    """(h, w), -1..1, around every pixel. Flat against flat counts as agreeing."""
    (mean_f, var_f), (mean_m, var_m) = beside(
        lambda: _spread(fixed, sigma), lambda: _spread(moved, sigma)
    )
    both = _blurred(fixed * moved, sigma) - mean_f * mean_m
    flat = 0.04  # normalised variance of noise; keeps flat against flat near 1
    return np.asarray(
        (both + flat) / np.sqrt(np.maximum((var_f + flat) * (var_m + flat), 1e-6)), np.float32
    )


def _spread(plain: Array, sigma: float) -> tuple[Array, Array]:
    """Mean and variance around every pixel."""
    mean = _blurred(plain, sigma)
    return mean, _blurred(plain * plain, sigma) - mean**2


def _worst_quadrant(ncc: Array, asked: Where) -> float:
    """A score of the whole can hide a third that lies wrong."""
    rows, columns = ncc.shape[0] // 2, ncc.shape[1] // 2
    worst = 1.0
    for part in (np.s_[:rows, :columns], np.s_[:rows, columns:]):
        for place in (part, (slice(rows, None), part[1])):
            values = ncc[place][asked[place]]
            if values.size >= FEWEST // 2:
                worst = min(worst, float(np.sort(values)[values.size // 4 :].mean()))
    return worst


def _by_block(plain: Array) -> Array:
    height, width = plain.shape
    rows, columns = max(1, height // BLOCK), max(1, width // BLOCK)
    whole = plain[: rows * BLOCK, : columns * BLOCK] if min(height, width) >= BLOCK else plain
    small = cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def _blurred(plain: Array, sigma: float) -> Array:
    """Three boxes are a Gaussian, at a cost that does not grow with sigma (Wells, 1986)."""
    side = 2 * int(sigma * 0.95) + 1
    for _ in range(2):
        plain = cv2.blur(plain, (side, side), borderType=cv2.BORDER_REFLECT)
    return np.asarray(plain, np.float32)
