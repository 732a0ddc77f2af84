"""The official clients of the right age take our film emulators for the real ones.

google-genai 2 speaks Veo's older shape, 3 speaks Omni's interactions, openai 3 speaks /v1/videos.
What they fetch is a real film: the one that was made, byte for byte.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bridge.film.reel import read_reel
from bridge.geometry import Size
from tests.emulators.google_films import OmniEmulator, VeoEmulator
from tests.emulators.model import write
from tests.emulators.serve import serve
from tests.emulators.videos import VideosEmulator
from tests.engines.asking import scene
from tests.sdk.peer import peer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pixels = np.rint(scene(Size(1280, 720)) * 255).astype(np.uint8)
    (tmp_path / "picture.png").write_bytes(write(pixels, "image/png"))
    return tmp_path


def test_google_genai_2_makes_a_film_with_veo(folder: Path) -> None:
    there = VeoEmulator()
    there.script.then("pending", "filtered")
    with serve(there) as url:
        said = peer("google-genai-2", "google_veo.py", url, folder)
    assert said["film"]["seen"] == [False, False, True]
    assert (folder / "film.mp4").read_bytes() == there.films.filmed[0].film
    assert said["filtered"]["films"] == 0
    assert said["filtered"]["count"] == 1
    assert len(there.ledger.charges) == 1


def test_google_genai_3_makes_a_film_with_omni(folder: Path) -> None:
    there = OmniEmulator()
    there.script.then("pending")
    with serve(there) as url:
        said = peer("google-genai-3", "google_omni.py", url, folder)
    assert said["seen"] == ["in_progress", "in_progress", "in_progress", "completed"]
    assert (said["kind"], said["tokens"]) == ("video", 4 * 1717)
    assert (folder / "film.mp4").read_bytes() == there.films.filmed[0].film
    assert said["referred"] == "in_progress"
    assert [len(film.references) for film in there.films.filmed] == [0, 1]
    assert there.films.filmed[1].last is not None


def test_openai_3_makes_a_film(folder: Path) -> None:
    there = VideosEmulator()
    there.script.then("pending", "", "moderation_in")
    with serve(there) as url:
        said = peer("openai-3", "openai_videos.py", url, folder)
    assert [tuple(one) for one in said["film"]["seen"]] == [
        ("queued", 0),
        ("in_progress", 40),
        ("in_progress", 80),
        ("completed", 100),
    ]
    assert said["film"]["deleted"] is True
    assert (folder / "film.mp4").read_bytes() == there.films.filmed[0].film
    assert said["mismatch"]["status"] == 400
    assert "must match the requested width and height" in said["mismatch"]["said"]
    assert said["blocked"]["code"] == "moderation_blocked"


def test_what_the_emulators_make_are_real_films(folder: Path) -> None:
    there = VideosEmulator()
    film = there.films.animate(np.zeros((360, 640, 3), np.uint8), Size(640, 360), 2)
    (folder / "made.mp4").write_bytes(film.film)
    reel = read_reel(folder / "made.mp4")
    assert (reel.size, reel.frames, float(reel.rate)) == (Size(640, 360), 48, 24.0)
    assert abs(reel.sound - 2.0) < 0.05
