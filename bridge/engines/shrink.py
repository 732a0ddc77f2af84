"""Pictures that only lend something are sent no larger than a model looks at them."""

from __future__ import annotations

import math

import numpy as np

from bridge.pixels import Array

LEAST_EDGE = 64  # px; below this there is nothing to lend


def shrunk(pixels: Array, most_pixels: int) -> Array:
    """float32 (H, W, 3) with its aspect kept and at most `most_pixels`, or as it is."""
    import cv2

    height, width = pixels.shape[:2]
    if width * height <= most_pixels:
        return pixels
    scale = math.sqrt(most_pixels / (width * height))
    size = tuple(max(LEAST_EDGE, math.floor(edge * scale)) for edge in (width, height))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.float32)
