"""From model pixels to document pixels: one resample, exact where nothing moved."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.compose.alpha import found_anew, shows_through, unmixed
from bridge.compose.detail import lit
from bridge.compose.grid import work_grid
from bridge.compose.lie import Agreement, Lie
from bridge.compose.put import placed, put_back, stretched, stripes
from bridge.geometry import Affine
from bridge.pixels import Array
from tests.compose.truth import SHAPE, disc, moved, picture, piece, plane

SURE = Agreement(1.0, 1.0, 99)
MATTE = (0.5, 0.5, 0.5)


def test_an_answer_on_the_boxs_own_grid_is_bit_identical() -> None:
    answer = picture()
    assert put_back(answer, Affine(), SHAPE) is answer


def test_a_registered_answer_is_laid_where_it_belongs() -> None:
    original, way = picture(), plane(shift=(2.4, -1.7), zoom=1.01)
    given = piece(original, moved(original, way))
    laid = placed(given.answer, work_grid(given), Lie(way, None, SURE), SHAPE)
    inner = np.s_[20:-20, 20:-20]
    whole = np.concatenate([laid.rows(rows) for rows in stripes(SHAPE[0])])
    assert float(np.abs(whole - original)[inner].mean()) < 0.004


def test_stripes_meet_without_a_seam() -> None:
    original, way = picture(3, (600, 384)), np.array([[1.01, 0, 2.3], [0, 1, 1.6], [0, 0, 1]])
    given = piece(original, original)
    laid = placed(given.answer, work_grid(given), Lie(way, None, SURE), (600, 384))
    np.testing.assert_allclose(
        np.concatenate([laid.rows(slice(0, 256)), laid.rows(slice(256, 600))]),
        laid.rows(slice(0, 600)),
        atol=2e-3,
    )


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_a_plain_answer_is_laid_at_any_size_without_a_shift(factor: int) -> None:
    x = np.linspace(0.2, 0.8, SHAPE[1] * factor, dtype=np.float32)
    ramp = np.ascontiguousarray(np.broadcast_to(x[None, :, None], (SHAPE[0] * factor, len(x), 3)))
    small = ramp.reshape(SHAPE[0], factor, SHAPE[1], factor, 3).mean((1, 3))
    laid = put_back(
        np.ascontiguousarray(small), Affine(1 / factor, 0, 0, 0, 1 / factor, 0), ramp.shape[:2]
    )
    np.testing.assert_allclose(laid[:, 20:-20], ramp[:, 20:-20], atol=1e-3)


def test_a_small_grid_is_stretched_over_the_whole_box() -> None:
    small = np.arange(12, dtype=np.float32).reshape(3, 4)
    wide = stretched(small, (30, 40), slice(0, 30))
    np.testing.assert_allclose(wide[5::10, 5::10], small, atol=0.61)
    np.testing.assert_allclose(stretched(small, (30, 40), slice(7, 20)), wide[7:20], atol=1e-5)


def test_a_relight_is_laid_on_the_originals_own_detail() -> None:
    original = picture(5, (576, 768))
    light = np.linspace(0.7, 1.1, 768, dtype=np.float32)[None, :, None]
    warm = np.array([1.05, 1.0, 0.9], np.float32)
    truth = np.clip(original**1.1 * light * warm, 0, 1).astype(np.float32)
    small, seen = (p.reshape(288, 2, 384, 2, 3).mean((1, 3)) for p in (original, truth))
    found = lit(small, seen, np.ones(SHAPE, np.float32))
    result = np.clip(found.apply(original, (576, 768), slice(0, 576)), 0, 1)
    assert 10 * np.log10(1 / float(((result - truth) ** 2).mean())) > 42


def soft_edge() -> tuple[Array, Array]:
    """(pixels, alpha): a picture behind a soft vertical edge."""
    alpha = np.clip((np.arange(SHAPE[1], dtype=np.float32) - 180) / 12, 0, 1)
    return picture() * 0.4, np.ascontiguousarray(np.broadcast_to(alpha[None], SHAPE))


def over_matte(pixels: Array, alpha: Array) -> Array:
    share = alpha[..., None]
    return (pixels * share + np.float32(0.5) * (1 - share)).astype(np.float32)


def test_colours_are_freed_of_the_matte() -> None:
    pixels, alpha = soft_edge()
    free = unmixed(over_matte(pixels, alpha), alpha, MATTE)
    soft = (alpha > 0.3) & (alpha < 1)
    assert float(np.abs(free - pixels)[soft].max()) < 0.01


def test_a_new_outline_is_found() -> None:
    front = np.full((*SHAPE, 3), (0.9, 0.1, 0.1), np.float32)
    before, after = disc((150, 140), 60), disc((170, 140), 70)
    found = found_anew(over_matte(front, after), over_matte(front, before), before, MATTE)
    both = (found > 0.5) & (after > 0.5)
    assert both.sum() / ((found > 0.5) | (after > 0.5)).sum() > 0.98


def test_where_the_answer_shows_the_same_the_outline_stays_hair_by_hair() -> None:
    """Its colours are near the matte's, from which no answer alone could tell its alpha."""
    random = np.random.default_rng(7)
    hair = np.clip(random.uniform(-0.5, 1.5, SHAPE), 0, 1).astype(np.float32)
    front = np.full((*SHAPE, 3), (0.56, 0.47, 0.5), np.float32)
    before, came = over_matte(front, hair), over_matte(front, hair)
    came[:, 250:] = 0.5  # there the answer shows nothing any more
    found = found_anew(came, before, hair, MATTE)
    assert (found[:, :240] == hair[:, :240]).all()


def test_a_half_transparent_source_is_seen_through_its_patch() -> None:
    shown = disc((190, 140), 60)
    assert shows_through(np.full(SHAPE, 0.5, np.float32), shown)
    assert not shows_through(np.ones(SHAPE, np.float32), shown)
    assert not shows_through(soft_edge()[1], shown)  # a rim is no layer
