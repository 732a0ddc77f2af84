"""Google's own client takes our emulator for Google: both majors of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bridge.geometry import Size
from tests.emulators.gemini import MOST_LISTED
from tests.emulators.gemini_models import MODELS
from tests.emulators.interactions import InteractionsEmulator
from tests.emulators.model import read, write
from tests.emulators.serve import serve
from tests.engines.asking import scene
from tests.sdk.peer import peer

ENVIRONMENTS = ["google-genai-2", "google-genai-3"]


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], InteractionsEmulator, Path]:
    """What the client says it saw, the emulator afterwards, and the folder of pictures."""
    folder = tmp_path_factory.mktemp("google")
    for seed, name in enumerate(("picture.png", "other.png")):
        pixels = np.rint(scene(Size(640, 480), seed) * 255).astype(np.uint8)
        (folder / name).write_bytes(write(pixels, "image/png"))
    there = InteractionsEmulator()
    there.script.then("thoughts", "moderation_in", "per_day", "pending")
    with serve(there) as url:
        return peer(request.param, "google_genai.py", url, folder), there, folder


Said = tuple[dict[str, Any], InteractionsEmulator, Path]


def test_it_gets_the_edit_and_knows_the_draft(told: Said) -> None:
    said, there, folder = told
    assert said["edit"]["drafts"] == 1
    assert said["edit"]["finish"] == "STOP"
    edited = read((folder / "edit.jpg").read_bytes())
    assert np.median(np.abs(edited - there.model.made[0].answer.astype(float))) < 4


def test_it_counts_what_was_charged(told: Said) -> None:
    said, there, _ = told
    assert said["edit"]["tokens"][1] == 1120
    assert said["edit"]["modality"] == "IMAGE"
    assert len(there.ledger.charges) == 2  # the edit and the job


def test_it_knows_a_blocked_wish(told: Said) -> None:
    said, _, _ = told
    assert said["blocked"] == {"reason": "PROHIBITED_CONTENT", "parts": None}


def test_it_knows_a_refusal(told: Said) -> None:
    said, _, _ = told
    assert (said["refused"]["code"], said["refused"]["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert said["refused"]["message"].startswith("You exceeded your current quota")


def test_it_waits_for_a_job(told: Said) -> None:
    said, there, folder = told
    assert said["job"]["seen"] == ["queued", "queued", "in_progress", "completed"]
    made = read((folder / "job.jpg").read_bytes())
    assert np.median(np.abs(made - there.model.made[-1].answer.astype(float))) < 4


def test_it_reads_every_page_of_the_list_of_models(told: Said) -> None:
    said, _, _ = told
    assert said["listed"] == [f"models/{name}" for name in sorted(MODELS)]
    assert len(MODELS) > MOST_LISTED  # so that there are several pages
