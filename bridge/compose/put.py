"""From the answer's grid to the document's: one resample by the recorded map."""

from __future__ import annotations

import cv2
import numpy as np

from bridge.geometry import Affine
from bridge.pixels import Array


def put_back(answer: Array, to_answer: Affine, shape: tuple[int, int]) -> Array:
    """float32 (H, W, C) over the box. Bit-identical when the map is the identity.

    Lanczos, or the mean of what falls into a pixel where the answer is larger; 0..1.
    """
    height, width = shape
    if to_answer == Affine() and answer.shape[:2] == shape:
        return answer
    shrinks = min(to_answer.xx, to_answer.yy) > 1
    if shrinks and to_answer.xy == to_answer.yx == 0 and _covers(answer, to_answer, shape):
        reduced = cv2.resize(answer, (width, height), interpolation=cv2.INTER_AREA)
        return np.clip(np.asarray(reduced, np.float32), 0, 1)
    matrix = np.asarray(to_answer.for_indices(), np.float64)
    flags = cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP
    placed = cv2.warpAffine(
        answer, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return np.clip(np.asarray(placed, np.float32), 0, 1)


def _covers(answer: Array, to_answer: Affine, shape: tuple[int, int]) -> bool:
    """Whether the answer is exactly the box, at another size."""
    end = to_answer(shape[1], shape[0])
    start = to_answer(0, 0)
    return np.allclose(start, (0, 0)) and np.allclose(end, answer.shape[1::-1])
