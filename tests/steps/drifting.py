"""Re-renders the whole crop as hosted models do: with a known zoom and shift, and a red disc."""

from __future__ import annotations

import numpy as np

from bridge.engines.base import Answer, Ask, Engine, Received, Ref, Steps
from bridge.engines.encode import picture, png16
from bridge.geometry import Affine
from bridge.pixels import Array

DRIFT = Affine(1.012, 0.0, -4.2, 0.0, 1.012, 3.1)  # from sent to answered coordinates, px
RED = (0.85, 0.1, 0.08)


class Drifting(Engine):
    id = "drifting"
    label = "Drifting"
    where = "this machine"

    def revise(self, ask: Ask, ref: Ref | None = None) -> Steps:
        yield Received(png16(drifted(with_disc(ask.picture, ask.mask))).data, "image/png")

    def decode(self, raw: bytes, media_type: str) -> Answer:
        return Answer(picture(raw, self.label), "re-rendered")


def with_disc(pixels: Array, mask: Array | None) -> Array:
    """A disc in the middle of what is masked, half as wide."""
    import cv2

    height, width = pixels.shape[:2]
    rows, columns = np.nonzero(np.ones((height, width)) if mask is None else mask > 0.5)
    middle = (int(columns.mean()), int(rows.mean()))
    radius = max(2, int(min(np.ptp(columns), np.ptp(rows)) / 4))
    painted = np.ascontiguousarray(pixels)
    return np.asarray(cv2.circle(painted.copy(), middle, radius, RED, -1, cv2.LINE_AA), np.float32)


def drifted(pixels: Array) -> Array:
    import cv2

    height, width = pixels.shape[:2]
    matrix = np.asarray(DRIFT.for_indices(), np.float64)
    warped = cv2.warpAffine(
        pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
    )
    return np.clip(np.asarray(warped, np.float32), 0, 1)


ENGINE = Drifting
