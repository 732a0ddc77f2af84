"""A smooth patch on a coarse depth: noise below one step, so that no bands show.

Ordered by a mask of high-passed noise whose values are spread evenly (as in Ulichney, "Dithering
with blue noise", 1988), added before the document's depth rounds: the mean stays, the bands go.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from bridge.pixels import Array

TILE = 64  # px; the mask repeats, too finely to be seen
FLAT, STEEP = 0.05, 2.0  # steps within 3x3 px between which a slope would show bands


def dithered(pixels: Array, rows: slice, steps: int | None) -> Array:
    """pixels: (n, W, 3), `rows` of the box. steps: of the document's depth, None = too fine."""
    if steps is None:
        return pixels
    ring = np.ones((3, 3), np.uint8)
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.float32)
    reach = np.asarray(cv2.dilate(grey, ring), np.float32) - np.asarray(cv2.erode(grey, ring))
    slopes = (reach > FLAT / steps) & (reach < STEEP / steps)
    if not slopes.any():
        return pixels
    down = np.arange(rows.start, rows.stop) % TILE
    across = np.arange(pixels.shape[1]) % TILE
    noise = _mask()[down[:, None], across[None]] * (slopes / np.float32(steps))
    out: Array = pixels + noise[..., None].astype(np.float32)
    return out


@lru_cache
def _mask() -> Array:
    """(TILE, TILE), each of its values once, evenly from -0.5 to 0.5; neighbours differ much."""
    white = np.random.default_rng(1).standard_normal((TILE, TILE)).astype(np.float32)
    wide = np.tile(white, (3, 3))
    middle = slice(TILE, 2 * TILE)
    high = (wide - np.asarray(cv2.GaussianBlur(wide, (0, 0), 1.5)))[middle, middle]
    order = np.argsort(np.argsort(high.ravel()))
    even = (order + 0.5) / order.size - 0.5
    return np.asarray(even.reshape(TILE, TILE), np.float32)
