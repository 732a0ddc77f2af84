"""fal's own client takes our emulator for fal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bridge.geometry import Size
from tests.emulators.fal import FalEmulator
from tests.emulators.model import read, write
from tests.emulators.serve import serve
from tests.engines.asking import scene
from tests.sdk.peer import peer

Said = tuple[dict[str, Any], FalEmulator, Path]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Said:
    """What the client says it saw, the emulator afterwards, and the folder of pictures."""
    folder = tmp_path_factory.mktemp("fal")
    pixels = np.rint(scene(Size(640, 480)) * 255).astype(np.uint8)
    (folder / "picture.png").write_bytes(write(pixels, "image/png"))
    there = FalEmulator()
    there.script.then("pending", "pending", "", "moderation_out", "pending")
    with serve(there) as url:
        there.here = url
        return peer("fal-client-1", "fal_queue.py", url, folder), there, folder


def test_it_hands_a_picture_over(told: Said) -> None:
    said, there, folder = told
    (handed,) = there.handed.values()
    assert handed == (folder / "picture.png").read_bytes()
    assert said["handed"].startswith(f"{there.here}/files/handed-")


def test_it_waits_and_gets_the_edit(told: Said) -> None:
    said, there, folder = told
    assert said["edit"] == {"seen": ["Queued", "InProgress", "Completed"], "kind": "image/png"}
    edited = read((folder / "edit.png").read_bytes())
    np.testing.assert_array_equal(edited, there.model.made[0].answer)


def test_it_cancels(told: Said) -> None:
    said, there, _ = told
    assert there.jobs[said["cancelled"]].cancelled


def test_it_knows_a_wrong_request(told: Said) -> None:
    said, _, _ = told
    assert said["wrong"]["status"] == 422
    assert "Field required" in said["wrong"]["said"]


def test_it_knows_a_flagged_result(told: Said) -> None:
    said, _, _ = told
    assert said["flagged"]["kind"] == "FalClientHTTPError"
    assert "content checker" in said["flagged"]["said"]


def test_it_makes_a_film_that_is_told_where_to_end(told: Said) -> None:
    said, there, folder = told
    assert said["film"] == {"seen": ["Queued", "InProgress", "Completed"], "kind": "video/mp4"}
    (filmed,) = there.films.filmed
    assert (folder / "film.mp4").read_bytes() == filmed.film
    assert filmed.last is not None
    np.testing.assert_array_equal(filmed.last, filmed.sent)
