"""Registration: what was moved is found; what cannot be found is refused."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from bridge.compose import compose
from bridge.compose.bend import bend, spread
from bridge.compose.grid import work_grid
from bridge.compose.lie import Agreement, Lie, Matrix
from bridge.compose.register import register
from bridge.compose.starts import by_features, by_phase
from bridge.compose.structure import agreement, grey, local_correlation, normalised
from bridge.pixels import Array
from tests.compose.truth import SHAPE, bent, disc, edited, moved, off, picture, piece, plane


def slopes() -> Array:
    """(h, w, 3) without texture but along one small circle."""
    smooth = np.asarray(cv2.GaussianBlur(picture(3), (0, 0), 30), np.float32)
    smooth = 0.5 + (smooth - smooth.mean()) / smooth.std() * 0.15
    return np.asarray(np.clip(smooth + 0.1 * disc((230, 150), 30)[..., None], 0, 1), np.float32)


@pytest.mark.parametrize(
    ("way", "within"),
    [
        (plane(), 0.01),
        (plane(shift=(2.4, -3.1)), 0.03),
        (plane(shift=(14, 9), zoom=1.03), 0.03),
        (plane(zoom=0.96, turn=1.5), 0.03),
        (plane(zoom=1.25, turn=8), 0.05),
        (plane(tilt=0.06), 0.05),
    ],
    ids=["still", "shift", "shift and zoom", "zoom and turn", "far", "perspective"],
)
def test_a_moved_picture_is_found_where_it_lies(way: Matrix, within: float) -> None:
    original = picture()
    lie = register(work_grid(piece(original, moved(original, way), np.zeros(SHAPE, np.float32))))
    assert off(lie.plane, way) < within
    assert lie.verdict == "trusted"


def test_an_answer_of_another_size_is_found() -> None:
    original = picture(2, (576, 768))
    small = original.reshape(288, 2, 384, 2, 3).mean((1, 3)).astype(np.float32)
    way = plane(shift=(3.3, 1.2))
    lie = register(work_grid(piece(original, moved(small, way), np.zeros((576, 768), np.float32))))
    assert off(lie.plane, way) < 0.05


@pytest.mark.parametrize("selected", [True, False])
def test_a_large_edit_does_not_pull(selected: bool) -> None:
    original, where = picture(), disc((190, 140), 120)
    way = plane(shift=(5.2, 3.4), zoom=1.02)
    answer = moved(edited(original, where), way)
    lie = register(work_grid(piece(original, answer, where if selected else None)))
    assert off(lie.plane, way) < 0.05


def test_colour_and_light_do_not_matter() -> None:
    original = picture()
    way = plane(shift=(4.5, 2.5))
    cast = moved(original, way) * np.array([0.7, 0.9, 1.05], np.float32) + 0.03
    lit = np.clip(cast * np.linspace(0.6, 1.2, SHAPE[1], dtype=np.float32)[None, :, None], 0, 1)
    lie = register(work_grid(piece(original, lit.astype(np.float32))))
    assert off(lie.plane, way) < 0.05


@pytest.mark.parametrize(
    "answer",
    [picture(40), picture()[:, ::-1], picture()[::-1]],
    ids=["another picture", "mirrored", "upside down"],
)
def test_what_cannot_lie_anywhere_is_refused(answer: Array) -> None:
    lie = register(work_grid(piece(picture(), np.ascontiguousarray(answer))))
    assert lie.verdict == "refused"


def test_a_quadrant_that_lies_elsewhere_is_not_hidden_by_the_rest() -> None:
    original = picture()
    answer = original.copy()
    answer[:144, :192] = picture(50)[:144, :192]
    fixed, other = normalised(grey(original)), normalised(grey(answer))
    found = agreement(fixed, other, np.ones(SHAPE, np.float32))
    assert found.score > 0.6
    assert found.worst < 0.25
    assert Lie(np.eye(3), None, found).verdict != "trusted"


@pytest.mark.parametrize(
    ("score", "worst", "verdict"),
    [
        (0.29, 0.5, "refused"),
        (0.9, 0.2, "refused"),
        (0.5, 0.5, "badged"),
        (0.9, 0.3, "badged"),
        (0.7, 0.5, "trusted"),
    ],
)
def test_the_gate(score: float, worst: float, verdict: str) -> None:
    assert Lie(np.eye(3), None, Agreement(score, worst, 100)).verdict == verdict


def test_a_smooth_picture_of_few_places_to_hold_on_to_is_never_trusted_without_a_word() -> None:
    assert Lie(np.eye(3), None, Agreement(0.97, 0.97, 30)).verdict == "badged"


def test_a_picture_of_almost_nothing_but_slopes_is_registered() -> None:
    original, where, way = slopes(), disc((60, 60), 30), plane(shift=(4.2, -3.1), zoom=1.02)
    grains = np.random.default_rng(2).standard_normal(original.shape)
    answer = np.clip(moved(original, way) + 0.006 * grains, 0, 1).astype(np.float32)
    lie = register(work_grid(piece(original, answer, where)))
    assert off(lie.plane, way) < 0.3


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_perspective_is_found_on_slopes_alone(seed: int) -> None:
    shape = (576, 768)
    smooth = np.asarray(cv2.GaussianBlur(picture(seed, shape), (0, 0), 20), np.float32)
    smooth = 0.1 + 0.8 * (smooth - smooth.min()) / np.ptp(smooth)
    way = plane(shift=(4, -3), zoom=1.01, tilt=0.06)
    grains = np.random.default_rng(seed).normal(0, 0.006, smooth.shape)
    answer = np.clip(moved(smooth, way) + grains, 0, 1).astype(np.float32)
    lie = register(work_grid(piece(smooth, answer)))
    assert off(lie.plane, way) < 1.0


def test_a_local_wish_is_refused_when_most_of_the_rest_is_another_picture() -> None:
    """What repeats itself fits wherever both have structure; so is asked what is missing."""
    original, where = picture(), disc((190, 140), 40)
    answer = original.copy()
    answer[:, 160:] = 0.5
    patch = compose(piece(original, answer, where))
    assert patch.verdict == "refused"
    assert compose(replace(piece(original, answer, where), wish=None)).verdict != "refused"


def test_a_smooth_bend_is_found_and_the_edit_does_not_tear_it() -> None:
    original, where = picture(), disc((190, 140), 50)
    answer, true = bent(edited(original, where), 1.5)
    fixed, moving = normalised(grey(original)), normalised(grey(answer))
    field = bend(fixed, moving, 1 - where, np.eye(3))
    gap = np.sqrt(((spread(field, 32, SHAPE) - true) ** 2).sum(-1))
    assert float(gap[where == 0].mean()) < 0.25
    assert float(gap[where > 0].max()) < 2.5


def test_a_bend_is_used_only_when_there_is_one() -> None:
    original = picture()
    straight = moved(original, plane(shift=(3.2, 1.1)))
    curved, _ = bent(original, 1.5)
    selection = np.zeros(SHAPE, np.float32)
    assert register(work_grid(piece(original, straight, selection))).field is None
    assert register(work_grid(piece(original, curved, selection))).field is not None


def test_phase_finds_a_shift() -> None:
    original = normalised(grey(picture()))
    rolled = np.roll(original, (6, -11), (0, 1))
    found = by_phase(original, rolled, np.ones(SHAPE, np.float32))
    np.testing.assert_allclose(found[:2, 2], (-11, 6), atol=0.2)


def test_features_find_a_turned_picture_the_same_every_time() -> None:
    original, way = picture(), plane(zoom=1.2, turn=12)
    fixed, moving = grey(original), grey(moved(original, way))
    first, again = (next(by_features(fixed, moving, np.ones(SHAPE, np.float32))) for _ in range(2))
    assert off(first, way) < 0.5
    np.testing.assert_array_equal(first, again)


def test_a_picture_without_texture_has_no_features() -> None:
    flat = np.full(SHAPE, 0.5, np.float32)
    assert list(by_features(flat, flat, np.ones(SHAPE, np.float32))) == []


def test_normalising_takes_out_exposure() -> None:
    plain = grey(picture())
    np.testing.assert_allclose(
        normalised(plain, 1e-4), normalised(plain * 0.5 + 0.2, 1e-4), atol=0.02
    )


def test_local_correlation_tells_an_edit_from_what_stayed() -> None:
    original, where = picture(), disc((190, 140), 70)
    same = local_correlation(
        normalised(grey(original)), normalised(grey(edited(original, where))), 6.0
    )
    core, rest = disc((190, 140), 50) > 0, disc((190, 140), 95) == 0
    assert float(same[core].mean()) < 0.3
    assert float(same[rest].min()) > 0.99
