"""What we send to OpenAI, held against what openai 3.54 really sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.engines.base import Ask
from bridge.engines.openai import OpenAI
from bridge.geometry import Size
from tests.emulators.openai import OpenAIEmulator
from tests.engines.asking import Stage, ask_of, hole, revise, scene
from tests.wire.compare import check, recorded, sent

SIZE = Size(1024, 1536)
ACCEPT = {"header.accept": ("*/*, not application/json", "an answer may be a stream or JSON")}
OPAQUE = "an answer that turned transparent would not cover what it replaces"


@pytest.fixture
def there(theatre: tuple[Stage, str]) -> OpenAIEmulator:
    theatre[0].on = emulator = OpenAIEmulator()
    return emulator


def asked(model: str, tier: str) -> Ask:
    return replace(ask_of(model, size=SIZE), tier=tier)


def test_two_pictures_and_a_mask(theatre: tuple[Stage, str], there: OpenAIEmulator) -> None:
    ask = replace(
        asked("gpt-image-2.5-sunburst", "high"),
        references=(scene(Size(64, 64)),),
        mask=hole(SIZE, (300, 300, 700, 900)),
    )
    revise(OpenAI(), ask, theatre[1], silence=60)
    reasons = {
        **ACCEPT,
        "body.background": ("opaque, not auto", OPAQUE),
        "body.stream": ("with true", "a stream shows previews and proves that it lives"),
        "body.partial_images": ("with 1", "previews, as many as the catalogue allows"),
        "body.n": ("without 1", "one is what is made anyway"),
        "body.safety_identifier": ("without u1", "who the artist is stays here"),
    }
    theirs = recorded("openai_images_edit_two_images_mask")
    check(sent(there.seen[0]), theirs, reasons)


def test_one_picture_as_a_stream(theatre: tuple[Stage, str], there: OpenAIEmulator) -> None:
    revise(OpenAI(), asked("gpt-image-2", ""), theatre[1], silence=60)
    reasons = {
        **ACCEPT,
        "body.background": ("with opaque", OPAQUE),
        "body.output_format": ("with png", "PNG loses nothing"),
        "body.quality": ("with medium", "the price that was told holds for this one only"),
        "body.size": ("with 1024x1536", "the plan has found it"),
    }
    theirs = recorded("openai_images_edit_single_and_stream", 1)
    check(sent(there.seen[0]), theirs, reasons)
