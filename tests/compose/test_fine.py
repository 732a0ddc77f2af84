"""What only shows closely: bands at eight bits, a patch softer than its surroundings."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from bridge.compose import compose
from bridge.compose.crispness import around, crispness, fineness
from bridge.compose.dither import dithered
from bridge.pixels import Array
from tests.compose.truth import SHAPE, disc, edited, picture, piece

ROWS = slice(0, SHAPE[0])


def ramp(steps_per_px: float) -> Array:
    """(h, w, 3) rising from 0.4 to the right."""
    line = 0.4 + np.arange(SHAPE[1], dtype=np.float32) * np.float32(steps_per_px / 255)
    return np.ascontiguousarray(np.broadcast_to(line[None, :, None], (*SHAPE, 3)))


def local_error(seen: Array, true: Array) -> float:
    """Largest error of a mean over 13 x 13 px, in steps of eight bits: as a band is seen."""
    gap = (np.rint(seen * 255) - true * 255)[..., 0].astype(np.float32)
    return float(np.abs(cv2.blur(gap, (13, 13)))[20:-20, 20:-20].max())


def test_a_slow_slope_has_no_bands() -> None:
    smooth = ramp(0.04)
    fine = dithered(smooth, ROWS, 255)
    assert local_error(smooth, smooth) > 0.24
    assert local_error(fine, smooth) < 0.12
    assert float(np.abs(fine - smooth).max()) <= 0.5 / 255


@pytest.mark.parametrize(
    "pixels", [np.full((*SHAPE, 3), 0.4, np.float32), picture()], ids=["flat", "busy"]
)
def test_what_cannot_band_is_not_dithered(pixels: Array) -> None:
    gap = np.abs(dithered(pixels, ROWS, 255) - pixels)
    assert float((gap > 0).mean()) < 0.02


def test_a_fine_depth_is_not_dithered() -> None:
    smooth = ramp(0.04)
    assert dithered(smooth, ROWS, None) is smooth


def test_stripes_dither_as_the_whole_does() -> None:
    smooth = ramp(0.04)
    part = dithered(smooth[50:200], slice(50, 200), 255)
    np.testing.assert_array_equal(part[1:-1], dithered(smooth, ROWS, 255)[51:199])


def test_crispness_is_one_for_the_same_and_falls_with_blur() -> None:
    original = picture()
    soft = np.asarray(cv2.GaussianBlur(original, (0, 0), 1.5), np.float32)
    assert crispness(original, original) == pytest.approx(1.0)
    assert 0.2 < crispness(original, soft) < 0.6
    assert crispness(original, edited(original, disc((190, 140), 90))) == pytest.approx(1, abs=0.05)


def test_the_report_says_when_the_patch_is_softer_than_the_picture() -> None:
    original, where = picture(), disc((190, 140), 50)
    soft = np.asarray(cv2.GaussianBlur(edited(original, where), (0, 0), 1.5), np.float32)
    report = compose(piece(original, soft, where)).report
    assert report.crispness is not None
    assert report.crispness < 0.7
    assert "softer than the picture" in report.line


def grained(pixels: Array, strength: float) -> Array:
    noise = np.random.default_rng(5).standard_normal(pixels.shape[:2])[..., None]
    return np.asarray(np.clip(pixels + strength * noise, 0, 1), np.float32)


def test_grain_is_told_apart_from_detail() -> None:
    flat = ramp(0.04)
    assert fineness(grained(flat, 0.02), grained(flat, 0.02))[1] == pytest.approx(1.0)
    assert fineness(grained(flat, 0.02), grained(flat, 0.005))[1] == pytest.approx(0.25, abs=0.03)
    assert fineness(flat, grained(flat, 0.02))[1] is None  # a picture without any wants none


def test_the_report_says_when_the_patch_lacks_the_grain_of_the_picture() -> None:
    original, where = np.asarray(cv2.GaussianBlur(picture(), (0, 0), 6)), disc((190, 140), 50)
    answer = grained(edited(original, where), 0.002)
    told = compose(piece(grained(original, 0.008), answer, where)).report
    assert told.grain is not None
    assert told.grain < 0.5
    assert "smoother than the picture" in told.line


def test_the_window_lies_about_the_selection_and_inside_the_box() -> None:
    selection = np.zeros((2000, 3000), np.float32)
    selection[1800:1900, 2800:2900] = 1
    assert around(selection, (2000, 3000)) == (slice(1232, 2000), slice(2232, 3000))
    assert around(None, (600, 500)) == (slice(0, 768), slice(0, 768))
