"""Frames that were painted on come back as a film: theirs, the others', the sound's own part."""

from __future__ import annotations

import io
import json
import sqlite3
import struct
import zipfile
from collections.abc import Iterator
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bridge.caller import Caller, call_bridge
from bridge.film.reel import frames_of, read_reel
from bridge.frame import MAGIC
from tests.emulators.model import Bytes
from tests.film.studio import SIZE, Studio, running, studio

FIRST, END, STEP = 24, 48, 2  # of a second, at 12 frames a second
PAINTED = 28
SPOT = (slice(100, 200), slice(300, 420))
RUBBED = (slice(220, 300), slice(300, 420))
RED, AS_STORED = (220, 30, 30), (30, 30, 220, 255)
HALF_SECOND = 24_000  # samples
CLOSE = 3.0  # mean steps of 255 by which the film's codec may be off


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with studio(tmp_path_factory.mktemp("retouch")) as built, running(built) as ready:
        assert ready.animate("film.mp4").returncode == 0
        yield ready


@pytest.fixture
def bridge(made: Studio) -> Iterator[Caller]:
    with call_bridge(made.home) as caller:
        yield caller


@pytest.fixture(scope="module")
def path(made: Studio) -> str:
    """Of the film's frames at the bridge."""
    with closing(sqlite3.connect(made.home / "history.db")) as kept:
        ((revision,),) = kept.execute("SELECT id FROM revision")
    return f"/v1/revisions/{revision}/variants/1/film/frames"


@pytest.fixture(scope="module")
def before(made: Studio, path: str) -> list[Bytes]:
    with call_bridge(made.home) as caller:
        asked = {"first": FIRST, "end": END, "step": STEP}
        content = caller.http.get(path, params=asked).content
    with zipfile.ZipFile(io.BytesIO(content)) as frames:
        return [np.asarray(Image.open(frames.open(name))) for name in sorted(frames.namelist())]


def painted_on(frame: Bytes) -> Bytes:
    """As a host stores it: blue first, with alpha; one spot is red, another was rubbed out."""
    stored = np.dstack([frame[..., ::-1], np.full(frame.shape[:2], 255, np.uint8)])
    stored[SPOT] = AS_STORED
    stored[RUBBED] = 0
    return stored


def part(number: int, **more: Any) -> dict[str, Any]:
    form = {"model": "rgb", "depth": "u8", "alpha": True, "order": "bgra"}
    size = {"width": SIZE.width, "height": SIZE.height, "bytes": SIZE.pixels * 4}
    return {"name": f"frame_{number}", "kind": "pixels", "format": form, **size, **more}


def sent(parts: list[dict[str, Any]], *pixels: bytes, **more: Any) -> bytes:
    asked = {"first": FIRST, "end": END, "step": STEP, "parts": parts, **more}
    header = json.dumps(asked).encode()
    return b"".join([MAGIC, struct.pack("<I", len(header)), header, *pixels])


def test_frames_come_as_bare_pixels_too(bridge: Caller, path: str, before: list[Bytes]) -> None:
    asked: dict[str, str | int] = {"first": FIRST, "end": END, "step": STEP, "form": "bgra"}
    with zipfile.ZipFile(io.BytesIO(bridge.http.get(path, params=asked).content)) as frames:
        assert frames.namelist()[-1] == "00046.bgra"
        for name, expected in zip(frames.namelist(), before, strict=True):
            shape = (SIZE.height, SIZE.width, 4)
            pixels = np.frombuffer(frames.read(name), np.uint8).reshape(shape)
            assert np.array_equal(pixels[..., 2::-1], expected)
            assert (pixels[..., 3] == 255).all()


def test_only_what_was_painted_is_another(
    bridge: Caller, path: str, before: list[Bytes], made: Studio, tmp_path: Path
) -> None:
    at = (PAINTED - FIRST) // STEP
    frame = sent([part(PAINTED)], painted_on(before[at]).tobytes())
    answer = bridge.http.post(path, content=frame, timeout=60)
    assert answer.is_success, answer.text
    assert answer.headers["content-type"] == "video/mp4"
    (tmp_path / "new.mp4").write_bytes(answer.content)
    reel = read_reel(tmp_path / "new.mp4")
    assert (reel.size, reel.frames, reel.rate) == (SIZE, 12, Fraction(12))
    assert abs(reel.sound - reel.seconds) < 0.05
    expected = [frame.copy() for frame in before]
    expected[at][SPOT] = RED
    expected[at][RUBBED] = made.still[RUBBED]
    for shown, wanted in zip(frames_of(tmp_path / "new.mp4"), expected, strict=True):
        assert np.abs(shown.astype(int) - wanted).mean() < CLOSE
        assert np.abs(shown[SPOT].astype(int) - wanted[SPOT]).mean() < CLOSE


def test_the_sound_is_that_of_the_frames(
    bridge: Caller, path: str, made: Studio, tmp_path: Path
) -> None:
    """The emulator's films have a tone that rises: how high it is says where it was taken."""
    (tmp_path / "new.mp4").write_bytes(bridge.http.post(path, content=sent([]), timeout=60).content)
    (tmp_path / "whole.mp4").write_bytes(made.film)
    new, whole = heard(tmp_path / "new.mp4"), heard(tmp_path / "whole.mp4")
    middle = pitch(new[HALF_SECOND:])
    assert abs(middle - pitch(whole[3 * HALF_SECOND :])) < 10
    assert abs(middle - pitch(whole[HALF_SECOND:])) > 50


def pitch(samples: np.ndarray[Any, np.dtype[np.float32]]) -> float:
    """In Hz, of the first tenth of a second."""
    some = samples[: HALF_SECOND // 5] > 0
    return float(np.count_nonzero(some[1:] != some[:-1]) / 2 * 10)


def heard(film: Path) -> np.ndarray[Any, np.dtype[np.float32]]:
    import av

    with av.open(str(film)) as opened:
        return np.concatenate([one.to_ndarray()[0] for one in opened.decode(audio=0)])


REFUSED = {
    "another size": ([part(24, width=9, height=9, bytes=324)], bytes(324), "the film 640x360"),
    "a frame that is left out": ([part(25)], bytes(SIZE.pixels * 4), "frame_25 is no frame"),
    "a frame twice": ([part(24)] * 2, bytes(SIZE.pixels * 8), "came twice"),
    "another depth": (
        [part(24, bytes=SIZE.pixels * 8, format={"model": "rgb", "depth": "u16", "alpha": True})],
        bytes(SIZE.pixels * 8),
        "8-bit rgb with alpha",
    ),
    "less than announced": ([part(24)], b"", "add up to"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_does_not_fit_is_a_sentence(bridge: Caller, path: str, why: str) -> None:
    parts, pixels, sentence = REFUSED[why]
    answer = bridge.http.post(path, content=sent(parts, pixels))
    assert answer.status_code == 400
    assert sentence in answer.json()["error"]["sentence"]


@pytest.mark.parametrize(("first", "end"), [(90, 96), (5, 5)])
def test_frames_that_the_film_has_not_are_a_sentence(
    bridge: Caller, path: str, first: int, end: int
) -> None:
    answer = bridge.http.post(path, content=sent([], first=first, end=end))
    assert answer.status_code == 400
    assert "choose" in answer.json()["error"]["sentence"]
