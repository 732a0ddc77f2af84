"""The whole of compose: what you did not ask to change does not change."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from bridge.compose import Edge, Patch, Piece, compose
from bridge.compose.keep import drifted, figures
from bridge.compose.values import Wish
from bridge.pixels import Array
from tests.compose.truth import SHAPE, disc, edited, moved, picture, piece, plane

WAY = plane(shift=(5.3, -3.2), zoom=1.02)
CAST = np.array([0.92, 1.0, 0.95], np.float32)
EDIT, SELECTION = disc((190, 140), 40), disc((190, 140), 70)


def drifting(original: Array, edit: Array = EDIT) -> Array:
    """What a hosted model sends back: moved, recoloured, edited."""
    return np.asarray(np.clip(moved(edited(original, edit), WAY) * CAST, 0, 1), np.float32)


def local(**more: object) -> Piece:
    original = picture()
    return piece(original, drifting(original), SELECTION, **more)


def laid(given: Piece, patch: Patch) -> Array:
    share = patch.mask[..., None]
    return given.original + (patch.pixels - given.original) * share


def test_a_local_edit_lands_in_place_in_the_originals_colours() -> None:
    given = local()
    patch = compose(given)
    truth = edited(given.original, EDIT)
    result = laid(given, patch)
    assert not patch.mask[SELECTION == 0].any()
    core = disc((190, 140), 34) > 0
    assert float(np.abs(result - truth)[core].mean()) < 0.02
    assert (patch.mask[core] == 1).all()


def test_unchanged_pixels_inside_the_selection_stay_bit_identical() -> None:
    given = local()
    still = (SELECTION > 0) & (disc((190, 140), 46) == 0)
    assert float((compose(given).mask[still] == 0).mean()) > 0.995


def test_the_patch_behind_the_mask_is_whole() -> None:
    given = local()
    away = disc((190, 140), 60) == 0
    gap = np.abs(compose(given).pixels - given.original)[20:-20, 20:-20][away[20:-20, 20:-20]]
    assert float(gap.mean()) < 0.02


def test_the_whole_selection_is_shown_when_asked() -> None:
    patch = compose(local(edge=Edge(whole=True)))
    assert (patch.mask[disc((190, 140), 60) > 0] == 1).all()
    assert not patch.mask[SELECTION == 0].any()


def test_growing_shows_what_lies_just_outside_and_no_more() -> None:
    tight = piece(picture(), drifting(picture()), disc((190, 140), 32), edge=Edge(grow_px=10))
    mask = compose(tight).mask
    assert mask[140, 190 + 36] > 0.5
    assert not mask[disc((190, 140), 43) == 0].any()


def test_a_change_outside_is_offered_and_taken_in_by_one_switch() -> None:
    original = picture()
    shadow = np.asarray(disc((275, 160), 22), np.float32)
    answer = np.clip(moved(edited(original, EDIT) * (1 - 0.5 * shadow[..., None]), WAY), 0, 1)
    given = piece(original, answer.astype(np.float32), SELECTION)
    patch = compose(given)
    beyond = (shadow > 0) & (SELECTION == 0)
    assert patch.offer is not None
    assert not patch.mask[beyond].any()
    taken = compose(replace(given, edge=Edge(include_offer=True)))
    assert float((taken.mask[beyond] > 0.5).mean()) > 0.9
    assert not taken.mask[(SELECTION == 0) & (disc((275, 160), 28) == 0)].any()


def test_nothing_outside_is_offered_when_nothing_changed_there() -> None:
    assert compose(local()).offer is None


def test_without_a_selection_only_what_changed_shows() -> None:
    original = picture()
    patch = compose(piece(original, drifting(original)))
    seen = patch.mask > 0.5
    both = (seen & (EDIT > 0)).sum() / (seen | (EDIT > 0)).sum()
    assert both > 0.9


def test_an_answer_in_place_is_neither_registered_nor_recoloured() -> None:
    original = picture()
    answer = drifting(original)
    patch = compose(piece(original, answer, SELECTION, lies="in place"))
    assert patch.lie is None
    np.testing.assert_array_equal(patch.pixels, answer)
    assert not patch.mask[SELECTION == 0].any()
    assert "in place" in patch.report.line


@pytest.mark.parametrize("other", [picture(60), np.ascontiguousarray(picture()[:, ::-1])])
def test_a_hopeless_answer_is_refused_in_a_sentence(other: Array) -> None:
    patch = compose(piece(picture(), other, SELECTION))
    assert patch.verdict == "refused"
    assert "not put back" in patch.report.line
    assert not patch.mask[SELECTION == 0].any()


def test_a_new_composition_is_named_as_such_and_no_failure() -> None:
    other = picture(60)
    patch = compose(piece(picture(), other, wish="new"))
    assert patch.verdict == "trusted"
    assert "new composition" in patch.report.line
    np.testing.assert_array_equal(patch.pixels, other)
    assert (patch.mask == 1).all()


def test_a_look_over_everything_is_shown_whole_and_not_graded_back() -> None:
    original = picture()
    night = original * np.array([0.3, 0.4, 0.6], np.float32)
    patch = compose(piece(original, moved(night, WAY), wish="style"))
    assert (patch.mask == 1).all()
    inner = np.s_[30:-30, 30:-30]
    assert float(np.abs(patch.pixels - night)[inner].mean()) < 0.01


@pytest.mark.parametrize("softness", [0.8, 1.6])
def test_a_relight_keeps_the_originals_detail(softness: float) -> None:
    original = picture()
    light = np.linspace(0.6, 1.0, SHAPE[1], dtype=np.float32)[None, :, None]
    truth = original * light
    soft = np.asarray(cv2.GaussianBlur(moved(truth, WAY), (0, 0), softness), np.float32)
    patch = compose(piece(original, soft, wish="light"))
    inner = np.s_[30:-30, 30:-30]
    assert float(np.abs(patch.pixels - truth)[inner].mean()) < 0.01
    fine = [float(cv2.Laplacian(p[inner], cv2.CV_32F).var()) for p in (patch.pixels, truth)]
    assert 0.95 < fine[0] / fine[1] < 1.05


NIGHT = picture() * np.array([0.2, 0.25, 0.45], np.float32)
PALE = 0.3 + 0.6 * picture()


def dotted(pixels: Array, count: int, radius: int) -> Array:
    """With a glow in many places, as lamps or flakes of snow."""
    glow = np.zeros(SHAPE, np.float32)
    for x, y in np.random.default_rng(3).uniform((0, 0), SHAPE[::-1], (count, 2)):
        cv2.circle(glow, (int(x), int(y)), radius, 1.0, -1, cv2.LINE_AA)
    glow = np.asarray(cv2.GaussianBlur(glow, (0, 0), max(0.6, radius / 3)), np.float32)
    warm = glow[..., None] * np.array([0.8, 0.6, 0.4], np.float32)
    return np.asarray(np.clip(pixels + warm, 0, 1), np.float32)


@pytest.mark.parametrize(
    ("answer", "wish"),
    [
        (drifting(picture()), "local"),
        (drifting(picture(), disc((190, 140), 155)), "local"),
        (picture() * np.array([0.3, 0.4, 0.7], np.float32), "light"),
        (NIGHT, "light"),
        (dotted(NIGHT, 24, 8), "style"),
        (dotted(PALE, 250, 1), "style"),
        (np.clip(picture() * 1.0 + 0.0, 0, 1), "local"),
    ],
    ids=["an edit", "of two thirds", "another light", "night", "lamps", "snow", "nothing at all"],
)
def test_the_wish_is_read_from_the_answer(answer: Array, wish: Wish) -> None:
    assert compose(piece(picture(), answer.astype(np.float32), wish=None)).wish == wish


def test_more_fine_contrast_than_the_original_is_a_wish_to_enhance() -> None:
    original = np.asarray(cv2.GaussianBlur(picture(), (0, 0), 0.7), np.float32)
    crisp = original + 1.4 * (original - np.asarray(cv2.GaussianBlur(original, (0, 0), 2)))
    patch = compose(piece(original, np.clip(crisp, 0, 1).astype(np.float32), wish=None))
    assert patch.wish == "style"
    assert (patch.mask == 1).all()


def test_a_selection_makes_the_wish_local() -> None:
    assert compose(local(wish=None)).wish == "local"


def test_the_sources_alpha_is_kept_bit_identical() -> None:
    alpha = np.random.default_rng(2).uniform(0, 1, SHAPE).astype(np.float32)
    np.testing.assert_array_equal(compose(local(alpha=alpha, matte=(0.5,) * 3)).alpha, alpha)


def test_what_a_transparent_source_leaves_to_the_artist_is_said() -> None:
    half = np.full(SHAPE, 0.5, np.float32)
    line = compose(local(alpha=half, edge=Edge(outline=True))).report.line
    assert "hide or erase it there to see the new one alone" in line
    assert "the outline stays" in line  # something lies beneath, or there would be a matte
    assert "layer" not in compose(local(alpha=np.ones(SHAPE, np.float32))).report.line


def test_the_report_tells_the_drift_that_was_taken_back() -> None:
    report = compose(local()).report
    assert report.line == "put back from 2.0 % zoom and 6 px shift"
    assert report.zoom == pytest.approx(1.02, abs=5e-4)
    assert report.score is not None
    assert report.score > 0.9
    assert report.color_shift is not None
    assert report.color_shift > 1
    assert report.seam is not None
    assert report.seam < 1
    assert report.untouched is not None
    assert 0.4 < report.untouched < 0.8


def test_the_report_counts_the_passes_through_a_model() -> None:
    assert compose(local(passes=3)).report.line.endswith("; third time through a model")


def test_the_same_answer_gives_the_same_layer() -> None:
    first, again = compose(local()), compose(local())
    np.testing.assert_array_equal(first.pixels, again.pixels)
    np.testing.assert_array_equal(first.mask, again.mask)


def test_what_had_to_stay_is_measured_and_named_when_it_drifted() -> None:
    keep = ("composition", "palette", "identity", "lettering", "silhouette", "product")
    original, where = picture(), np.ones(SHAPE, bool)
    same = figures(keep, original, original, where)
    assert all(value > 0.99 for value in same.values())
    assert drifted(same) == ()
    other = np.clip(picture(70) * np.array([0.2, 0.5, 1.1], np.float32), 0, 1)
    lost = drifted(figures(keep, original, other, where))
    assert {"composition", "palette", "identity", "silhouette", "product"} <= set(lost)


def _bottle(wide: int) -> Array:
    """A smooth bottle half as light as the table it stands on."""
    shape = np.full((*SHAPE, 3), 0.8, np.float32)
    height, width = SHAPE
    body, neck = (width // 2 - wide, 120), (width // 2 - 14, 40)
    cv2.rectangle(shape, body, (width // 2 + wide, height - 40), (0.4, 0.45, 0.4), -1, cv2.LINE_AA)
    cv2.rectangle(shape, neck, (width // 2 + 14, 120), (0.4, 0.45, 0.4), -1, cv2.LINE_AA)
    return shape


def test_a_product_keeps_its_shape_in_another_light_and_with_another_surface() -> None:
    plain, everywhere = _bottle(50), np.ones(SHAPE, bool)
    light = np.linspace(0.7, 1.0, SHAPE[1], dtype=np.float32)[None, :, None]
    other = (plain * light).astype(np.float32)
    for x, y in np.ndindex(4, 5):
        cv2.circle(other, (160 + 22 * x, 130 + 24 * y), 3, (0.9, 0.9, 0.9), -1, cv2.LINE_AA)
    assert figures(("product",), plain, other, everywhere)["product"] > 0.95
    assert figures(("silhouette",), plain, other, everywhere)["silhouette"] < 0.85


def test_a_product_that_leans_has_drifted() -> None:
    straight = _bottle(50)
    lean = np.array([[1, 0.12, -0.06 * SHAPE[0]], [0, 1, 0]])
    other = np.asarray(
        cv2.warpAffine(straight, lean, SHAPE[::-1], borderMode=cv2.BORDER_REPLICATE), np.float32
    )
    found = figures(("product",), straight, other, np.ones(SHAPE, bool))
    assert drifted(found) == ("product",)


def test_a_keep_that_is_not_known_is_passed_over() -> None:
    assert figures(("mood",), picture(), picture(), np.ones(SHAPE, bool)) == {}
