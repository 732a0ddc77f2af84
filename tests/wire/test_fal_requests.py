"""What we send to fal, held against what fal-client 1.0 really sent."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bridge.engines.base import Ask
from bridge.engines.fal import Fal
from bridge.engines.send import Door
from bridge.geometry import Size
from bridge.runner import drive_quietly
from tests.emulators.emulator import Seen
from tests.emulators.fal import FalEmulator
from tests.engines.asking import KEY, Stage, Switchboard, ask_of, revise, scene
from tests.wire.compare import check, recorded, sent

SIZE = Size(1200, 896)
JSON = {"header.accept": ("*/*, not application/json", "the route knows only JSON")}


@pytest.fixture
def there(theatre: tuple[Stage, str]) -> FalEmulator:
    theatre[0].on = emulator = FalEmulator()
    return emulator


def an_ask(size: Size = SIZE) -> Ask:
    return ask_of("nano-banana", size=size, by="fal", references=(scene(Size(64, 64)),))


def named(seen: Seen, job: str) -> Seen:
    """As if the job had the recorded name."""
    return replace(seen, path=seen.path.replace(job, "764cabcf-b745-4b3e-ae38-1200304cf45b"))


def test_a_submission(theatre: tuple[Stage, str], there: FalEmulator) -> None:
    revise(Fal(), an_ask(), theatre[1])
    ours = sent(there.seen[0])
    reasons = {
        "path": (
            f"{ours['path']}, not {ours['path']}?fal_webhook=https%3A%2F%2Fstudio.example%2Fcb",
            "nobody can call an artist's machine: it polls",
        ),
        "header.x-fal-queue-priority": ("without low", "the artist is waiting"),
        "header.x-fal-request-timeout": ("without 30.0", "a paid job is not given up by a clock"),
        "body.aspect_ratio": ("4:3, not auto", "the plan has found it"),
        "body.image_urls.0": (
            "<picture>, not https://v3b.fal.media/files/b/x.png",
            "small pictures go with the request; large ones are handed over first",
        ),
        "body.limit_generations": ("with True", "one picture, whatever the words say"),
    }
    check(ours, recorded("fal_queue", 4), reasons)


def test_asking_how_it_stands(theatre: tuple[Stage, str], there: FalEmulator) -> None:
    kept = revise(Fal(), an_ask(), theatre[1])
    assert kept.ref is not None
    ours = sent(named(there.seen[1], str(kept.ref["id"])))
    path = ours["path"]
    reasons = {"path": (f"{path}, not {path}?logs=true", "the model's own log tells nobody much")}
    check(ours, recorded("fal_queue", 5), reasons)


def test_fetching_the_result(theatre: tuple[Stage, str], there: FalEmulator) -> None:
    kept = revise(Fal(), an_ask(), theatre[1])
    assert kept.ref is not None
    check(sent(named(there.seen[2], str(kept.ref["id"]))), recorded("fal_queue", 9), {})


def test_cancelling(theatre: tuple[Stage, str], there: FalEmulator) -> None:
    kept = revise(Fal(), an_ask(), theatre[1])
    assert kept.ref is not None

    async def cancel() -> None:
        lines = Switchboard(theatre[1], [])
        async with Door(Fal(), lambda: KEY, Path(), transport=lines) as door:
            await drive_quietly(Fal().cancel(kept.ref or {}), door)

    asyncio.run(cancel())
    check(sent(named(there.seen[-1], str(kept.ref["id"]))), recorded("fal_queue", 10), {})


def test_handing_over(theatre: tuple[Stage, str], there: FalEmulator) -> None:
    revise(Fal(), noisy(an_ask()), theatre[1])
    check(sent(there.seen[0]), recorded("fal_queue", 0), JSON)
    ours, theirs = _without_body(there.seen[1]), recorded("fal_queue", 1)
    theirs = {name: value for name, value in theirs.items() if not name.startswith("body")}
    ours["header.authorization"] = ours["header.authorization"].split()[0] + " PLACEHOLDER"
    reasons = {
        "header.x-fal-file-name": ("picture.png, not ref.png", "what it is called stays here"),
        "path": ("/files/upload, not /cdn/files/upload", "where the storage says it is"),
    }
    check(ours, theirs, reasons)


def noisy(ask: Ask) -> Ask:
    """With a picture that no PNG makes small."""
    pixels = np.random.default_rng(3).random((1792, 2400, 3), np.float32)
    return replace(ask, picture=pixels, size=Size(2400, 1792))


def _without_body(seen: Seen) -> dict[str, str]:
    return sent(replace(seen, body=b""))
