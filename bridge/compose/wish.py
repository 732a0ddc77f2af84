"""What kind of wish the answer fulfils, read from the answer when no helper said it."""

from __future__ import annotations

import cv2
import numpy as np

from bridge.compose.difference import difference, lab
from bridge.compose.lie import Agreement
from bridge.compose.structure import grey
from bridge.compose.values import Wish
from bridge.pixels import Array

GLOBAL = 6.0  # median dE over the whole picture: local edits leave 1-4, relights 9-65
KEPT = 0.85  # structure score above which the drawing is the same; oil leaves less, night more
CRISPER = 1.2  # times the fine contrast: hosted models soften, so more of it was asked for
EDGE = 0.02  # fine contrast of an edge, above noise
TILES, LEAST_EDGES = 12, 0.01  # per side; share of a tile that must be edges
FINE, GRAIN = 2.0, 0.8  # px: what is finer than the one and coarser than the other


def read_wish(original: Array, moved: Array, agreed: Agreement, selection: Array | None) -> Wish:
    """original, moved: (h, w, 3) registered, colours untouched.

    With a selection the wish lies inside it, and what the model did to the colours of the rest is
    drift. Without one, colours that moved everywhere are what was asked for.
    """
    if selection is not None:
        return "local"
    thin = np.s_[::4, ::4]
    away = float(np.median(difference(lab(original[thin]), lab(moved[thin]))))
    if crispness(original, moved) > CRISPER:
        return "style"
    if away <= GLOBAL:
        return "local"
    return "light" if agreed.score >= KEPT else "style"


def crispness(original: Array, moved: Array) -> float:
    """How many times the fine contrast of the original, (h, w, 3), the answer has on its edges.

    The median over tiles, so that an edit does not decide.
    """
    one, other = _fine(original), _fine(moved)
    edges = (np.abs(one) > EDGE).astype(np.float32)
    size = (TILES, TILES)
    known, before, after = (
        np.asarray(cv2.resize(plain, size, interpolation=cv2.INTER_AREA), np.float32)
        for plain in (edges, edges * one * one, edges * other * other)
    )
    asked = known > LEAST_EDGES
    if not asked.any():
        return 1.0
    return float(np.sqrt(np.median(after[asked] / before[asked])))


def _fine(pixels: Array) -> Array:
    plain = grey(pixels)
    fine, coarse = (cv2.GaussianBlur(plain, (0, 0), sigma) for sigma in (GRAIN, FINE))
    return np.asarray(cv2.subtract(fine, coarse), np.float32)
