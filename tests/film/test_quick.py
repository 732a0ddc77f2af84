"""Frames that are placed quickly lie where the exact way puts them, and come in their order."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from bridge.film.place import place
from bridge.film.quick import Quick, in_order
from bridge.geometry import Size
from bridge.pixels import Array, Native, unit
from tests.film.studio import smooth

BOX = Size(384, 256)


def moved(still: Native, right: float, warm: float = 1.0) -> Native:
    """still, so many px further right, its red times `warm`."""
    matrix = np.array([[1, 0, right], [0, 1, 0]], np.float64)
    size = (still.shape[1], still.shape[0])
    laid = cv2.warpAffine(still, matrix, size, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(np.clip(np.rint(laid * np.array([warm, 1, 1])), 0, 255), np.uint8)


@pytest.mark.parametrize("size", [BOX, Size(768, 512), Size(192, 128)], ids=str)
def test_a_quick_frame_is_the_exact_one_within_a_step_or_two(size: Size) -> None:
    still = smooth(BOX)
    first = np.asarray(cv2.resize(moved(still, 2.4, 0.95), (size.width, size.height)), np.uint8)
    placing = place(unit(still), first, None)
    exact = placing.over(first) * 255
    apart = np.abs(Quick(placing, first).shown(first) - exact)
    print(f"{size}: mean {apart.mean():.2f}, largest {apart.max():.1f} of 255")
    assert apart.mean() < 0.6
    assert apart.max() < 6


def test_a_frame_that_is_another_picture_lies_as_it_was_sent() -> None:
    still, other = smooth(BOX), np.random.default_rng(5).integers(0, 255, (256, 384, 3), np.uint8)
    placing = place(unit(still), other, None)
    assert placing.lie is None
    np.testing.assert_array_equal(Quick(placing, other).shown(other), other)


def test_outside_what_may_move_it_is_the_still_bit_for_bit() -> None:
    still = smooth(BOX)
    moving: Array = np.zeros(still.shape[:2], np.float32)
    moving[60:140, 90:200] = 1
    placing = place(unit(still), moved(still, 1.3), moving)
    assert placing.share is not None
    shown = Quick(placing, still).shown(np.full_like(still, 255))
    np.testing.assert_array_equal(shown[moving == 0], still[moving == 0])
    assert (shown[100, 145] != still[100, 145]).any()


def test_frames_made_side_by_side_come_in_their_order() -> None:
    frames = [np.full((4, 4, 3), at, np.uint8) for at in range(30)]
    made = list(in_order(lambda frame: int(frame[0, 0, 0]), frames))
    assert made == list(range(30))
