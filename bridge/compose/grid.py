"""The grid on which everything is estimated: the answer's, made smaller where that costs nothing.

Estimating at model size keeps the cost of a revision independent of the document's size; only the
last resample touches document pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from bridge.compose.lie import Matrix
from bridge.compose.values import Piece
from bridge.geometry import Affine
from bridge.pixels import Array

MOST_PIXELS = 1_600_000  # above this no estimate gets better, only slower


@dataclass(frozen=True, slots=True)
class Grid:
    """All at work size (h, w): original, answer (h, w, 3) 0..1; selection (h, w) or None.

    from_box, to_answer: 3x3, between pixel indices (centres at integers).
    """

    original: Array
    answer: Array
    selection: Array | None
    from_box: Matrix
    to_answer: Matrix

    @property
    def shape(self) -> tuple[int, int]:
        return self.original.shape[0], self.original.shape[1]

    @property
    def context(self) -> Array:
        """(h, w), 1 where nothing was to change: what registration and tone may rely on."""
        if self.selection is None:
            return np.ones(self.shape, np.float32)
        return (self.selection <= 0).astype(np.float32)


def work_grid(piece: Piece) -> Grid:
    """The answer laid over the box as it was sent, not yet registered."""
    height, width = piece.original.shape[:2]
    tall, wide = piece.answer.shape[:2]
    share = min(1.0, (MOST_PIXELS / (tall * wide)) ** 0.5)
    w = _whole(min(round(wide * share), width))
    h = _whole(min(round(tall * share), height))
    from_box = Affine(w / width, 0, 0, 0, h / height, 0)
    back = from_box.inverse().then(piece.to_answer)
    selection = None
    if piece.selection is not None:
        selection = _smaller((piece.selection > 0).astype(np.float32), w, h)
    return Grid(
        original=_smaller(piece.original, w, h),
        answer=_answer(piece.answer, back, w, h),
        selection=selection,
        from_box=as_matrix(from_box),
        to_answer=as_matrix(back),
    )


def as_matrix(affine: Affine) -> Matrix:
    """3x3, between pixel indices."""
    return np.vstack([np.asarray(affine.for_indices(), np.float64), (0.0, 0.0, 1.0)])


def _answer(answer: Array, back: Affine, w: int, h: int) -> Array:
    color = np.ascontiguousarray(answer[..., :3])
    tall, wide = answer.shape[:2]
    whole = np.allclose(back(0, 0), (0, 0)) and np.allclose(back(w, h), (wide, tall))
    if whole:
        return _smaller(color, w, h)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    matrix = as_matrix(back)[:2]
    laid = cv2.warpAffine(color, matrix, (w, h), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(laid, np.float32)


def _whole(length: int) -> int:
    """Halved twice without a remainder, so that coarse and fine grids agree exactly."""
    return max(16, length // 4 * 4)


def _smaller(pixels: Array, w: int, h: int) -> Array:
    if pixels.shape[:2] == (h, w):
        return pixels
    return np.asarray(cv2.resize(pixels, (w, h), interpolation=cv2.INTER_AREA), np.float32)
