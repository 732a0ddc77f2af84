"""What kind of wish the answer fulfils, read from the answer when no helper said it."""

from __future__ import annotations

import cv2
import numpy as np

from bridge.compose.crispness import crispness
from bridge.compose.detail import REPAINTED, lit, painted_anew
from bridge.compose.difference import difference, lab
from bridge.compose.ground import Ground
from bridge.compose.lie import TRUSTED
from bridge.compose.values import Wish
from bridge.pixels import Array

GLOBAL = 6.0  # median dE of what kept its structure: local edits leave 1-4, relights 9-65
KNOWN = 0.1  # of the frame that must have kept its structure to be asked alone
KEPT = 0.85  # structure score above which the drawing is the same; oil leaves less, night more
CRISPER = 1.2  # times the fine contrast: hosted models soften, so more of it was asked for
SEEN = 8.0  # dE: what another light does not explain, and everybody sees
# Of the frame: a relight leaves less than 0.004 unexplained, an edit in a cast picture 0.022, the
# lamps of a night 0.034.
MUCH = 0.028
TILES, EVERYWHERE = 12, 0.45  # per side; share of tiles: flakes of snow lie in most, an edit in few
SPECK = 4e-4  # of a tile
FINE = 1.2  # px: sigma before comparing


def read_wish(ground: Ground) -> Wish:
    """With a selection the wish lies inside it, and what the model did to the colours of the rest

    is drift. Without one, colours that moved everywhere are what was asked for.
    """
    if ground.grid.selection is not None:
        return "local"
    original, moved, score = ground.grid.original, ground.moved, ground.lie.agreed.score
    if crispness(original, moved) > CRISPER or score < TRUSTED:
        return "style"
    thin = np.s_[::4, ::4]
    away = difference(lab(original[thin]), lab(moved[thin]))
    kept = ground.kept[thin] > 0
    # A large edit is no other light: only what is still the same thing says what became of it.
    if float(np.median(away[kept] if kept.mean() > KNOWN else away)) <= GLOBAL:
        return "local"
    return "light" if score >= KEPT and _explained(ground) else "style"


def _explained(ground: Ground) -> bool:
    """Whether another light on the original is all that there is, but for what lies in pieces."""
    grid, trust = ground.grid, ground.there * (ground.same > REPAINTED)
    light = lit(grid.original, ground.moved, trust)
    fitted = np.clip(light.apply(grid.original, grid.shape, slice(0, grid.shape[0])), 0, 1)
    gap = difference(lab(_soft(fitted)), lab(_soft(ground.moved)))
    new = painted_anew(ground.same, ground.there) >= 0.5
    left = ((gap > SEEN) & ~new & (ground.there > 0)).astype(np.float32)
    if float(left.mean()) > MUCH:
        return False
    tiles = cv2.resize(left, (TILES, TILES), interpolation=cv2.INTER_AREA)
    return float((np.asarray(tiles) > SPECK).mean()) < EVERYWHERE


def _soft(pixels: Array) -> Array:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), FINE), np.float32)
