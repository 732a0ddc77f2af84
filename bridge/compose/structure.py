"""Structure: what stays the same when colour, exposure and sharpness do not.

Grey is normalised locally (mean 0, contrast 1), and agreement is the normalised correlation of
blocks (Lewis, "Fast normalized cross-correlation", 1995), so neither a cast nor a lighting drift
lowers it, and an edit lowers only its own blocks.
"""

from __future__ import annotations

import cv2
import numpy as np

from bridge.compose.lie import Agreement
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
    ncc, textured = block_correlation(fixed, moved)
    asked = _by_block(weight) > 0.75
    if (asked & textured).sum() >= FEWEST:
        asked &= textured
    values = ncc[asked]
    if values.size == 0:
        return Agreement(0.0, 0.0, 0)
    best = np.sort(values)[int(len(values) * (1 - BEST)) :]
    score = float(np.clip(best.mean(), 0, 1))
    return Agreement(
        score, _worst_quadrant(ncc, asked), int(values.size), _found(fixed, ncc, weight)
    )


def _found(fixed: Array, ncc: Array, weight: Array) -> float:
    """The score over every block that has structure in the original, found again or not.

    A picture that repeats itself can lie in a wrong place and fit wherever both have structure.
    """
    structured = _by_block(fixed * fixed) - _by_block(fixed) ** 2 > TEXTURED**2
    values = np.sort(ncc[structured & (_by_block(weight) > 0.75)])
    if values.size < FEWEST:
        return 1.0
    return float(np.clip(values[int(values.size * (1 - BEST)) :].mean(), 0, 1))


def is_smooth(plain: Array) -> bool:
    """Whether so little of it has structure that an answer's noise would be most of what shows."""
    fine = normalised(plain)
    _, textured = block_correlation(fine, fine)
    return float(textured.mean()) < SMOOTH


def block_correlation(fixed: Array, moved: Array, block: int = BLOCK) -> tuple[Array, Where]:
    """Per block: correlation -1..1, and whether both have texture there."""
    mean_f, mean_m = _by_block(fixed, block), _by_block(moved, block)
    var_f = _by_block(fixed * fixed, block) - mean_f**2
    var_m = _by_block(moved * moved, block) - mean_m**2
    both = _by_block(fixed * moved, block) - mean_f * mean_m
    ncc = both / np.sqrt(np.maximum(var_f * var_m, 1e-4))
    return ncc.astype(np.float32), np.minimum(var_f, var_m) > TEXTURED**2


def local_correlation(fixed: Array, moved: Array, sigma: float) -> Array:
    """(h, w), -1..1, around every pixel. Flat against flat counts as agreeing."""
    mean_f, mean_m = _blurred(fixed, sigma), _blurred(moved, sigma)
    var_f = _blurred(fixed * fixed, sigma) - mean_f**2
    var_m = _blurred(moved * moved, sigma) - mean_m**2
    both = _blurred(fixed * moved, sigma) - mean_f * mean_m
    flat = 0.04  # normalised variance of noise; keeps flat against flat near 1
    return np.asarray(
        (both + flat) / np.sqrt(np.maximum((var_f + flat) * (var_m + flat), 1e-6)), np.float32
    )


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


def _by_block(plain: Array, block: int = BLOCK) -> Array:
    height, width = plain.shape
    rows, columns = max(1, height // block), max(1, width // block)
    whole = plain[: rows * block, : columns * block] if min(height, width) >= block else plain
    small = cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def _blurred(plain: Array, sigma: float) -> Array:
    """Three boxes are a Gaussian, at a cost that does not grow with sigma (Wells, 1986)."""
    side = 2 * int(sigma * 0.95) + 1
    for _ in range(2):
        plain = cv2.blur(plain, (side, side), borderType=cv2.BORDER_REFLECT)
    return np.asarray(plain, np.float32)
