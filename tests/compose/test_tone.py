"""Tone: the cast is found where structure stayed, and taken back only there it may be."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.compose.difference import difference, lab
from bridge.compose.seam import MOST, membrane
from bridge.compose.tone import NEUTRAL, fitted
from bridge.pixels import Array
from tests.compose.truth import SHAPE, disc, edited, picture

ALL = np.ones(SHAPE, np.float32)
MIX = np.array([[0.85, 0.05, 0.0], [0.02, 0.95, 0.03], [0.0, 0.04, 1.02]], np.float32)


def cast(pixels: Array) -> Array:
    return np.asarray(np.clip(pixels @ MIX.T + np.float32(0.01), 0, 1), np.float32)


def median_gap(one: Array, other: Array) -> float:
    return float(np.median(difference(lab(one), lab(other))))


def test_a_colour_map_is_found_both_ways() -> None:
    original = picture()
    answer = cast(original)
    back = fitted(answer, original, ALL, clips="source")
    forth = fitted(original, answer, ALL, clips="target")
    assert median_gap(back.apply(answer, SHAPE), original) < 0.25
    assert median_gap(forth.apply(original, SHAPE), answer) < 0.25


def test_a_lighting_drift_is_found() -> None:
    original = picture()
    light = np.linspace(0.8, 1.1, SHAPE[1], dtype=np.float32)[None, :, None]
    answer = np.clip(original * light, 0, 1)
    back = fitted(answer, original, ALL, clips="source")
    assert median_gap(answer, original) > 3
    assert median_gap(back.apply(answer, SHAPE), original) < 0.5


def test_an_edit_does_not_capture_the_map() -> None:
    original, where = picture(), disc((190, 140), 110)
    answer = cast(edited(original, where))
    back = fitted(answer, original, ALL, clips="source")
    still = where == 0
    assert median_gap(back.apply(answer, SHAPE)[still][None], original[still][None]) < 0.6


def test_lights_of_a_dark_picture_are_no_outliers() -> None:
    original = picture() ** 4
    light = np.linspace(0.85, 1.12, SHAPE[1], dtype=np.float32)[None, :, None]
    answer = np.clip(original * light, 0, 1).astype(np.float32)
    back = fitted(answer, original, ALL, clips="source")
    bright = original.max(-1) > 0.4
    corrected = back.apply(answer, SHAPE)
    assert median_gap(corrected[bright][None], original[bright][None]) < 0.7


def test_a_shadow_that_the_model_cast_does_not_bend_the_map() -> None:
    """Over a picture of one palette it lies where nothing else does; new colours are elsewhere."""
    original = 0.72 + 0.2 * picture()
    answer = np.asarray(np.clip(original * [1.08, 1.05, 0.98], 0, 1), np.float32)
    fell = disc((300, 140), 40)[..., None]
    tone = fitted(answer * (1 - 0.45 * fell), original, ALL, clips="source")
    new = picture(5)  # from dark to bright
    back = tone.apply(np.asarray(new * [1.08, 1.05, 0.98], np.float32), SHAPE)
    assert median_gap(back, new) < 2.5


def test_the_shown_white_is_known_although_the_answer_clips() -> None:
    original = np.clip(picture() * 1.4, 0, 1).astype(np.float32)
    answer = np.clip(original * np.array([1.2, 0.8, 1.0], np.float32), 0, 1)
    forth = fitted(original, answer, ALL, clips="target")
    white = original.min(-1) >= 1
    assert white.any()
    seen = np.clip(forth.apply(original, SHAPE), 0, 1)
    assert np.abs(seen - answer)[white].max() < 0.02


def test_clipped_highlights_come_back_neutral() -> None:
    original = np.clip(picture() * 1.4, 0, 1).astype(np.float32)
    answer = np.clip(original * np.array([1.25, 0.8, 1.0], np.float32), 0, 1)
    back = fitted(answer, original, ALL, clips="source")
    white = original.min(-1) >= 1
    seen = np.clip(back.apply(answer, SHAPE), 0, 1)[white]
    assert float((seen.max(-1) - seen.min(-1)).mean()) < 0.08


def test_too_little_to_go_by_changes_nothing() -> None:
    nothing = np.zeros(SHAPE, np.float32)
    assert fitted(picture(), picture(2), nothing, clips="source") is NEUTRAL


@pytest.mark.parametrize("rows", [slice(0, 97), slice(97, 288)])
def test_a_stripe_is_the_same_as_the_whole(rows: slice) -> None:
    original = picture()
    back = fitted(cast(original), original, ALL, clips="source")
    whole = back.apply(original, SHAPE)
    np.testing.assert_allclose(back.apply(original[rows], SHAPE, rows), whole[rows], atol=1e-5)


def test_the_membrane_carries_what_is_left_into_the_edit() -> None:
    original, where = picture(), disc((190, 140), 40)
    offsets = membrane(original, original - np.float32(0.02), 1 - where)
    assert float(np.abs(offsets[where[2::4, 2::4] > 0] - 0.02).max()) < 0.006


def test_the_membrane_never_carries_content() -> None:
    original = picture()
    offsets = membrane(original, np.zeros_like(original), ALL)
    assert float(np.abs(offsets).max()) <= MOST + 1e-6
