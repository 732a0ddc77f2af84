"""Everything that can be chosen together, up to the requests that are paid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from bridge.catalog import Model, load
from bridge.engines.selected import NOTHING_SELECTED, WHOLE_SIDES
from bridge.errors import Unsupported
from bridge.geometry import Box, Size
from bridge.pixels import Native
from tests.engines.planned import Desk
from tests.engines.product import (
    EMULATORS,
    PHOTO,
    PHOTOS,
    VARIANTS,
    Case,
    paths,
    product,
    references,
    selected,
    tiers,
)
from tests.revising import Canvas, noise, rectangle

CATALOG = load()
CASES = product(CATALOG)
PATHS = paths(CATALOG)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with pytest.MonkeyPatch.context() as patch:
        for engine, (_, ending) in EMULATORS.items():
            patch.setenv(f"REDRAFT_BASE_{engine.upper()}", f"http://127.0.0.1:9{ending}")
        yield Desk.at(tmp_path_factory.mktemp("desk"), CATALOG)


def canvas_of(path: str, size: Size = PHOTO) -> Canvas:
    """With the selection that the path needs."""
    left, top, width, height = selected(path, size)
    box = (left, top, left + width, top + height)
    return Canvas(plain(size), selection=rectangle(size.width, size.height, box))


def plain(size: Size) -> Native:
    """In large patches: quickly encoded at any size."""
    patches = noise(size.width // 64 + 1, size.height // 64 + 1)
    return np.kron(patches, np.ones((64, 64, 1), np.uint8))[: size.height, : size.width]


@pytest.mark.parametrize("row", PATHS, ids=lambda row: row.id)
def test_every_choice_is_accepted_at_no_more_than_was_told(desk: Desk, row: Model) -> None:
    canvas = canvas_of(row.id)
    cases = [case for case in CASES if case.path == row.id]
    assert len(cases) == len(references(row)) * len(VARIANTS) * len(tiers(CATALOG, row))
    wrong = {}
    for single in [case for case in cases if case.variants == 1]:
        sent = desk.send(single, canvas)
        assert len(sent.ask.references) == single.references
        for variants in VARIANTS:
            case = replace(single, variants=variants)
            plan = desk.plan(case, canvas)
            assert (plan.model, plan.route, plan.count) == (row.id, row.engine, variants)
            wrong[case] = sent.wrong(plan.usd, variants)
    assert wrong == dict.fromkeys(cases, "")


def test_a_selection_that_is_enlarged_stays_one_rectangle(desk: Desk) -> None:
    case, canvas = Case("flux-fill", 0, 1, ""), canvas_of("flux-fill", Size(40, 30))
    hole = desk.ask(case, canvas, desk.plan(case, canvas)).mask
    assert hole is not None
    assert hole.shape[0] > 200
    rows, columns = np.flatnonzero(hole.any(axis=1)), np.flatnonzero(hole.any(axis=0))
    assert hole[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
    whole = hole.shape
    assert len(rows) / whole[0] == pytest.approx(7 / 30, abs=0.02)
    assert len(columns) / whole[1] == pytest.approx(10 / 40, abs=0.02)


@pytest.mark.parametrize("row", PATHS, ids=lambda row: row.id)
@pytest.mark.parametrize("photo", ["large", "wide", "tall"])
def test_a_size_or_shape_the_model_does_not_take_is_planned_around(
    desk: Desk, row: Model, photo: str
) -> None:
    """The whole picture is asked for, as far as the path can do without a selection."""
    case = Case(row.id, 0, 1, "")
    canvas = canvas_of(row.id, PHOTOS[photo])
    if not CATALOG.limits(row).mask:
        canvas = replace(canvas, selection=None)
    plan, sent = desk.plan(case, canvas), desk.send(case, canvas)
    assert sent.wrong(plan.usd, 1) == ""
    assert plan.box.box().intersect(Box.of(canvas.size)) == plan.box.box()  # real pixels only
    assert sent.ask.size == Size(*plan.send)


NEEDS_A_SELECTION = [row for row in PATHS if row.facts.get("mask") or row.id == "flux-outpaint"]


@pytest.mark.parametrize("row", NEEDS_A_SELECTION, ids=lambda row: row.id)
def test_what_repaints_a_selection_says_so_before_the_click(desk: Desk, row: Model) -> None:
    case, canvas = Case(row.id, 0, 1, ""), replace(canvas_of(row.id), selection=None)
    plan = desk.plan(case, canvas)
    assert (plan.usable, plan.why_not) == (False, NOTHING_SELECTED)
    with pytest.raises(Unsupported, match=NOTHING_SELECTED):
        desk.admit(case, canvas, plan)


@pytest.mark.parametrize(
    ("box", "why_not"),
    [
        ((384, 0, 512, 512), ""),
        ((0, 0, 512, 128), ""),
        ((0, 0, 512, 512), ""),  # two sides that meet: the engine sees whether they do
        ((384, 0, 512, 500), WHOLE_SIDES),
        ((100, 0, 200, 512), WHOLE_SIDES),
        ((200, 200, 250, 250), WHOLE_SIDES),
    ],
)
def test_outpainting_takes_whole_sides_only_and_says_so_before_the_click(
    desk: Desk, box: tuple[int, int, int, int], why_not: str
) -> None:
    canvas = replace(canvas_of("flux-outpaint"), selection=rectangle(512, 512, box))
    assert desk.plan(Case("flux-outpaint", 0, 1, ""), canvas).why_not == why_not


CAMERAS = {"3:2": Size(3000, 2000), "2:3": Size(2000, 3000), "16:9": Size(1920, 1080)}


@pytest.mark.parametrize("shape", CAMERAS)
@pytest.mark.parametrize("row", PATHS, ids=lambda row: row.id)
def test_a_photograph_s_shape_is_every_model_s(desk: Desk, row: Model, shape: str) -> None:
    """None of a usual picture is invented to fit a model, as far as anybody would see."""
    size = CAMERAS[shape]
    blank = np.broadcast_to(np.uint8(255), (size.height, size.width, 3))
    canvas = Canvas(blank, selection=blank[..., 0])
    plan = desk.plan(Case(row.id, 0, 1, ""), canvas)
    assert [one for one in plan.warnings if "shape" in one] == []
    across, down = plan.send[0] / plan.box.box().width, plan.send[1] / plan.box.box().height
    assert across / down == pytest.approx(1, abs=0.025)


def test_a_shape_that_a_model_does_not_know_is_told_with_what_becomes_of_it(desk: Desk) -> None:
    size = PHOTOS["wide"]
    plan = desk.plan(Case("nano-banana", 0, 1, ""), Canvas(plain(size)))
    assert plan.warnings == (
        "Nano Banana paints no picture of this shape: top and bottom it is continued by 810 px in "
        "all, and cut back afterwards.",
    )
