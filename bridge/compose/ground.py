"""The registered answer beside the original, and where the two show the same."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from bridge.compose.bend import positions
from bridge.compose.grid import Grid
from bridge.compose.lie import Lie
from bridge.compose.refine import warped
from bridge.compose.structure import grey, local_correlation, normalised
from bridge.compose.threads import beside
from bridge.compose.tone import AGREES
from bridge.pixels import Array

NEARBY = 6.0  # px: sigma of the correlation that says where structure was kept


@dataclass(frozen=True, slots=True)
class Ground:
    """At work size. moved: (h, w, 3), the registered answer in its own colours.

    same: (h, w), the local correlation with the original. there: (h, w), 1 where it has pixels.
    """

    grid: Grid
    lie: Lie
    moved: Array
    same: Array
    there: Array

    @property
    def kept(self) -> Array:
        """(h, w), 1 where it has pixels and the structure is the original's."""
        return ((self.same > AGREES) & (self.there > 0)).astype(np.float32)


def ground_of(grid: Grid, lie: Lie) -> Ground:
    if lie.field is None:
        matrix, size = lie.plane, grid.shape[::-1]
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        moved = cv2.warpPerspective(
            grid.answer, matrix, size, flags=flags, borderMode=cv2.BORDER_REFLECT
        )
    else:
        maps = positions(lie.field, lie.cell, lie.plane, grid.shape)
        moved = cv2.remap(grid.answer, *maps, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    moved = np.clip(np.asarray(moved, np.float32), 0, 1)
    _, there = warped(np.ones(grid.answer.shape[:2], np.float32), lie.plane, grid.shape)
    ours, theirs = beside(lambda: normalised(grey(grid.original)), lambda: normalised(grey(moved)))
    same = local_correlation(ours, theirs, NEARBY)
    return Ground(grid, lie, moved, same, there.astype(np.float32))
