"""What we send to Google, held against what google-genai 3.4 really sent."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.engines.base import Ask, Steps
from bridge.engines.gemini import Gemini
from bridge.engines.google import Google
from bridge.engines.interactions import Interactions
from bridge.engines.send import Door
from bridge.geometry import Size
from bridge.runner import drive_quietly
from tests.emulators.interactions import InteractionsEmulator
from tests.engines.asking import KEY, Stage, Switchboard, ask_of, revise, scene
from tests.wire.compare import check, recorded, sent

HOST = "https://generativelanguage.googleapis.com/v1"
PLATFORM = "https://aiplatform.googleapis.com/v1beta1/projects/my-project/locations"
ACCEPT = {"header.accept": ("*/*, not application/json", "the route knows only JSON")}
SPELLED = "this client spells the name with an underscore here; both are taken"


@pytest.fixture
def there(theatre: tuple[Stage, str]) -> InteractionsEmulator:
    theatre[0].on = emulator = InteractionsEmulator()
    return emulator


def ask(size: Size, tier: str, references: int) -> Ask:
    """As was asked of the client: HIGH thinking, seed 42."""
    lent = tuple(scene(Size(64, 64)) for _ in range(references))
    asked = ask_of("nano-banana-2.1", size=size, seed=42, references=lent)
    return replace(asked, tier=tier, facts={"thinking": "HIGH"})


def test_generate_content(theatre: tuple[Stage, str], there: InteractionsEmulator) -> None:
    revise(Gemini(HOST), ask(Size(2752, 1536), "2K", 1), theatre[1], silence=60)
    theirs = recorded("gemini_generate_content_image_edit_two_refs_v1")
    reasons = {
        "body.contents.0.parts.1.inlineData.mimeType": ("with image/png", SPELLED),
        "body.contents.0.parts.1.inlineData.mime_type": ("without image/png", SPELLED),
        "body.contents.0.parts.2.inlineData.mimeType": ("with image/png", SPELLED),
        "body.contents.0.parts.2.inlineData.mime_type": ("without image/jpeg", SPELLED),
        "body.generationConfig.candidateCount": ("without 1", "one is what is made anyway"),
        "body.generationConfig.temperature": ("without 1.0", "given up for these models"),
        "body.generationConfig.thinkingConfig.include_thoughts": (
            "without True",
            "nobody would see them",
        ),
        "body.generationConfig.thinkingConfig.thinkingLevel": ("with HIGH", SPELLED),
        "body.generationConfig.thinkingConfig.thinking_level": ("without HIGH", SPELLED),
        "body.safetySettings.0.category": (
            "without HARM_CATEGORY_SEXUALLY_EXPLICIT",
            "Google's own threshold stands",
        ),
        "body.safetySettings.0.threshold": (
            "without BLOCK_ONLY_HIGH",
            "Google's own threshold stands",
        ),
    }
    check(sent(there.seen[0]), theirs, reasons)


def test_generate_content_on_the_platform(
    theatre: tuple[Stage, str], there: InteractionsEmulator
) -> None:
    asked = replace(ask(Size(1856, 2304), "2K", 0), seed=None, facts={})
    revise(Gemini(f"{PLATFORM}/us-central1"), asked, theatre[1], silence=60)
    theirs = recorded("gemini_vertex_generate_content_image")
    reasons = {
        "body.contents.0.parts.1.inlineData.mimeType": ("with image/png", SPELLED),
        "body.contents.0.parts.1.inlineData.mime_type": ("without image/png", SPELLED),
        "body.generationConfig.imageConfig.imageOutputOptions.mimeType": (
            "without image/png",
            "only the platform knows it, and every form is read",
        ),
        "body.generationConfig.imageConfig.personGeneration": (
            "without ALLOW_ADULT",
            "only the platform knows it; its own rule stands",
        ),
    }
    check(sent(there.seen[0]), theirs, reasons)


def test_an_interaction(theatre: tuple[Stage, str], there: InteractionsEmulator) -> None:
    revise(Interactions(HOST), ask(Size(2752, 1536), "2K", 1), theatre[1], silence=60)
    theirs = recorded("gemini_interactions_image_edit")
    reasons = {
        **ACCEPT,
        "body.background": ("with True", "so that a job survives us"),
        "body.store": ("True, not False", "so that a job can be found again"),
        "body.response_format.delivery": ("uri, not inline", "a large picture comes as a file"),
    }
    check(sent(there.seen[0]), theirs, reasons)


def drained(steps: Steps, engine: Google, url: str) -> None:
    """Steps that end without an answer, through the same door."""

    async def run() -> None:
        async with Door(engine, lambda: KEY, Path(), transport=Switchboard(url, [])) as door:
            await drive_quietly(steps, door)

    asyncio.run(run())


def test_looking_for_an_interaction(
    theatre: tuple[Stage, str], there: InteractionsEmulator
) -> None:
    revise(Interactions(f"{PLATFORM}/global"), ask(Size(1024, 1024), "1K", 0), theatre[1])
    ours = sent(there.seen[1])
    path = ours["path"] = ours["path"].replace("v1000001", "i1")
    reasons = {
        **ACCEPT,
        "header.content-type": ("without application/json", "there is no body"),
        "path": (
            f"{path}, not {path}?stream=false",
            "that it is no stream is what is meant when nothing is said",
        ),
    }
    theirs = recorded("gemini_interactions_get_and_cancel", 1)
    check(ours, theirs, reasons)


def test_cancelling_an_interaction(theatre: tuple[Stage, str], there: InteractionsEmulator) -> None:
    engine = Interactions(HOST)
    kept = revise(engine, ask(Size(1024, 1024), "1K", 0), theatre[1])
    assert kept.ref is not None
    drained(engine.cancel(kept.ref), engine, theatre[1])
    ours = sent(there.seen[-1])
    ours["path"] = ours["path"].replace("v1000001", "i1")
    reasons = {**ACCEPT, "header.content-type": ("without application/json", "there is no body")}
    theirs = recorded("gemini_interactions_get_and_cancel", 2)
    check(ours, theirs, reasons)
