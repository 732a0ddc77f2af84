"""What we send to OpenAI, held against what openai 3.54 really sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.engines.base import Ask
from bridge.engines.openai import OpenAI
from bridge.geometry import Size
from tests.emulators.openai import OpenAIEmulator
from tests.engines.asking import Stage, ask_of, hole, revise, scene
from tests.wire.compare import differences, recorded, sent

SIZE = Size(1024, 1536)
ITSELF = {
    f"header.{name}": "the client names itself; we do not name Redraft to anybody"
    for name in (
        "user-agent",
        "x-stainless-lang",
        "x-stainless-package-version",
        "x-stainless-os",
        "x-stainless-arch",
        "x-stainless-runtime",
        "x-stainless-runtime-version",
        "x-stainless-async",
        "x-stainless-retry-count",
        "x-stainless-read-timeout",
    )
}
ALWAYS = {
    "header.accept": "an answer may be a stream or JSON",
    "body.background": "an answer that turned transparent would not cover what it replaces",
}
STREAMED = {
    "body.stream": "a stream shows previews and proves that it lives",
    "body.partial_images": "previews, as many as the catalogue allows",
}


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
        **ITSELF,
        **ALWAYS,
        **STREAMED,
        "body.n": "one is what is made anyway",
        "body.safety_identifier": "who the artist is stays here",
    }
    theirs = recorded("openai_images_edit_two_images_mask")
    assert differences(sent(there.seen[0]), theirs).keys() == reasons.keys()


def test_one_picture_as_a_stream(theatre: tuple[Stage, str], there: OpenAIEmulator) -> None:
    revise(OpenAI(), asked("gpt-image-2", ""), theatre[1], silence=60)
    reasons = {
        **ITSELF,
        **ALWAYS,
        "body.output_format": "PNG loses nothing; said aloud although it is the usual one",
        "body.quality": "the price holds for this one only",
        "body.size": "the plan's",
    }
    theirs = recorded("openai_images_edit_single_and_stream", 1)
    assert differences(sent(there.seen[0]), theirs).keys() == reasons.keys()
