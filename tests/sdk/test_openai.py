"""OpenAI's own client takes our emulator for OpenAI."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bridge.engines.encode import alpha_mask
from bridge.geometry import Size
from tests.emulators.model import read, write
from tests.emulators.openai import OpenAIEmulator
from tests.emulators.serve import serve
from tests.engines.asking import hole, scene
from tests.sdk.peer import peer

SIZE = Size(1024, 768)
MASK = hole(SIZE, (300, 200, 700, 600))
Said = tuple[dict[str, Any], OpenAIEmulator, Path]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Said:
    """What the client says it saw, the emulator afterwards, and the folder of pictures."""
    folder = tmp_path_factory.mktemp("openai")
    for seed, name in enumerate(("picture.png", "other.png")):
        pixels = np.rint(scene(SIZE, seed) * 255).astype(np.uint8)
        (folder / name).write_bytes(write(pixels, "image/png"))
    (folder / "mask.png").write_bytes(alpha_mask(MASK).data)
    there = OpenAIEmulator()
    there.script.then("", "", "moderation_in", "no_credit")
    with serve(there) as url:
        return peer("openai-3", "openai_images.py", url, folder), there, folder


def test_it_gets_the_edit_inside_the_mask(told: Said) -> None:
    said, there, folder = told
    made = there.model.made[0]
    np.testing.assert_array_equal(read((folder / "edit.png").read_bytes()), made.answer)
    assert not (made.changed & (MASK == 0)).any()
    assert (said["edit"]["size"], said["edit"]["quality"]) == ("1024x768", "high")


def test_it_counts_what_was_charged(told: Said) -> None:
    said, there, _ = told
    text, image, out = said["edit"]["tokens"]
    assert (text * 5 + image * 8 + out * 30) / 1e6 == pytest.approx(there.ledger.charges[0].usd)


def test_it_sees_the_previews_before_the_picture(told: Said) -> None:
    said, there, folder = told
    partial = "image_edit.partial_image"
    assert said["stream"]["seen"] == [partial, partial, "image_edit.completed"]
    streamed = read((folder / "streamed.png").read_bytes())
    np.testing.assert_array_equal(streamed, there.model.made[1].answer)


def test_it_knows_a_blocked_wish(told: Said) -> None:
    said, _, _ = told
    assert said["blocked"] == {
        "kind": "BadRequestError",
        "status": 400,
        "code": "moderation_blocked",
    }


def test_it_knows_an_empty_account(told: Said) -> None:
    said, there, _ = told
    assert said["quota"] == {
        "kind": "RateLimitError",
        "status": 429,
        "code": "insufficient_quota",
    }
    assert len(there.ledger.charges) == 2


def test_it_reads_the_list_of_models(told: Said) -> None:
    said, _, _ = told
    assert {"gpt-image-2", "gpt-image-2.5-sunburst"} <= set(said["listed"])
