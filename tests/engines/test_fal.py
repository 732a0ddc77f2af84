"""fal: every row of the catalogue that it serves, where the key goes, what survives."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bridge.catalog import load
from bridge.engines.base import Ask, Ref
from bridge.engines.fal import Fal
from bridge.engines.send import Door
from bridge.errors import Unsupported
from bridge.geometry import Size
from bridge.price import price
from bridge.runner import drive_quietly
from tests.emulators.fal import FalEmulator
from tests.engines.asking import KEY, Kept, Stage, Switchboard, ask_of, hole, revise, scene

STILLS = [
    row.id
    for row in load().models
    if any(route.engine == "fal" for route in row.routes) and row.film is None
]
SIZES = {"seedream-5-lite": Size(2304, 1728), "seedream-4.5": Size(2304, 1728)}
SIZE = Size(1200, 896)


@pytest.fixture
def there(theatre: tuple[Stage, str]) -> FalEmulator:
    theatre[0].on = emulator = FalEmulator()
    return emulator


@pytest.fixture
def url(theatre: tuple[Stage, str]) -> str:
    return theatre[1]


def ask_for(model: str, **more: Any) -> Ask:
    row = load().model(model).by("fal")
    size = SIZES.get(model, SIZE)
    tier = row.takes.grid.tiers[0] if row.takes.grid else ""
    mask = hole(size, (300, 200, 700, 600)) if row.takes.mask else None
    asked = ask_of(model, **{"by": "fal", "size": size, "mask": mask, **more})
    usd = price(row, size, tier, len(asked.references), 1)
    return replace(asked, tier=tier, usd=usd)


def body(there: FalEmulator) -> dict[str, Any]:
    (seen,) = [seen for seen in there.seen if seen.method == "POST" and "/files" not in seen.path]
    return dict(json.loads(seen.body))


@pytest.mark.parametrize("model", STILLS)
def test_every_row_returns_the_edit_at_the_price_told(
    there: FalEmulator, url: str, model: str
) -> None:
    asked = ask_for(model)
    kept = revise(Fal(), asked, url)
    assert kept.order == ["sending", "submitted", "received"]
    assert kept.answer is not None
    pixels = Fal().decode(kept.raw, kept.answer.media_type).pixels
    (made,) = there.model.made
    assert np.median(np.abs(pixels * 255 - made.answer)) < 4
    assert 0 < there.ledger.usd <= asked.usd + 1e-9


def test_what_takes_a_mask_answers_in_place(there: FalEmulator, url: str) -> None:
    kept = revise(Fal(), ask_for("flux-fill"), url)
    assert kept.answer is not None
    assert Fal().decode(kept.raw, kept.answer.media_type).lies == "in place"
    assert body(there)["prompt"] == "a red balloon"


def test_a_mask_without_a_selection_is_refused_before_anything_is_sent(
    there: FalEmulator, url: str
) -> None:
    with pytest.raises(Unsupported, match="select what should change"):
        revise(Fal(), ask_for("flux-fill", mask=None), url)
    assert not there.seen


def test_the_key_goes_to_the_queue_and_not_where_the_picture_lies(
    there: FalEmulator, url: str
) -> None:
    reached = revise(Fal(), ask_for("nano-banana"), url).reached
    given = [(one.host, KEY in one.headers.get("authorization", "")) for one in reached]
    queue, delivery = ("queue.fal.run", True), ("v3b.fal.media", False)
    assert given == [queue, queue, queue, delivery]


def test_large_pictures_are_handed_over_first_without_the_key(there: FalEmulator, url: str) -> None:
    random = np.random.default_rng(3)
    loud = random.random((1792, 2400, 3), np.float32)
    asked = replace(ask_for("nano-banana", references=(scene(SIZE),)), picture=loud)
    reached = revise(Fal(), asked, url, silence=60).reached
    handed = [(one.host, KEY in str(one.headers)) for one in reached[:3]]
    assert handed == [("rest.fal.ai", True), ("v3.fal.media", False), ("v3.fal.media", False)]
    sent = json.loads(next(one for one in there.seen if one.path.endswith("/edit")).body)
    assert [one.startswith("https://v3b.fal.media/") for one in sent["image_urls"]] == [True, True]


def test_a_job_is_found_again_and_not_paid_again(there: FalEmulator, url: str) -> None:
    first = Kept()
    revise(Fal(), ask_for("flux-2-pro"), url, kept=first)
    assert first.ref is not None
    again = revise(Fal(), ask_for("flux-2-pro"), url, ref=first.ref)
    assert again.order == ["received"]
    assert again.raw == first.raw
    assert len(there.ledger.charges) == 1


def test_a_job_in_the_queue_is_cancelled_there(there: FalEmulator, url: str) -> None:
    there.script.then("pending")
    kept = revise(Fal(), ask_for("flux-2-pro"), url)
    assert kept.ref is not None
    assert [step.note for step in kept.shown] == ["in the queue, 3 before you", "being made"]
    cancel(kept.ref, url)
    (job,) = there.jobs.values()
    assert job.cancelled


def cancel(ref: Ref, url: str) -> None:
    async def run() -> None:
        async with Door(Fal(), lambda: KEY, Path(), transport=Switchboard(url, [])) as door:
            await drive_quietly(Fal().cancel(ref), door)

    asyncio.run(run())


def test_one_key_serves_every_purpose() -> None:
    """With a key for fal alone, each purpose leads to a model that fal serves."""
    from bridge.choose import Chooser
    from bridge.engines.find import find_engine
    from bridge.wire import Choice

    chooser = Chooser(load(), find_engine, {"fal"}.__contains__)
    for purpose in chooser.catalog.purposes:
        chosen = chooser.choose(Choice(purpose=purpose.id), selected=True)
        assert chosen.model.engine == "fal", purpose.id
