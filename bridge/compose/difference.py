"""How different two pictures look, pixel by pixel."""

from __future__ import annotations

import cv2
import numpy as np

from bridge.pixels import Array


def lab(pixels: Array) -> Array:
    """CIE Lab (D65) of sRGB-encoded 0..1, what is beyond clipped: L 0..100."""
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB), np.float32)


def difference(one: Array, other: Array) -> Array:
    """(..., 3) Lab each -> (...): CIE94, which keeps saturated colours from shouting."""
    return spread(one - other, chroma(one))


def chroma(colors: Array) -> Array:
    """(..., 3) Lab -> (...)."""
    a, b = colors[..., 1], colors[..., 2]
    return np.asarray(np.sqrt(a * a + b * b), np.float32)


def spread(gap: Array, chroma: Array) -> Array:
    """CIE94 of a Lab difference at a chroma; hue and chroma weighted alike, for speed."""
    lightness, a, b = (np.ascontiguousarray(gap[..., i]) for i in range(3))
    weight = 1 / (1 + np.float32(0.03) * chroma)
    return np.asarray(np.sqrt(lightness**2 + (a**2 + b**2) * weight**2), np.float32)
