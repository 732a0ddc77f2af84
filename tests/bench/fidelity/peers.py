"""What the answer is measured against: how it is put back elsewhere, made again by us.

Naive: the answer resized to the crop and pasted under the selection. Usual practice: the same,
its colours' mean and deviation matched to the crop outside the selection (Reinhard et al., "Color
transfer between images", 2001), laid through a mask that is grown and blurred.
"""

from __future__ import annotations

import cv2
import numpy as np

from bridge.compose import Patch, Piece, Report
from bridge.compose.difference import lab
from bridge.compose.lie import Agreement, Lie
from bridge.compose.put import put_back
from tests.bench.fidelity.drift import Array

GROWN, BLURRED = 6, 8  # px at model size, the defaults seen most

UNMOVED = Lie(np.eye(3), None, Agreement(1.0, 1.0, 1))


def naive(piece: Piece) -> Patch:
    shape = piece.original.shape[:2]
    pixels = put_back(piece.answer, piece.to_answer, shape)
    mask = np.ones(shape, np.float32) if piece.selection is None else piece.selection
    return _patch(pixels, mask, piece)


def usual(piece: Piece) -> Patch:
    height, width = piece.original.shape[:2]
    pixels = put_back(piece.answer, piece.to_answer, (height, width))
    mask = np.ones((height, width), np.float32)
    outside = np.ones((height, width), bool)
    if piece.selection is not None:
        scale = width / piece.answer.shape[1]
        side = 2 * round(GROWN * scale) + 1
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
        grown = np.asarray(cv2.dilate(piece.selection, disc), np.float32)
        mask = np.asarray(cv2.GaussianBlur(grown, (0, 0), BLURRED * scale), np.float32)
        outside = piece.selection <= 0
    return _patch(_matched(pixels, piece.original, outside), mask, piece)


PEERS = {"naive": naive, "usual": usual}


def _matched(pixels: Array, original: Array, where: np.ndarray) -> Array:
    wanted, have = lab(original), lab(pixels)
    for i in range(3):
        mean, spread = wanted[..., i][where].mean(), wanted[..., i][where].std()
        from_mean, from_spread = have[..., i][where].mean(), have[..., i][where].std()
        have[..., i] = (have[..., i] - from_mean) * (spread / max(from_spread, 1e-3)) + mean
    return np.clip(np.asarray(cv2.cvtColor(have, cv2.COLOR_LAB2RGB), np.float32), 0, 1)


def _patch(pixels: Array, mask: Array, piece: Piece) -> Patch:
    opaque = np.ones(mask.shape, np.float32)
    return Patch(pixels, opaque, mask, "trusted", piece.wish or "local", Report(""), lie=UNMOVED)
