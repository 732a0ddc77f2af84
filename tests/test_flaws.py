"""What is said of a source before the click."""

from __future__ import annotations

import base64

import cv2
import numpy as np
import pytest

from bridge.estimate import Sample
from bridge.flaws import flaws_of
from bridge.pixels import Format, Native, pack
from bridge.wire import PixelFormat

RGB8 = Format("rgb", "u8", False)
GRAIN = np.random.default_rng(1).integers(0, 255, (192, 256, 3), np.uint8)
SHARP = np.asarray(cv2.GaussianBlur(GRAIN, (0, 0), 1.2))


def told(pixels: Native) -> tuple[str, ...]:
    height, width = pixels.shape[:2]
    form = PixelFormat.of(RGB8)
    sent = base64.b64encode(pack(pixels, RGB8))  # as on the wire
    return flaws_of(Sample(format=form, width=width, height=height, pixels=sent))


def blocked() -> Native:
    """The blocks of a JPEG at its worst."""
    coarse = np.random.default_rng(1).integers(60, 190, (24, 32, 3), np.uint8)
    return np.ascontiguousarray(coarse.repeat(8, 0).repeat(8, 1))


@pytest.mark.parametrize(
    ("pixels", "said"),
    [
        (SHARP, ""),
        (np.asarray(cv2.GaussianBlur(SHARP, (0, 0), 9)), "blurred"),
        (blocked(), "JPEG blocks"),
        (np.full((192, 256, 3), 255, np.uint8), ""),  # nothing is drawn there yet
        (np.asarray(cv2.GaussianBlur(SHARP, (0, 0), 9))[:40, :40], ""),  # too small to tell
    ],
    ids=["sharp", "blurred", "blocks", "blank", "small"],
)
def test_a_flaw_is_named_and_nothing_else(pixels: Native, said: str) -> None:
    found = " ".join(told(np.ascontiguousarray(pixels)))
    assert said in found
    assert bool(found) == bool(said)
