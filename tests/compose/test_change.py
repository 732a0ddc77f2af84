"""Change: what the model really changed, and what of it lies outside."""

from __future__ import annotations

import numpy as np

from bridge.compose.change import changed, evidence
from bridge.compose.edge import around, grown, limited, shown
from bridge.compose.offer import offered, outside
from bridge.compose.tone import NEUTRAL, Tone
from bridge.compose.values import Edge
from bridge.pixels import Array
from tests.compose.truth import SHAPE, disc, edited, moved, picture, plane

ALL = np.ones(SHAPE, np.float32)


def found(original: Array, answer: Array) -> Array:
    return changed(evidence(original, answer, answer, NEUTRAL), ALL)


def iou(one: Array, other: Array) -> float:
    return float((one * other).sum() / np.maximum(one, other).sum())


def test_an_edit_is_found_and_nothing_else() -> None:
    original, where = picture(), disc((190, 140), 45)
    assert iou(found(original, edited(original, where)), where) > 0.93


def test_an_edit_of_two_thirds_is_found() -> None:
    original, where = picture(), disc((190, 140), 155)
    assert where.mean() > 0.6
    assert iou(found(original, edited(original, where)), where) > 0.97


def test_a_third_of_a_pixel_is_registration() -> None:
    original = picture()
    assert not found(original, moved(original, plane(shift=(0.3, 0.2)))).any()


def test_noise_is_no_change() -> None:
    original = picture()
    noise = np.random.default_rng(4).normal(0, 0.012, original.shape).astype(np.float32)
    assert not found(original, np.clip(original + noise, 0, 1)).any()


def test_what_a_cast_clips_nearly_everywhere_is_asked_where_it_does_not() -> None:
    """The model's green is half as bright again, so nearly all of it is clipped but the edit."""
    original, where = 0.66 + 0.3 * picture(), disc((190, 140), 60)
    cast = Tone(np.diag([1.0, 1.5, 1.0]) @ np.eye(3, 4), np.zeros((3, 2)), np.zeros((3, 5)))
    truth = original.copy()
    truth[..., 1] -= (original[..., 1] - 0.64) * where  # less of it only: 0.96
    answer = np.clip(cast.apply(truth, SHAPE), 0, 1)
    corrected = np.asarray(answer / np.array([1.0, 1.5, 1.0]), np.float32)
    mask = changed(evidence(original, answer, corrected, cast), ALL)
    assert iou(mask, where) > 0.9


def test_a_change_at_the_answers_border_goes_on_beyond_it() -> None:
    original, where = picture(), disc((8, 140), 60)
    there = ALL.copy()
    there[:, :20] = 0
    answer = edited(original, where)
    mask = changed(evidence(original, answer, answer, NEUTRAL), there)
    assert mask[140, 5] == 1
    assert mask[30, 5] == 0


def test_outside_the_selection_the_mask_is_exactly_zero() -> None:
    selection = disc((190, 140), 60)
    mask = shown(selection, SHAPE, Edge())
    assert not mask[selection == 0].any()
    assert mask.max() == 1


def test_the_fade_is_inwards_and_as_wide_as_asked() -> None:
    selection = np.zeros(SHAPE, np.float32)
    selection[:, 100:300] = 1
    row = shown(selection, SHAPE, Edge(feather_px=9))[140]
    assert row[99] == 0
    assert 0 < row[100] < 0.1
    assert row[105] < 1
    assert (row[110:290] == 1).all()


def test_the_pictures_own_border_is_no_edge() -> None:
    selection = np.zeros(SHAPE, np.float32)
    selection[:, :200] = 1
    assert (shown(selection, SHAPE, Edge(feather_px=9))[:, 0] == 1).all()


def test_a_soft_selection_stays_as_soft() -> None:
    soft = disc((190, 140), 60) * np.float32(0.5)
    assert float(shown(soft, SHAPE, Edge()).max()) == 0.5


def test_growing_reaches_so_many_pixels_and_no_further() -> None:
    selection = disc((190, 140), 40)
    wide = grown(selection, 7)
    assert wide[140, 190 + 47] == 1
    assert wide[140, 190 + 48] == 0
    assert shown(selection, SHAPE, Edge(grow_px=7, feather_px=0))[140, 190 + 47] == 1


def test_with_nothing_selected_all_is_shown() -> None:
    assert (shown(None, SHAPE, Edge()) == 1).all()


def test_a_mask_is_limited_to_a_little_around_the_change() -> None:
    change = disc((190, 140), 30)
    mask = limited(np.ones(SHAPE, np.float32), around(change))
    assert (mask[change > 0] == 1).all()
    assert not mask[disc((190, 140), 33) == 0].any()


def test_a_shadow_beside_the_selection_is_offered() -> None:
    selection, shadow = disc((150, 140), 50), disc((220, 150), 30)
    departs = shadow * np.float32(8)
    small = outside(shadow, departs, selection)
    assert small is not None
    offer = offered(small, selection)
    beyond = (selection == 0) & (shadow > 0)
    assert float((offer.mask[beyond] > 0.5).mean()) > 0.9
    assert not offer.mask[selection > 0].any()


def test_a_change_far_away_or_faint_or_everywhere_is_not_offered() -> None:
    selection = disc((80, 140), 40)
    far, near = disc((340, 140), 25), disc((130, 140), 25)
    assert outside(far, far * np.float32(9), selection) is None
    assert outside(near, near * np.float32(2), selection) is None
    assert outside(ALL, ALL * np.float32(9), selection) is None
