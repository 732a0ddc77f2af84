"""In place, and known to the pixel: the picture's negative."""

from __future__ import annotations

import numpy as np

from bridge.engines.base import Answer, Ask, Engine, Received, Ref, Steps
from bridge.engines.encode import picture, png16
from bridge.pixels import Array


class Known(Engine):
    id = "known"
    label = "Known"
    where = "this machine"

    def revise(self, ask: Ask, ref: Ref | None = None) -> Steps:
        yield Received(png16(negative(ask.picture)).data, "image/png")

    def decode(self, raw: bytes, media_type: str) -> Answer:
        return Answer(picture(raw, self.label), "in place")


def negative(pixels: Array) -> Array:
    return np.asarray(1 - pixels, np.float32)


ENGINE = Known
