"""A film is read as it is meant: upright, in its range and matrix, its frames and sound counted."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from bridge.errors import Nonsense
from bridge.film.loop import loop_of, looped, measured, seam_of
from bridge.film.place import faded
from bridge.film.reel import Colors, frames_of, read_reel
from bridge.film.write import write_mp4, write_sound
from bridge.geometry import Size
from tests.emulators.films import FilmModel, mp4
from tests.emulators.model import Bytes
from tests.film.studio import SIZE, smooth

LEFT, RIGHT = (200, 30, 40), (20, 160, 220)


def halves() -> Bytes:
    """Two colours, the left one and the right one."""
    frame = np.zeros((128, 192, 3), np.uint8)
    frame[:, :96], frame[:, 96:] = LEFT, RIGHT
    return frame


def encoded(range_: int, turned: int = 0) -> bytes:
    """range_: FFmpeg's 1 = limited, 2 = full. turned: degrees."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as out:
        video = out.add_stream("libx264", rate=12, options={"crf": "4"})
        video.width, video.height, video.pix_fmt = 192, 128, "yuv420p"
        video.color_range, video.colorspace = range_, 1
        if turned:
            video.set_display_rotation(turned)
        for at in range(3):
            frame = av.VideoFrame.from_ndarray(halves(), format="rgb24")
            frame = frame.reformat(
                format="yuv420p", dst_colorspace="itu709", dst_color_range=range_
            )
            frame.pts, frame.time_base = at, Fraction(1, 12)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
    return buffer.getvalue()


@pytest.mark.parametrize("range_", [1, 2])
def test_both_ranges_give_the_same_colours(tmp_path: Path, range_: int) -> None:
    (tmp_path / "film.mp4").write_bytes(encoded(range_))
    first = next(iter(frames_of(tmp_path / "film.mp4")))
    np.testing.assert_allclose(first[64, 20], LEFT, atol=4)
    np.testing.assert_allclose(first[64, 170], RIGHT, atol=4)


def test_a_film_is_written_and_read_neither_darker_nor_brighter(tmp_path: Path) -> None:
    """FFmpeg's quick way takes a step or more from every colour, even from plain ones."""
    still = smooth(SIZE)
    write_mp4(iter([still] * 3), Fraction(24), tmp_path / "film.mp4", None)
    off = next(iter(frames_of(tmp_path / "film.mp4"))).astype(int) - still
    print(f"red, green, blue: {off.mean(axis=(0, 1)).round(2)} of 255")
    assert np.abs(off.mean(axis=(0, 1))).max() < 0.3
    assert np.abs(off).mean() < 1.2


def test_a_film_that_changes_its_size_is_read_on(tmp_path: Path) -> None:
    small, large = (smooth(Size(*edges)) for edges in ((192, 128), (256, 192)))
    colors = Colors()
    for still in (small, large, small):
        frame = av.VideoFrame.from_ndarray(still, format="rgb24").reformat(format="yuv420p")
        assert colors.rgb(frame).shape == still.shape


def test_a_turned_film_comes_upright(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(encoded(1, turned=90))
    first = next(iter(frames_of(tmp_path / "film.mp4")))
    assert first.shape == (192, 128, 3)
    above, below = first[20, 64].astype(int), first[170, 64].astype(int)
    assert {_nearest(above), _nearest(below)} == {"left", "right"}
    # Turned counterclockwise by a quarter, what was right is above.
    assert _nearest(above) == "right"


def _nearest(color: np.ndarray[tuple[int, ...], np.dtype[np.int_]]) -> str:
    return "left" if abs(color - LEFT).sum() < abs(color - RIGHT).sum() else "right"


def test_frames_and_sound_are_counted_not_believed(tmp_path: Path) -> None:
    film = FilmModel().animate(smooth(SIZE), SIZE, 2)
    (tmp_path / "film.mp4").write_bytes(film.film)
    reel = read_reel(tmp_path / "film.mp4")
    assert (reel.size, reel.frames, float(reel.rate)) == (SIZE, 48, 24.0)
    assert abs(reel.sound - reel.seconds) < 0.05


@pytest.mark.parametrize("spoil", ["half", "words"])
def test_a_damaged_film_is_said(tmp_path: Path, spoil: str) -> None:
    film = mp4([smooth(SIZE)] * 4)
    spoiled = film[: len(film) // 3] if spoil == "half" else b"<html>no film</html>"
    (tmp_path / "film.mp4").write_bytes(spoiled)
    with pytest.raises(Nonsense, match="The film is damaged"):
        read_reel(tmp_path / "film.mp4")


def test_sound_is_cut_to_the_pictures(tmp_path: Path) -> None:
    film = FilmModel().animate(smooth(SIZE), SIZE, 2)
    (tmp_path / "film.mp4").write_bytes(film.film)
    some = (frame for frame in list(frames_of(tmp_path / "film.mp4"))[:30])
    assert write_mp4(some, Fraction(24), tmp_path / "cut.mp4", tmp_path / "film.mp4") == 30
    reel = read_reel(tmp_path / "cut.mp4")
    assert reel.frames == 30
    assert abs(reel.sound - reel.seconds) < 0.05


def test_a_silent_film_has_no_sound_to_write(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(mp4([smooth(SIZE)] * 3, audio=False))
    assert read_reel(tmp_path / "film.mp4").sound == 0
    assert not write_sound(tmp_path / "film.mp4", tmp_path / "sound.m4a")


@pytest.mark.parametrize("loops", [True, False])
def test_the_seam_is_no_larger_than_a_step(tmp_path: Path, loops: bool) -> None:
    """Of a model that can end where it began, and of one that cannot."""
    still = smooth(SIZE)
    film = FilmModel().animate(still, SIZE, 3, last=still if loops else None)
    (tmp_path / "film.mp4").write_bytes(film.film)
    small = measured(frames_of(tmp_path / "film.mp4"))
    loop = loop_of(small)
    after = seam_of(np.stack(list(looped(small, loop))))
    print(f"ends where it began: {loops}; before: {loop.before}; after: {after}")
    assert after.holds
    assert loop.length == (71 if loops else 72 - loop.fade)
    assert loops or not loop.before.holds


def test_what_may_move_is_faded_in_only_inside() -> None:
    moving = np.zeros((80, 120), np.float32)
    moving[20:60, 0:50] = 1
    share = faded(moving)
    assert share[moving == 0].max() == 0
    assert share[40, 0] == 1  # along the picture's own edge there is nothing to meet
    assert 0 < share[40, 48] < 0.5
    assert Size(120, 80).pixels == share.size
