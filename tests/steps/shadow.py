"""Re-renders the crop in its place: a red disc inside, and outside the shadow that it throws."""

from __future__ import annotations

import numpy as np

from bridge.engines.base import Answer, Ask, Engine, Received, Ref, Steps
from bridge.engines.encode import picture, png16
from bridge.pixels import Array
from tests.steps.drifting import with_disc

DARK = 0.35  # of the light is left in the shadow


class Shadow(Engine):
    id = "shadow"
    label = "Shadow"
    where = "this machine"

    def revise(self, ask: Ask, ref: Ref | None = None) -> Steps:
        painted = with_disc(shaded(ask.picture, ask.mask), ask.mask)
        yield Received(png16(painted).data, "image/png")

    def decode(self, raw: bytes, media_type: str) -> Answer:
        return Answer(picture(raw, self.label), "re-rendered")


def shaded(pixels: Array, mask: Array | None) -> Array:
    """A dark ellipse that begins inside what is masked and ends below it."""
    import cv2

    height, width = pixels.shape[:2]
    rows, columns = np.nonzero(np.ones((height, width)) if mask is None else mask > 0.5)
    middle = (int(columns.mean()), int(rows.max()))
    across, down = int(np.ptp(columns) / 2), int(np.ptp(rows) / 4)
    dark: Array = np.zeros((height, width), np.float32)
    cv2.ellipse(dark, middle, (across, down), 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    return np.asarray(pixels * (1 - (1 - DARK) * dark[..., None]), np.float32)


ENGINE = Shadow
