"""Fill: what was selected is gone, what surrounds it goes on; refusals instead of black."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np
import pytest

from bridge.engines import child
from bridge.engines.base import Progress, Received, Wish, Work
from bridge.engines.fill import LEAST_SOURCE, NOTHING_SELECTED, Fill, filled
from bridge.errors import Unsupported
from bridge.pixels import Array
from tests.engines.answering import answered, ask, gradient, objection

RED = np.array((1, 0, 0), np.float32)


def stripes(width: int = 160, height: int = 120) -> Array:
    """Upright, 8 px each, 0.2 and 0.8."""
    row = np.where(np.arange(width) // 8 % 2, 0.8, 0.2).astype(np.float32)
    return np.broadcast_to(row[None, :, None], (height, width, 3)).copy()


def selection(pixels: Array, rows: slice, columns: slice) -> Array:
    mask = np.zeros(pixels.shape[:2], np.float32)
    mask[rows, columns] = 1
    return mask


def blotted(pixels: Array, mask: Array, *, beyond: int = 0) -> Array:
    """A red thing that fills the selection and reaches `beyond` px out of it."""
    rows, columns = np.nonzero(mask)
    spoilt = pixels.copy()
    spoilt[
        rows.min() - beyond : rows.max() + 1 + beyond,
        columns.min() - beyond : columns.max() + 1 + beyond,
    ] = RED
    return spoilt


def reddish(pixels: Array) -> Array:
    return pixels[..., 0] - pixels[..., 1]


@pytest.fixture
def hole() -> Array:
    return selection(stripes(), slice(45, 75), slice(60, 100))


def test_a_pattern_goes_on_through_the_hole(hole: Array) -> None:
    truth = stripes()
    result = answered(Fill(), ask("remove", blotted(truth, hole), hole)).pixels
    assert np.abs(result - truth)[hole > 0].mean() < 0.05


def test_nothing_of_the_thing_is_left_when_its_rim_was_not_selected(hole: Array) -> None:
    spoilt = blotted(stripes(), hole, beyond=2)
    result = answered(Fill(), ask("remove", spoilt, hole)).pixels
    assert reddish(result)[hole > 0].max() < 0.1


def test_what_was_not_selected_comes_back_to_the_step() -> None:
    truth = gradient(160, 120)
    mask = selection(truth, slice(45, 75), slice(60, 100))
    answer = answered(Fill(), ask("remove", blotted(truth, mask), mask))
    far = selection(truth, slice(30, 90), slice(45, 115)) == 0
    assert answer.lies == "in place"
    assert np.abs(answer.pixels - truth)[far].max() <= 0.5 / 255 + 1e-6


@pytest.mark.parametrize(
    "place",
    [
        (slice(0, 40), slice(0, 50)),
        (slice(80, 120), slice(110, 160)),
        (slice(50, 51), slice(9, 10)),
    ],
    ids=["corner", "opposite corner", "one pixel"],
)
def test_a_selection_may_lie_anywhere(place: tuple[slice, slice]) -> None:
    mask = selection(stripes(), *place)
    spoilt = stripes()
    spoilt[place] = RED
    result = answered(Fill(), ask("remove", spoilt, mask)).pixels
    assert reddish(result).max() < 0.1


def test_the_same_seed_gives_the_same_picture(hole: Array) -> None:
    spoilt = np.random.default_rng(1).random((120, 160, 3), np.float32)
    one, same, other = (filled(spoilt, hole, seed) for seed in (3, 3, 4))
    assert one == same
    assert one != other


def test_without_a_seed_the_one_that_was_used_is_told(hole: Array) -> None:
    steps = Fill().revise(ask("remove", stripes(), hole))
    assert isinstance(next(steps), Progress)
    work = next(steps)
    assert isinstance(work, Work)
    answer = steps.send(b"")
    assert isinstance(answer, Received)
    assert answer.seed == work.arguments[2]


# --- refusals ---------------------------------------------------------------------------------


def whole(pixels: Array) -> Array:
    return np.ones(pixels.shape[:2], np.float32)


def faint(pixels: Array) -> Array:
    return np.full(pixels.shape[:2], 0.1, np.float32)


def all_but_a_tenth(pixels: Array) -> Array:
    return selection(pixels, slice(12, None), slice(None))


@pytest.mark.parametrize("mask_of", [whole, faint, all_but_a_tenth])
def test_it_refuses_when_too_little_is_left_to_fill_from(mask_of: Callable[[Array], Array]) -> None:
    mask = mask_of(stripes())
    left = f"{(mask == 0).mean():.0%}"
    with pytest.raises(Unsupported, match=f"Only {left} .* needs {LEAST_SOURCE:.0%}; select less"):
        answered(Fill(), ask("remove", stripes(), mask))


def test_it_refuses_when_only_slivers_are_left() -> None:
    mask = np.ones((120, 160), np.float32)
    mask[:, ::3] = 0
    with pytest.raises(Unsupported, match="too narrow; select less"):
        answered(Fill(), ask("remove", stripes(), mask))


@pytest.mark.parametrize("mask", [None, np.zeros((120, 160), np.float32)], ids=["none", "empty"])
def test_it_refuses_without_a_selection(mask: Array | None) -> None:
    with pytest.raises(Unsupported, match=NOTHING_SELECTED):
        answered(Fill(), ask("remove", stripes(), mask))


def test_what_it_cannot_do_is_said_beforehand() -> None:
    fill = Fill()
    assert objection(fill, Wish("remove the man"), selected=False) == NOTHING_SELECTED
    assert "beyond the built-in engines" in objection(fill, Wish("add a hat"), selected=True)
    assert "choose Looks" in objection(fill, Wish("warmer"), selected=True)
    assert objection(fill, Wish("remove the man"), selected=True) == ""


def test_a_fill_under_way_is_cancelled_at_once() -> None:
    pixels = np.random.default_rng(1).random((1400, 1400, 3), np.float32)
    mask = selection(pixels, slice(200, 1200), slice(200, 1200))
    work = Work(filled, (pixels, mask, 1))  # tens of seconds

    async def cancelled() -> float:
        task = asyncio.create_task(child.run(work))
        loop = asyncio.get_running_loop()
        await asyncio.wait([task], timeout=2)  # well into the library's own code
        assert not task.done()
        asked = loop.time()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return loop.time() - asked

    assert asyncio.run(cancelled()) < 5.0  # it is well below a second: see `make bench`
