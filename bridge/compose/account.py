"""The account of a registered patch: everything its report says, measured."""

from __future__ import annotations

import cv2
import numpy as np

from bridge.compose import report
from bridge.compose.crispness import around, fineness
from bridge.compose.difference import difference, lab
from bridge.compose.grid import Grid
from bridge.compose.ground import Ground
from bridge.compose.keep import drifted, figures
from bridge.compose.threads import beside
from bridge.compose.values import Piece, Report, Wish
from bridge.pixels import Array

BAND = 6  # work px along the edge in which the seam is measured


def account(
    piece: Piece,
    ground: Ground,
    wish: Wish,
    pixels: Array,
    mask: Array,
    corrected: Array,
    change: Array,
) -> Report:
    """pixels, mask: of the patch. corrected: (h, w, 3) the answer as it is laid, at work size.

    change: (h, w) of 0 and 1. Tone, seam and crispness only have meaning for a local wish.
    """
    grid, local = ground.grid, wish == "local"
    where = np.ones(grid.shape, bool) if grid.selection is None else grid.context <= 0
    shift = seam = crisp = grainy = None
    if local:
        shift, seam, crisp, grainy = _looks(piece, ground, pixels, corrected, change)
    found = figures(piece.keep, grid.original, corrected, where)
    return report.registered(
        piece,
        grid,
        ground.lie,
        color_shift=shift,
        seam=seam,
        untouched=_untouched(piece, mask),
        crispness=crisp,
        grain=grainy,
        figures=found,
        kept=drifted(found),
    )


def _looks(
    piece: Piece, ground: Ground, pixels: Array, corrected: Array, change: Array
) -> tuple[float, float | None, float, float | None]:
    """Colour shift, seam, crispness and grain."""
    fine, (shift, seam) = beside(
        lambda: _fineness(piece, pixels),
        lambda: (_color_shift(ground, corrected), _seam(ground.grid, corrected, change)),
    )
    return shift, seam, *fine


def _color_shift(ground: Ground, corrected: Array) -> float:
    """Median dE that the correction took out."""
    thin = np.s_[::4, ::4]
    gap = difference(lab(ground.moved[thin]), lab(corrected[thin]))
    known = ground.kept[thin] > 0
    return float(np.median(gap[known])) if known.any() else 0.0


def _seam(grid: Grid, corrected: Array, change: Array) -> float | None:
    """Median dE just outside the change, where the patch meets the original."""
    ring = np.ones((2 * BAND + 1,) * 2, np.uint8)
    band = (cv2.dilate(change, ring) > 0) & (change <= 0)
    if not band.any():
        return None
    gap = difference(lab(grid.original[band][None]), lab(corrected[band][None]))
    return float(np.median(gap))


def _untouched(piece: Piece, mask: Array) -> float:
    """Share of the selection, or of the box, that shows the original bit by bit."""
    if piece.selection is None:
        return float((mask == 0).mean())
    chosen = piece.selection > 0
    return float((mask[chosen] == 0).mean()) if chosen.any() else 1.0


def _fineness(piece: Piece, pixels: Array) -> tuple[float, float | None]:
    """Crispness and grain of the whole registered answer, where it shows what the original does."""
    height, width = piece.original.shape[:2]
    window = around(piece.selection, (height, width))
    return fineness(piece.original[window], pixels[window])
