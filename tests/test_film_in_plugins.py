"""What both plug-ins know of a film: which frames are cut from it, and a free name for its file."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from bridge.film.write import PNG_NAME, zipped
from bridge.png import write_png
from gimp_plugin.film import Film as FilmInGimp
from gimp_plugin.png import Unreadable, read_frame
from gimp_plugin.reel import Reel, lasts, names
from krita_plugin.film import Cut, Film, beside, film_of

SAID = {
    "number": 2,
    "film": {
        "frames": 96,
        "rate": 24.0,
        "seconds": 4.0,
        "sound": 4.0,
        "area": {"left": 10, "top": 20, "right": 330, "bottom": 200},
        "frame_bytes": 320 * 180 * 4,
    },
}


@pytest.fixture
def film() -> Film:
    found = film_of({"id": "r1"}, SAID)
    assert found is not None
    return found


def test_a_picture_is_no_film() -> None:
    assert film_of({"id": "r1"}, {"number": 0, "film": None}) is None


def test_a_film_lies_where_the_bridge_says(film: Film) -> None:
    assert (film.left, film.top, film.width, film.height) == (10, 20, 320, 180)
    assert film.address("mp4") == "/v1/revisions/r1/variants/2/film?form=mp4"


@pytest.mark.parametrize(
    ("start", "end", "step", "cut", "count"),
    [
        (0, 4, 1, Cut(0, 96, 1), 96),
        (1, 3, 2, Cut(24, 72, 2), 24),
        (0, 0.1, 5, Cut(0, 2, 5), 1),
        (9, 12, 1, Cut(95, 96, 1), 1),  # after its end: the last one
        (3, 1, 1, Cut(72, 73, 1), 1),  # the wrong way round: one
        (-2, 99, 0, Cut(0, 96, 1), 96),
    ],
)
def test_seconds_and_a_step_are_frames(
    film: Film, start: float, end: float, step: int, cut: Cut, count: int
) -> None:
    assert film.cut(start, end, step) == cut
    assert cut.count == count
    assert film.memory(cut) == count * 320 * 180 * 4


def test_what_is_asked_of_the_bridge_is_the_cut(film: Film) -> None:
    assert film.frames_address(Cut(24, 72, 2)).endswith("/film/frames?first=24&end=72&step=2")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("wind in her hair", "portrait - wind in her hair.mp4"),
        ('a/b: "c"?', "portrait - a b c.mp4"),
        ("...", "portrait - film.mp4"),
        ("", "portrait - film.mp4"),
    ],
)
def test_a_film_is_called_by_its_picture_and_its_wish(
    tmp_path: Path, title: str, name: str
) -> None:
    assert beside(tmp_path / "portrait.kra", title, ".mp4") == tmp_path / name


def test_no_earlier_film_is_written_over(tmp_path: Path) -> None:
    for taken in ("a - film.mp4", "a - film 2.mp4"):
        (tmp_path / taken).write_bytes(b"")
    assert beside(tmp_path / "a.kra", "", ".mp4").name == "a - film 3.mp4"


# --- what only GIMP's knows: frames are read without a library, and named by their time -----


@pytest.mark.parametrize("profile", [None, b"whatever it is" * 99])
def test_what_the_bridge_packs_is_read_to_the_pixel(tmp_path: Path, profile: bytes | None) -> None:
    drawn = np.random.default_rng(1).integers(0, 256, (3, 17, 23, 3), np.uint8)
    path = tmp_path / "frames.zip"
    write = partial(write_png, profile=profile, packed=False)
    path.write_bytes(b"".join(zipped(iter(drawn), 4, 2, write, PNG_NAME)))
    reel = Reel(path)
    assert len(reel) == 3
    for at, expected in enumerate(drawn):
        frame = reel.frame(at)
        assert (frame.width, frame.height, frame.profile) == (23, 17, profile or b"")
        assert frame.pixels == expected.tobytes()
    reel.close()


@pytest.mark.parametrize(
    "png",
    [
        b"GIF89a",
        write_png(np.zeros((4, 4, 4), np.uint8), None, packed=False),
        write_png(np.zeros((4, 4, 3), np.uint16), None, packed=False),
        write_png(np.zeros((4, 4, 3), np.uint8), None, packed=False)[:60],
        write_png(np.arange(4 * 4 * 3, dtype=np.uint8).reshape(4, 4, 3), None),  # filtered
    ],
)
def test_any_other_file_is_refused_and_no_wrong_pixel_is_made_of_it(png: bytes) -> None:
    with pytest.raises(Unreadable):
        read_frame(png)


def test_a_frame_is_named_by_its_time_and_together_they_last_as_long_as_the_part() -> None:
    film = FilmInGimp("", 96, 24.0, 4.0, 0.0, 0, 0, 320, 180, 320 * 180 * 4)
    cut = film.cut(1, 3, 2)
    assert names("wind in her hair and in the leaves", film, cut)[:2] == [
        "wind in her hair and in the 1 (83ms)",
        "wind in her hair and in the 2 (84ms)",
    ]
    assert sum(lasts(film, cut)) == 2000
    assert set(lasts(film, cut)) == {83, 84}
