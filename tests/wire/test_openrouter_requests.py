"""What we send to OpenRouter, held against what its official client really sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.engines.openrouter import OpenRouter
from bridge.geometry import Size
from tests.emulators.openrouter import OpenRouterEmulator
from tests.engines.asking import Stage, ask_of, revise, scene
from tests.wire.compare import check, recorded, sent

ACCEPT = {"header.accept": ("*/*, not application/json", "an answer is JSON, or a film")}


@pytest.fixture
def there(theatre: tuple[Stage, str]) -> OpenRouterEmulator:
    theatre[0].on = emulator = OpenRouterEmulator()
    return emulator


def test_a_picture(theatre: tuple[Stage, str], there: OpenRouterEmulator) -> None:
    lent = (scene(Size(64, 64)),)
    size = Size(2752, 1536)
    asked = ask_of("seedream-4.5", by="openrouter", size=size, references=lent, seed=1)
    revise(OpenRouter(), replace(asked, tier="2K"), theatre[1], silence=60)
    reasons = {
        **ACCEPT,
        "body.input_references.1.image_url.url": (
            "<picture>, not https://e/x.png",
            "a picture lies here, at no address",
        ),
    }
    check(sent(there.seen[0]), recorded("openrouter_images_videos_chat"), reasons)
