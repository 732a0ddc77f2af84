"""Where a film lies on the canvas: its first frame is registered to the still, as any answer is.

The one map and the one correction of colour that are found for the first frame hold for all, so
that what moves in the film is what the model moved, never our estimate.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from bridge.compose import Edge, Piece
from bridge.compose.grid import Grid, work_grid
from bridge.compose.lie import Lie
from bridge.compose.put import placed, put_back
from bridge.compose.register import register
from bridge.compose.tone import NEUTRAL, Tone, fitted
from bridge.geometry import Affine
from bridge.pixels import Array, Native, unit

AGREES = 0.06  # luma by which a registered pixel may differ and still tell of colours
SEAM_PX = 12.0  # document px over which the moving part of a cinemagraph is faded in, inwards


@dataclass(frozen=True, slots=True)
class Placing:
    """lie: None where the frame could not be registered and lies as it was sent.

    still: float32 (H, W, 3), the box. error: median of |first frame - still| over the box, in
    8-bit steps, after all. share: (H, W), how much of the film is shown; None = all of it.
    """

    still: Array
    to_film: Affine
    grid: Grid
    lie: Lie | None
    tone: Tone
    share: Array | None
    error: float = 0.0

    def over(self, frame: Native) -> Array:
        """float32 (H, W, 3), 0..1: the frame over the box, in the still's colours."""
        shape = (self.still.shape[0], self.still.shape[1])
        if self.lie is None:
            laid = put_back(unit(frame), self.to_film, shape)[..., :3]
        else:
            laid = placed(unit(frame), self.grid, self.lie, shape).rows(slice(0, shape[0]))
        if self.tone is NEUTRAL:
            return laid
        return np.clip(self.tone.apply(laid, shape), 0, 1).astype(np.float32)


def place(still: Array, first: Native, moving: Array | None) -> Placing:
    """still: float32 (H, W, 3) of the whole box. moving: (H, W), 1 = this part may move."""
    height, width = first.shape[:2]
    tall, wide = still.shape[:2]
    to_film = Affine(width / wide, 0, 0, 0, height / tall, 0)
    piece = Piece(
        original=still,
        alpha=None,
        selection=None,
        answer=unit(first),
        to_answer=to_film,
        lies="re-rendered",
        wish=None,
        edge=Edge(),
    )
    grid = work_grid(piece)
    found = register(grid)
    lie = None if found.verdict == "refused" else found
    share = None if moving is None else faded(moving)
    plain = Placing(still, to_film, grid, lie, NEUTRAL, share)
    tone = _tone(plain.over(first), still) if lie else NEUTRAL
    toned = replace(plain, tone=tone)
    error = float(np.median(np.abs(toned.over(first) - still)) * 255)
    return replace(toned, error=error)


def faded(moving: Array) -> Array:
    """(H, W) 0..1: 0 wherever `moving` is 0, rising inwards from its edge.

    Where it runs along the picture's own edge there is nothing to meet, and nothing is faded.
    """
    reach = int(SEAM_PX) + 1
    inside = np.pad((moving > 0).astype(np.uint8), reach, mode="edge")
    away = cv2.distanceTransform(inside, cv2.DIST_L2, 5)[reach:-reach, reach:-reach]
    soft = np.clip(away / SEAM_PX, 0, 1).astype(np.float32)
    return np.asarray(soft * (moving > 0), np.float32)


def _tone(plain: Array, still: Array) -> Tone:
    """From the film's colours to the still's, on what agrees; estimated small."""
    share = min(1.0, 640 / max(still.shape[:2]))
    size = (max(16, round(still.shape[1] * share)), max(16, round(still.shape[0] * share)))
    small = [
        np.asarray(cv2.resize(one, size, interpolation=cv2.INTER_AREA), np.float32)
        for one in (plain, still)
    ]
    agrees = (np.abs(small[0] - small[1]).mean(-1) < AGREES).astype(np.float32)
    return fitted(small[0], small[1], agrees, clips="source")
