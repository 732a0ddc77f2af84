"""BytePlus' and Volcengine's own clients take our emulator for Ark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bridge.geometry import Size
from tests.emulators.ark import BYTEPLUS, ArkEmulator
from tests.emulators.model import read, write
from tests.emulators.serve import serve
from tests.engines.asking import scene
from tests.sdk.peer import peer

Said = tuple[dict[str, Any], ArkEmulator, Path]


@pytest.fixture(scope="module", params=["byteplus-python-sdk-v2-3", "volcengine-ark-runtime-5"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Said:
    """What the client says it saw, the emulator afterwards, and the folder of pictures."""
    folder = tmp_path_factory.mktemp("ark")
    for seed, name in enumerate(("picture.png", "other.png")):
        pixels = np.rint(scene(Size(640, 480), seed) * 255).astype(np.uint8)
        (folder / name).write_bytes(write(pixels, "image/png"))
    there = ArkEmulator()
    there.script.then("", "", "partial", "moderation_in", "per_day")
    with serve(there) as url:
        return peer(request.param, "ark_images.py", url, folder), there, folder


def test_it_gets_the_edit(told: Said) -> None:
    said, there, folder = told
    assert said["edit"] == {"size": "1280x960", "generated": 1}
    edited = read((folder / "edit.png").read_bytes())
    np.testing.assert_array_equal(edited, there.model.made[0].answer)


def test_it_follows_a_stream(told: Said) -> None:
    said, there, folder = told
    kinds = ["image_generation.partial_succeeded", "image_generation.completed"]
    assert said["stream"] == {"seen": kinds, "generated": 1}
    streamed = read((folder / "streamed.jpg").read_bytes())
    assert np.median(np.abs(streamed - there.model.made[1].answer.astype(float))) < 4


def test_it_knows_a_picture_that_was_refused_after_the_work(told: Said) -> None:
    said, _, _ = told
    assert said["partial"] == {"code": "OutputImageSensitiveContentDetected", "generated": 0}


def test_it_knows_a_blocked_picture(told: Said) -> None:
    said, _, _ = told
    assert said["blocked"] == {
        "kind": "ArkBadRequestError",
        "status": 400,
        "code": "InputImageSensitiveContentDetected",
    }


def test_it_knows_a_used_up_quota(told: Said) -> None:
    said, there, _ = told
    assert said["quota"] == {
        "kind": "ArkRateLimitError",
        "status": 429,
        "code": "QuotaExceeded",
    }
    assert len(there.ledger.charges) == 2


def test_it_reads_the_list_of_models(told: Said) -> None:
    said, _, _ = told
    assert set(said["listed"]) == set(BYTEPLUS)
