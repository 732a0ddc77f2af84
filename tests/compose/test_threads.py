"""Work side by side: all of it is done, and what comes out does not depend on how many do it."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from bridge.compose import compose
from bridge.compose.products import BLOCK, products
from bridge.compose.threads import beside, each
from tests.compose.truth import disc, edited, moved, picture, piece, plane


@pytest.fixture(params=[1, 2, 4])
def hands(request: pytest.FixtureRequest) -> Iterator[int]:
    before = cv2.getNumThreads()
    cv2.setNumThreads(request.param)
    yield request.param
    cv2.setNumThreads(before)


@pytest.mark.usefixtures("hands")
def test_the_job_is_done_on_every_part() -> None:
    done: set[int] = set()
    each(range(50), done.add)
    assert done == set(range(50))


@pytest.mark.usefixtures("hands")
def test_what_goes_wrong_on_one_part_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        each([1, 0, 1], lambda part: 1 / part)
    with pytest.raises(ZeroDivisionError):
        beside(lambda: 1, lambda: 1 / 0)


@pytest.mark.usefixtures("hands")
def test_both_results_come_back_in_order() -> None:
    assert beside(lambda: "one", lambda: 2) == ("one", 2)


def test_one_hand_and_four_make_the_same_patch() -> None:
    original, way = picture(), plane(shift=(2.4, -1.3), zoom=1.01)
    answer = moved(edited(original, disc((190, 140), 40)), way)
    asked = piece(original, answer, disc((190, 140), 70))
    before, patches = cv2.getNumThreads(), []
    for number in (1, 4):
        cv2.setNumThreads(number)
        patches.append(compose(asked))
    cv2.setNumThreads(before)
    one, four = patches
    assert np.array_equal(one.pixels, four.pixels)
    assert np.array_equal(one.mask, four.mask)
    assert one.report == four.report


@pytest.mark.parametrize("samples", [7, BLOCK, 3 * BLOCK + 5])
def test_products_summed_by_blocks_are_the_products(samples: int) -> None:
    rng = np.random.default_rng(1)
    one, other = rng.standard_normal((6, samples)), rng.standard_normal((2, samples))
    assert products(one, other) == pytest.approx(one @ other.T)
