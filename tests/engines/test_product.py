"""Everything that can be chosen together, up to the requests that are paid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from bridge.catalog import Model, load
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
