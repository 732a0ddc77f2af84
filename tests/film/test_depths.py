"""What stands still in a cinemagraph, in every depth: the source's own values, to 8 bits.

Frames are 8-bit, for that is what a film is. In an 8-bit RGB document they are its own bytes; in
16-bit and float ones every frame has the source's values rounded to the nearest step, never taken
through a profile and back, and all frames the same.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from bridge.caller import call_bridge
from bridge.pixels import Format, Native, stored, unit
from bridge.wire import Choice, FilmChoice
from tests.conftest import wait_for
from tests.film.studio import SIZE, Studio, running, smooth, studio
from tests.profiles import wide
from tests.revising import Canvas, rectangle

MOVING = (160, 90, 480, 270)  # left, top, right, bottom
FILM = FilmChoice(seconds=3, cinemagraph=True)
CHOICE = Choice(model="omni-1.1", prompt="it turns", tier="360p", film=FILM)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with studio(tmp_path_factory.mktemp("depths")) as built, running(built) as ready:
        yield ready


def fine() -> Native:
    """Between the steps of 8 bits, and beyond sRGB's colours in a wider profile."""
    random = np.random.default_rng(7)
    pixels = smooth(SIZE).astype(np.float32) + random.uniform(-0.49, 0.49, (360, 640, 3))
    pixels[:, :100] = (4.3, 250.2, 8.4)
    return np.asarray(pixels / 255, np.float32)


@pytest.mark.parametrize("profile", [b"", wide()], ids=["sRGB", "a wider profile"])
@pytest.mark.parametrize("depth", ["u8", "u16", "f16", "f32"])
def test_what_stands_still_is_the_source_to_the_nearest_step(
    made: Studio, depth: str, profile: bytes
) -> None:
    form = Format("rgb", depth, False)  # type: ignore[arg-type]  # a row of the table above
    pixels = stored(fine(), form.depth)
    selection = rectangle(SIZE.width, SIZE.height, MOVING)
    frames = filmed(made, Canvas(pixels, form, selection, profile))
    still = stored(unit(pixels), "u8")
    fixed = selection == 0
    assert len(frames) == 72
    for frame in frames:
        np.testing.assert_array_equal(frame[fixed], still[fixed])
    assert max(np.abs(frame.astype(int) - frames[0]).max() for frame in frames) > 60


def filmed(made: Studio, canvas: Canvas) -> list[Native]:
    with call_bridge(made.home) as bridge:
        plan = bridge.plan(canvas.plan(CHOICE))
        id = bridge.revise(*canvas.planned(CHOICE, plan)).id
        wait_for(lambda: bridge.http.get(f"/v1/revisions/{id}").json()["settled"])
        with zipfile.ZipFile(io.BytesIO(bridge.film_frames(id, 1))) as frames:
            return [np.asarray(Image.open(frames.open(name))) for name in frames.namelist()]
