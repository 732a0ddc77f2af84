"""What we send for a film, held against what the official clients really sent."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bridge.engines.base import Ask, Engine, Motion
from bridge.engines.omni import Omni
from bridge.engines.openrouter import OpenRouter
from bridge.engines.veo import Veo
from bridge.engines.videos import Videos
from bridge.geometry import Size
from tests.emulators.emulator import Emulator
from tests.emulators.google_films import OmniEmulator, VeoEmulator
from tests.emulators.openrouter import OpenRouterEmulator
from tests.emulators.videos import VideosEmulator
from tests.engines.asking import Stage, ask_of, revise, scene
from tests.wire.compare import Fields, check, recorded, sent

TALL, WIDE = Size(720, 1280), Size(1280, 720)
PLATFORM = "https://aiplatform.googleapis.com/v1beta1/projects/my-project/locations/us-central1"
DEVELOPERS = "https://generativelanguage.googleapis.com/v1beta"
JSON = {"header.accept": ("*/*, not application/json", "the route knows only JSON")}


@pytest.fixture
def stage(theatre: tuple[Stage, str]) -> tuple[Stage, str]:
    return theatre


def asked(model: str, size: Size, motion: Motion, tier: str, by: str = "") -> Ask:
    return replace(ask_of(model, size=size, motion=motion, by=by), tier=tier)


def first(stage: tuple[Stage, str], there: Emulator, engine: Engine, ask: Ask) -> Fields:
    """The first request of a film."""
    stage[0].on = there
    revise(engine, ask, stage[1], silence=100)
    return sent(there.seen[0])


def test_omni(stage: tuple[Stage, str]) -> None:
    ours = first(
        stage,
        OmniEmulator(),
        Omni(DEVELOPERS.replace("v1beta", "v1")),
        asked("omni-1.2", TALL, Motion(4), "360p"),
    )
    reasons = {
        **JSON,
        "body.response_format.duration": ("4s, not 8s", "as the artist wished"),
        "body.response_format.resolution": ("360p, not 1080p", "as the artist wished"),
        "body.store": ("with True", "so that a job can be found again"),
    }
    check(ours, recorded("gemini_interactions_omni_video"), reasons)


def test_omni_is_told_which_picture_is_what(stage: tuple[Stage, str]) -> None:
    """With references no task is named: none of them takes a frame and references together."""
    there = OmniEmulator()
    ask = asked("omni-1.2", WIDE, Motion(4, last=scene(WIDE, 3)), "360p")
    ask = replace(ask, references=(scene(Size(64, 64), 5), scene(Size(64, 96), 6)))
    ours = first(stage, there, Omni(DEVELOPERS), ask)
    said = json.loads(there.seen[0].body)["input"][0]["content"][0]["text"]
    assert said.startswith(
        "[# Sources <FIRST_FRAME>@Image1 <LAST_FRAME>@Image2] "
        "[# References <IMAGE_REF_0>@Image3 <IMAGE_REF_1>@Image4] "
    )
    assert not [name for name in ours if name.startswith("body.generation_config")]
    (filmed,) = there.films.filmed
    assert [one.shape[:2] for one in filmed.references] == [(64, 64), (96, 64)]
    assert filmed.last is not None
    assert filmed.last.shape == filmed.sent.shape


def test_veo_by_the_older_shape(stage: tuple[Stage, str]) -> None:
    motion = Motion(4, negative="text", last=scene(TALL))
    ours = first(stage, VeoEmulator(), Veo(DEVELOPERS), asked("veo-3.1", TALL, motion, "720p"))
    ours["path"] = ours["path"].replace("generate-001", "generate-preview")
    reasons = {
        "body.parameters.durationSeconds": ("4, not 8", "as the artist wished"),
        "body.parameters.negativePrompt": ("text, not text, watermark", "as the artist wished"),
        "body.parameters.resolution": ("720p, not 1080p", "as the artist wished"),
    }
    theirs = recorded("gemini_veo_i2v_start_poll_download_v1beta_sdk2.34")
    check(ours, theirs, reasons)


def test_veo_on_the_platform(stage: tuple[Stage, str]) -> None:
    motion = Motion(4, audio=False, negative="text", last=scene(TALL))
    ask = replace(asked("veo-3.1", TALL, motion, "720p"), seed=7)
    ours = first(stage, VeoEmulator(), Veo(PLATFORM), ask)
    reasons = {
        "body.parameters.compressionQuality": ("without OPTIMIZED", "Google's own is meant"),
        "body.parameters.durationSeconds": ("4, not 8", "as the artist wished"),
        "body.parameters.resizeMode": ("without PAD", "the plan has fitted the picture"),
        "body.parameters.resolution": ("720p, not 1080p", "as the artist wished"),
        "body.parameters.storageUri": ("without gs://bucket/out/", "the film comes in the answer"),
    }
    check(ours, recorded("vertex_veo_i2v_start_poll"), reasons)


def test_videos(stage: tuple[Stage, str]) -> None:
    ours = first(stage, VideosEmulator(), Videos(), asked("sora-2", TALL, Motion(8), "720p"))
    reasons = {"header.accept": ("*/*, not application/json", "an answer may be a film")}
    check(ours, recorded("openai_sora_create_poll_download"), reasons)


def test_openrouter(stage: tuple[Stage, str]) -> None:
    ask = asked("veo-3.1", WIDE, Motion(8), "720p", by="openrouter")
    ask = replace(ask, references=(scene(Size(64, 64)),))
    ours = first(stage, OpenRouterEmulator(), OpenRouter(), ask)
    reasons = {"header.accept": ("*/*, not application/json", "an answer is JSON, or a film")}
    check(ours, recorded("openrouter_images_videos_chat", 1), reasons)
