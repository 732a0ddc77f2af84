"""What is wrong with the source itself, said before anything is paid."""

from __future__ import annotations

import cv2
import numpy as np

from bridge.color import to_srgb
from bridge.estimate import Sample
from bridge.geometry import Size
from bridge.pixels import Array, split_alpha, unpack

BLURRED = 0.00004  # variance of the Laplacian of luma 0..1 below which nothing is sharp
EMPTY = 0.004  # deviation of luma: of a blank canvas nothing is said
BLOCKED = 1.4  # steps across the 8x8 grid of JPEG over steps inside it
VISIBLE = 0.007  # of luma: a smaller step is seen by nobody
ENOUGH = 64  # px: a smaller sample says nothing


def flaws_of(sample: Sample) -> tuple[str, ...]:
    """Sentences; none when the sample is too small to tell. BadRequest when it does not add up."""
    form = sample.format.format()
    color, _ = split_alpha(unpack(sample.pixels, form, Size(sample.width, sample.height)), form)
    rgb = to_srgb(color, form.model, None)
    luma: Array = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.float32)
    if min(luma.shape) < ENOUGH:
        return ()
    found = []
    drawn = float(luma.std()) > EMPTY
    if drawn and float(cv2.Laplacian(luma, cv2.CV_32F).var()) < BLURRED:
        found.append("This part is blurred; the result will look sharper than its surroundings.")
    if _blocked(luma):
        found.append("This part shows strong JPEG blocks; a model may repaint them as texture.")
    return tuple(found)


def _blocked(luma: Array) -> bool:
    """Whether the steps across some 8-px grid stand out, in proportion and to the eye."""
    steps = np.abs(np.diff(luma, axis=1)).mean(axis=0)
    *others, strongest = sorted(float(steps[offset::8].mean()) for offset in range(8))
    usual = float(np.mean(others))
    return strongest > BLOCKED * usual and strongest - usual > VISIBLE
