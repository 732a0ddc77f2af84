"""The plan: enough real context around the selection, at a size the model takes, exactly undone."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.catalog import load
from bridge.engines.base import AnySize, Limits, TableSize
from bridge.errors import Unsupported
from bridge.geometry import Affine, Box, Size
from bridge.plan import ANISOTROPY, MARGIN, make_plan, other_tiers

CATALOG = load()
LIMITS = {model.id: CATALOG.limits(model) for model in CATALOG.models}
ANY = Limits(AnySize(multiple=16, min_edge=256, max_edge=2048, min_pixels=65536))


@st.composite
def documents(draw: st.DrawFn) -> tuple[Size, Box]:
    """A document, and a selection inside it."""
    edges = st.one_of(st.integers(1, 64), st.integers(1, 9000))
    size = Size(draw(edges), draw(edges))
    left, top = draw(st.integers(0, size.width - 1)), draw(st.integers(0, size.height - 1))
    right = draw(st.integers(left + 1, size.width))
    bottom = draw(st.integers(top + 1, size.height))
    return size, Box(left, top, right, bottom)


@pytest.mark.parametrize("model", LIMITS)
@settings(max_examples=40, deadline=None, derandomize=True)
@given(drawn=documents(), selected=st.booleans())
def test_every_model_gets_the_selection_with_context_as_it_takes_it(
    model: str, drawn: tuple[Size, Box], selected: bool
) -> None:
    document, selection = drawn
    limits, whole = LIMITS[model], Box.of(document)
    plan = make_plan(document, selection if selected else None, limits)
    wanted = selection if selected else whole
    box = plan.box

    assert box.contains(wanted)
    assert plan.export == box.intersect(whole)
    across, down = math.ceil(wanted.width * MARGIN), math.ceil(wanted.height * MARGIN)
    assert box.contains(wanted_with(wanted, across, down).intersect(whole))
    # Pixels are invented beyond the document only where all of its own are used.
    assert whole.left <= box.left or plan.export.width == whole.width
    assert whole.top <= box.top or plan.export.height == whole.height
    assert box.right <= whole.right or plan.export.width == whole.width
    assert box.bottom <= whole.bottom or plan.export.height == whole.height

    assert_takes(limits, plan.send, plan.tier)
    # A pixel of the box may be stretched by this much, or by what rounding a box to pixels does.
    rounding = 1 / min(box.width, box.height) + 1 / min(plan.send.width, plan.send.height)
    assert abs(plan.send.ratio / box.size.ratio - 1) <= ANISOTROPY + rounding

    assert plan.to_send(box.left, box.top) == pytest.approx((0, 0), abs=1e-6)
    assert plan.to_send(box.right, box.bottom) == pytest.approx((plan.send.width, plan.send.height))


def wanted_with(selection: Box, across: int, down: int) -> Box:
    return Box(
        selection.left - across,
        selection.top - down,
        selection.right + across,
        selection.bottom + down,
    )


def assert_takes(limits: Limits, send: Size, tier: str) -> None:
    sizes = limits.sizes
    if isinstance(sizes, TableSize):
        assert send in sizes.tiers[tier]
        return
    assert (send.width % sizes.multiple, send.height % sizes.multiple) == (0, 0)
    assert max(send.width, send.height) <= sizes.max_edge
    assert max(send.ratio, 1 / send.ratio) <= sizes.max_ratio
    assert min(send.width, send.height) >= sizes.min_edge
    assert sizes.min_pixels <= send.pixels <= sizes.max_pixels


def test_a_small_selection_brings_its_surroundings() -> None:
    plan = make_plan(Size(4000, 3000), Box(2000, 1500, 2010, 1510), ANY)
    assert min(plan.box.width, plan.box.height) >= 512


def test_what_fits_is_sent_without_resampling() -> None:
    plan = make_plan(Size(3000, 2000), Box(1000, 800, 1500, 1200), ANY)
    assert (plan.send, plan.scale) == (plan.box.size, 1.0)


def test_a_selection_at_the_border_gets_its_context_from_inside() -> None:
    plan = make_plan(Size(3000, 2000), Box(2900, 0, 3000, 100), ANY)
    assert Box.of(Size(3000, 2000)).contains(plan.box)


def test_a_selection_outside_is_a_sentence() -> None:
    with pytest.raises(Unsupported, match="lies outside the picture; select something inside it"):
        make_plan(Size(100, 100), Box(200, 0, 300, 50), ANY)


def test_a_size_that_the_model_does_not_have_names_those_it_has() -> None:
    table = Limits(TableSize({"1K": (Size(1024, 1024),), "2K": (Size(2048, 2048),)}, usual="1K"))
    with pytest.raises(Unsupported, match="This model has no size 3K; it has 1K, 2K"):
        make_plan(Size(100, 100), None, table, "3K")
    assert other_tiers(table, "1K") == ("2K",)


# --- the maps beneath -------------------------------------------------------------------------

numbers = st.floats(-100, 100)
AFFINES = st.builds(Affine, st.floats(0.1, 9), st.floats(-0.05, 0.05), numbers, st.just(0.0),
                    st.floats(0.1, 9), numbers)  # fmt: skip


@given(AFFINES, numbers, numbers)
def test_there_and_back_is_where_it_was(there: Affine, x: float, y: float) -> None:
    assert there.inverse()(*there(x, y)) == pytest.approx((x, y), abs=1e-6)


@given(AFFINES, AFFINES, numbers, numbers)
def test_one_after_the_other_is_one(first: Affine, second: Affine, x: float, y: float) -> None:
    assert first.then(second)(x, y) == pytest.approx(second(*first(x, y)), abs=1e-6)


def test_the_centre_of_a_pixel_stays_the_centre_when_sizes_double() -> None:
    twice = Affine.between(Box(0, 0, 10, 10), Size(20, 20))
    assert twice(0.5, 0.5) == (1.0, 1.0)
    assert twice.for_indices() == ((2.0, 0.0, 0.5), (0.0, 2.0, 0.5))
