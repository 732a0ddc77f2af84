"""Tiles over a draft, against a truth that is known."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from bridge.compose import Edge, Patch, Piece, Tile, compose_tiles
from bridge.geometry import Affine, Box
from bridge.pixels import Array
from tests.compose.truth import moved, picture, plane

SHAPE = (400, 700)
BOXES = (Box(0, 0, 400, 400), Box(300, 0, 700, 400))
CASTS = ((1.06, 0.98, 0.93), (0.94, 1.0, 1.08))  # each tile came in another tone
TRUTH, ORIGINAL = picture(1, SHAPE), picture(2, SHAPE)
HALF = np.zeros(SHAPE, np.float32)
HALF[60:340, 80:620] = 1


def soft(pixels: Array) -> Array:
    """What a model of a fifth of the size would have made of it."""
    size = pixels.shape[1], pixels.shape[0]
    small = cv2.resize(pixels, (size[0] // 4, size[1] // 4), interpolation=cv2.INTER_AREA)
    large = np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_CUBIC), np.float32)
    return np.clip(large, 0, 1)


def tile(number: int, seen: Array = TRUTH) -> Tile:
    box = BOXES[number]
    crop = np.ascontiguousarray(seen[box.top : box.bottom, box.left : box.right])
    came = moved(crop, plane(shift=(3.4 - 5 * number, 2.2), zoom=1.006))
    return Tile(box, np.clip(came * np.asarray(CASTS[number], np.float32), 0, 1))


def piece(selection: Array | None = None) -> Piece:
    return Piece(
        original=ORIGINAL,
        alpha=None,
        selection=selection,
        answer=ORIGINAL,
        to_answer=Affine(),
        lies="in place",
        wish="style",
        edge=Edge(),
        passes=2,
    )


def drafted(selection: Array | None = None) -> Array:
    """The original with a soft draft laid over it."""
    share = np.ones(SHAPE, np.float32) if selection is None else selection
    return np.asarray(ORIGINAL + (soft(TRUTH) - ORIGINAL) * share[..., None], np.float32)


def db(one: Array, other: Array) -> float:
    return float(-10 * np.log10(((one - other) ** 2).mean()))


def tone(pixels: Array) -> Array:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), 24), np.float32)


def painted(tiles: Sequence[Tile], selection: Array | None = None) -> Patch:
    return compose_tiles(piece(selection), drafted(selection), tiles)


def test_tiles_bring_detail_and_keep_the_drafts_tone_across_their_border() -> None:
    patch = painted([tile(0), tile(1)])
    assert (patch.verdict, patch.wish) == ("trusted", "style")
    assert (patch.mask == 1).all()
    assert db(patch.pixels, TRUTH) > db(drafted(), TRUTH) + 4
    drifts = np.abs(tone(patch.pixels) - tone(drafted())).max()
    pasted = np.abs(tone(tile(0).answer) - tone(drafted()[:, :400])).max()  # type: ignore[arg-type]
    assert drifts < 0.012 < 0.03 < pasted
    assert "painted out in 2 tiles, put back from up to" in patch.report.line
    assert "second time through a model" in patch.report.line
    assert "something else" not in patch.report.line
    assert patch.report.drift_px is not None
    assert 3 < patch.report.drift_px < 8


@pytest.mark.parametrize("missing", ["another picture", "none came"])
def test_where_a_tile_shows_something_else_the_draft_stays(missing: str) -> None:
    other = tile(1, picture(9, SHAPE)) if missing == "another picture" else Tile(BOXES[1], None)
    patch = painted([tile(0), other])
    assert patch.verdict == "badged"
    assert "painted out in 1 of 2 tiles; the rest shows the draft" in patch.report.line
    beyond = np.s_[:, 400:]
    assert np.abs(patch.pixels[beyond] - drafted()[beyond]).max() < 1e-6
    step = np.abs(np.diff(tone(patch.pixels), axis=1)).max()
    assert step < 2 * np.abs(np.diff(tone(drafted()), axis=1)).max()  # no edge where it ends


def test_without_any_tile_it_is_refused_in_a_sentence() -> None:
    patch = painted([tile(0, picture(9, SHAPE)), Tile(BOXES[1], None)])
    assert patch.verdict == "refused"
    assert patch.report.line.startswith("not painted out: no tile shows the draft")


def test_only_what_is_selected_and_drafted_is_painted() -> None:
    draft_shows = HALF.copy()
    draft_shows[:, 350:] = 0  # selected there, but the draft left it as it was
    patch = compose_tiles(piece(HALF), drafted(draft_shows), [tile(0), tile(1)])
    assert not patch.mask[HALF == 0].any()
    assert not patch.mask[draft_shows == 0].any()
    assert (patch.mask[64:336, 84:346] == 1).all()


def test_tiles_that_lie_in_place_are_taken_as_they_are() -> None:
    exact = [
        Tile(box, np.ascontiguousarray(TRUTH[:, box.left : box.right]), "in place") for box in BOXES
    ]
    assert np.abs(painted(exact).pixels - TRUTH).max() < 1e-5


def test_where_a_tile_paints_something_else_the_draft_stays() -> None:
    added = TRUTH.copy()
    cv2.circle(added, (200, 200), 60, (0.9, 0.1, 0.6), -1)
    patch = painted([tile(0, added), tile(1)])
    assert "where a tile showed something else the draft stays" in patch.report.line
    disc = np.s_[165:235, 165:235]
    assert np.abs(patch.pixels[disc] - drafted()[disc]).max() < 0.02
    beside = np.s_[:, 420:]
    assert db(patch.pixels[beside], TRUTH[beside]) > db(drafted()[beside], TRUTH[beside]) + 4
