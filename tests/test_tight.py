"""Lettering is sent in a tight box and enlarged to the model's own scale."""

from __future__ import annotations

import pytest

from bridge.catalog import load
from bridge.geometry import Box, Size
from bridge.plan import MOST_ENLARGED, make_plan

CATALOG = load()
POSTER, SIGN = Size(4000, 3000), Box(1000, 800, 1300, 900)


@pytest.mark.parametrize("id", ["flux-2-pro", "nano-banana-2.1", "gpt-image-2", "seedream-5-pro"])
def test_a_sign_fills_what_the_model_sees(id: str) -> None:
    limits = CATALOG.limits(CATALOG.model(id))
    usual = make_plan(POSTER, SIGN, limits)
    tight = make_plan(POSTER, SIGN, limits, helper="text")
    assert tight.box.size.pixels < usual.box.size.pixels
    assert tight.scale > 1.9
    assert tight.scale > usual.scale
    assert tight.export.intersect(SIGN) == SIGN


def test_nothing_is_enlarged_beyond_what_can_be_seen() -> None:
    limits = CATALOG.limits(CATALOG.model("flux-2-klein-4b"))
    plan = make_plan(POSTER, Box(1000, 800, 1200, 1000), limits, helper="text")
    assert plan.scale <= MOST_ENLARGED * 1.05  # edges are multiples of 32


def test_without_a_selection_the_whole_picture_is_sent_as_ever() -> None:
    limits = CATALOG.limits(CATALOG.model("flux-2-pro"))
    picture = Size(1024, 768)
    assert make_plan(picture, None, limits, helper="text") == make_plan(picture, None, limits)
