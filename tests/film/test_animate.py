"""From a picture to a film, its frames and its loop, by the command line and a real bridge."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from PIL import Image, ImageSequence

from bridge.caller import call_bridge
from bridge.film.reel import frames_of, read_reel
from bridge.png import write_png
from tests.film.studio import SIZE, Studio, running, studio
from tests.profiles import wide

MOVING = (160, 90, 320, 180)  # left, top, width, height: holds a part of the disc's way
SELECT = ",".join(str(edge) for edge in MOVING)
Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with studio(tmp_path_factory.mktemp("film")) as built, running(built) as ready:
        yield ready


def frames_in(folder: Path) -> list[Pixels]:
    return [np.asarray(Image.open(path)) for path in sorted(folder.glob("*.png"))]


def outside() -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    left, top, width, height = MOVING
    fixed = np.ones((SIZE.height, SIZE.width), bool)
    fixed[top : top + height, left : left + width] = False
    return fixed


def test_an_mp4_is_the_film_as_it_was_received(made: Studio) -> None:
    done = made.animate("film.mp4")
    assert done.returncode == 0, done.stderr
    assert (made.folder / "film.mp4").read_bytes() == made.film
    assert "3.0 s, 72 frames, with sound" in done.stdout + done.stderr


def test_its_price_is_told_and_kept_to(made: Studio) -> None:
    before = made.there.ledger.usd
    told = made.redraft(
        "animate", "photo.png", "-o", "x.mp4", "--model", "omni-1.1", "--size", "360p",
        "--seconds", "3", "--dry-run", "--json",
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    plan = json.loads(told.stdout.splitlines()[0])
    assert (plan["button"], plan["by"]) == ("Animate  $0.12", "fal")
    assert made.there.ledger.usd == before


def test_without_length_and_size_it_is_a_draft_and_said_to_be(made: Studio) -> None:
    told = made.redraft("animate", "photo.png", "-o", "x.mp4", "--dry-run")
    assert told.returncode == 0, told.stderr
    assert "sent as 640x360" in told.stdout
    assert "$0.12" in told.stdout
    assert "A draft: 3 seconds of 360p, the shortest and smallest" in told.stdout


def test_frames_lie_where_the_still_lay(made: Studio) -> None:
    """Count, order, rate, place; the first frame within a stated error of the still."""
    done = made.animate("frames")
    assert done.returncode == 0, done.stderr
    frames = frames_in(made.folder / "frames")
    filmed = made.there.films.filmed[-1]
    facts = json.loads((made.folder / "frames" / "film.json").read_text())
    assert (len(frames), facts["frames"], facts["rate"]) == (72, 72, 24.0)
    far = ~disc_of(frames[0])
    error = float(np.median(np.abs(frames[0].astype(int) - made.still)[far]))
    print(f"first frame: median error {error:.2f} of 255 outside the disc")
    assert error <= 2
    inverse = filmed.moved.inverse()
    for at in (0, 20, 40, 71):
        x, y = inverse(*filmed.middles[at])
        column, row = middle_of(disc_of(frames[at]))
        print(f"frame {at}: {column + 0.5 - x:+.2f}, {row + 0.5 - y:+.2f} px")
        assert abs(column + 0.5 - x) <= 1.5
        assert abs(row + 0.5 - y) <= 1.5


def test_the_sound_of_the_frames_is_as_long_as_they_are(made: Studio) -> None:
    folder = made.folder / "frames"
    if not folder.exists():
        made.animate("frames")
    with av.open(str(folder / "sound.m4a"), mode="r") as heard:
        seconds = sum(one.samples / one.sample_rate for one in heard.decode(audio=0))
    assert abs(seconds - 3.0) < 0.05


def disc_of(frame: Pixels) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """The emulator's disc by its colour, which the scene's greyish blotches do not have."""
    far = np.abs(frame.astype(int) - (214, 40, 160)).max(-1)
    return np.asarray(far < 40)


def middle_of(marked: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> tuple[float, float]:
    """Of its largest piece: a few pixels of the scene are of the disc's colour, too."""
    _, _, stats, middles = cv2.connectedComponentsWithStats(marked.astype(np.uint8))
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    return float(middles[largest][0]), float(middles[largest][1])


def test_in_a_cinemagraph_nothing_else_moves(made: Studio) -> None:
    done = made.animate("still", "--cinemagraph", "--select", SELECT)
    assert done.returncode == 0, done.stderr
    frames = frames_in(made.folder / "still")
    fixed = outside()
    assert len(frames) == 72
    for frame in frames:
        np.testing.assert_array_equal(frame[fixed], made.still[fixed])
    moved = [np.abs(frame.astype(int) - frames[0]).max() for frame in frames[1:]]
    assert max(moved) > 60


def test_colours_that_srgb_does_not_hold_stay_in_a_cinemagraph(made: Studio) -> None:
    """The still is given back as it came, not by way of the space that the model is shown."""
    vivid = made.still.copy()
    vivid[:, :150] = (4, 250, 8)  # beyond sRGB in this profile, and far from what moves
    (made.folder / "vivid.png").write_bytes(write_png(vivid, wide()))
    words = ["--prompt", "it turns", "--model", "omni-1.1", "--size", "360p", "--seconds", "3"]
    done = made.redraft(
        "animate", "vivid.png", "-o", "vivid", "--cinemagraph", "--select", SELECT, *words
    )
    assert done.returncode == 0, done.stderr
    fixed = outside()
    frames = frames_in(made.folder / "vivid")
    assert len(frames) == 72
    for frame in frames:
        np.testing.assert_array_equal(frame[fixed], vivid[fixed])


def test_a_lossless_webp_keeps_what_does_not_move(made: Studio) -> None:
    done = made.animate("still.webp", "--cinemagraph", "--select", SELECT)
    assert done.returncode == 0, done.stderr
    fixed = outside()
    lasts = []
    with Image.open(made.folder / "still.webp") as film:
        for shown in ImageSequence.Iterator(film):
            pixels = np.asarray(shown.convert("RGB"))
            lasts.append(film.info["duration"])
            np.testing.assert_array_equal(pixels[fixed], made.still[fixed])
    assert (len(lasts), sum(lasts)) == (72, 3000)


def test_in_an_mp4_what_does_not_move_does_not_flicker(made: Studio) -> None:
    done = made.animate("still.mp4", "--cinemagraph", "--select", SELECT)
    assert done.returncode == 0, done.stderr
    film = made.folder / "still.mp4"
    reel = read_reel(film)
    assert (reel.size, reel.frames) == (SIZE, 72)
    assert abs(reel.sound - 3.0) < 0.05
    fixed = outside()
    shown = [frame[fixed].astype(int) for frame in frames_of(film)]
    off = max(float(np.abs(one - made.still[fixed]).mean()) for one in shown)
    flicker = max(float(np.abs(b - a).mean()) for a, b in pairwise(shown))
    print(f"static part of the MP4: mean difference {off:.2f}, from frame to frame {flicker:.2f}")
    assert off < 3
    assert flicker < 0.75


def test_a_loop_has_no_seam(made: Studio) -> None:
    done = made.animate("loop.mp4", "--loop")
    assert done.returncode == 0, done.stderr
    from bridge.film.loop import measured, seam_of

    seam = seam_of(measured(frames_of(made.folder / "loop.mp4")))
    print(f"seam: {seam}")
    assert seam.holds
    reel = read_reel(made.folder / "loop.mp4")
    assert reel.frames == 71  # the one that came twice is dropped
    assert abs(reel.sound - reel.seconds) < 0.05


def test_a_picture_of_another_aspect_is_cropped_and_said_so(made: Studio) -> None:
    square = np.ascontiguousarray(made.still[:, 140:500])
    Image.fromarray(square).save(made.folder / "square.png")
    words = ["animate", "square.png", "-o", "x.mp4", "--model", "omni-1.1", "--dry-run"]
    told = made.redraft(*words)
    assert "44 % of the picture is cropped: " in told.stdout + told.stderr
    padded = made.redraft(*words, "--fit", "pad")
    assert "of the frame is invented beyond the picture's edge" in padded.stdout + padded.stderr


def test_what_a_panel_would_ask_twice_wants_a_price(made: Studio) -> None:
    limits = {"second_click": 0.05}
    with call_bridge(made.home) as bridge:
        before = bridge.http.get("/v1/hello").json()["limits"]
        bridge.http.post("/v1/limits", json={**before, **limits}).raise_for_status()
        charges = len(made.there.ledger.charges)
        done = made.animate("dear.mp4")
        bridge.http.post("/v1/limits", json=before).raise_for_status()
    assert done.returncode == 4
    assert "--max-price" in done.stderr
    assert len(made.there.ledger.charges) == charges


def test_a_model_for_pictures_is_refused_for_a_film(made: Studio) -> None:
    done = made.redraft("animate", "photo.png", "-o", "x.mp4", "--model", "nano-banana")
    assert done.returncode == 3
    assert "Nano Banana makes pictures. Name a film model" in done.stderr


def test_sora_offers_its_successor_by_name(made: Studio) -> None:
    done = made.redraft(
        "animate", "photo.png", "-o", "x.mp4", "--model", "sora-2", "--route", "videos"
    )
    assert done.returncode == 3
    assert "Sora 2 was switched off on 24 September 2026." in done.stderr
    assert "Its successor is Seedance 2.0." in done.stderr


def test_a_length_the_model_cannot_make_is_said(made: Studio) -> None:
    done = made.redraft(
        "animate", "photo.png", "-o", "x.mp4", "--model", "veo-3.1-fast", "--seconds", "5"
    )
    assert done.returncode == 3
    assert re.search(r"Veo 3\.1 Fast makes films of 4, 6, 8 seconds, not of 5", done.stderr)


def test_a_frame_can_be_read_back(made: Studio) -> None:
    """A range with a step, by the route that hosts use."""
    with call_bridge(made.home) as bridge:
        document = bridge.http.get("/v1/hello").json()
        assert any(one["film"] for one in document["models"])
    made.animate("again.mp4", "--force")
    import sqlite3
    import zipfile

    (revision,) = (
        sqlite3.connect(made.home / "history.db")
        .execute("SELECT id FROM revision ORDER BY created DESC LIMIT 1")
        .fetchone()
    )
    with call_bridge(made.home) as bridge:
        path = f"/v1/revisions/{revision}/variants/1/film/frames"
        got = bridge.http.get(path, params={"first": 24, "end": 72, "step": 2})
        assert got.headers["content-type"] == "application/zip"
        with zipfile.ZipFile(io.BytesIO(got.content)) as frames:
            names = frames.namelist()
        assert (len(names), names[0], names[-1]) == (24, "00024.png", "00070.png")
        header, parts = bridge.layer(revision, 1)
        assert (header.area.right, header.area.bottom) == (SIZE.width, SIZE.height)
        assert set(parts["mask"]) == {255}
