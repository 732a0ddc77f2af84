"""What is left between the answer and its surroundings, carried smoothly into the edit.

A membrane through the residual at unchanged pixels (Pérez et al., "Poisson image editing", 2003;
as interpolation: Farbman et al., "Coordinates for instant image cloning", 2009), solved by push
and pull over a pyramid (Gortler et al., "The lumigraph", 1996), clipped, and fading with distance:
deep inside an edit nothing is known about its residual.
"""

from __future__ import annotations

import cv2
import numpy as np

from bridge.pixels import Array

MOST = 12 / 255  # a larger residual is content, not tone
THIN = 4  # px of work size per node
DOUBT = 0.25  # weight of "no residual", against unit weight of one known node


def membrane(original: Array, corrected: Array, unchanged: Array) -> Array:
    """(h / 4, w / 4, 3) offsets to add to the corrected answer. unchanged: (h, w), 1 = known."""
    height, width = unchanged.shape
    size = (max(1, width // THIN), max(1, height // THIN))
    gap = np.clip(original - corrected, -MOST, MOST) * unchanged[..., None]
    known = np.asarray(cv2.resize(unchanged, size, interpolation=cv2.INTER_AREA), np.float32)
    weighted = np.asarray(cv2.resize(gap, size, interpolation=cv2.INTER_AREA), np.float32)
    return _pulled(weighted, known)


def _pulled(weighted: Array, known: Array) -> Array:
    """Means of growing neighbourhoods, each used where the finer ones know too little."""
    if min(known.shape) < 4:
        return weighted / (known + DOUBT)[..., None]
    soft_w, soft_k = cv2.GaussianBlur(weighted, (0, 0), 1.5), cv2.GaussianBlur(known, (0, 0), 1.5)
    size = ((known.shape[1] + 1) // 2, (known.shape[0] + 1) // 2)
    coarse = _pulled(
        np.asarray(cv2.resize(soft_w, size, interpolation=cv2.INTER_AREA)),
        np.asarray(cv2.resize(soft_k, size, interpolation=cv2.INTER_AREA)),
    )
    coarse = np.asarray(cv2.resize(coarse, known.shape[::-1], interpolation=cv2.INTER_LINEAR))
    doubt = np.maximum(DOUBT - soft_k, 0)[..., None]
    return np.asarray((soft_w + doubt * coarse * 0.9) / (soft_k[..., None] + doubt), np.float32)
