"""A film's frames on their way into a picture: how many, how long each lasts, what they need."""

from __future__ import annotations

import zipfile
from pathlib import Path

from .film import Cut, Film
from .png import Frame, Unreadable, read_frame

USUAL_BYTES = 4  # a pixel of what the bridge calls a frame's memory
MOST_NAME = 28  # characters of a frame's name, its time beside it


class Reel:
    """The bridge's archive of frames, one read at a time: they may be gigabytes together.

    OSError or BadZipFile when it is none.
    """

    def __init__(self, path: Path) -> None:
        self._archive = zipfile.ZipFile(path)
        self._names = sorted(self._archive.namelist())

    def __len__(self) -> int:
        return len(self._names)

    def frame(self, at: int) -> Frame:
        """Unreadable when it is of another version's making."""
        try:
            return read_frame(self._archive.read(self._names[at]))
        except (OSError, zipfile.BadZipFile) as exc:
            raise Unreadable("not a whole archive") from exc

    def close(self) -> None:
        self._archive.close()


def lasts(film: Film, cut: Cut) -> list[int]:
    """Milliseconds of each frame; together as long as the part is, to the nearest."""
    ends = [round(1000 * cut.step * (at + 1) / film.rate) for at in range(cut.count)]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]


def names(word: str, film: Film, cut: Cut) -> list[str]:
    """As GIMP reads and exports the time of a frame: “it turns 1 (83ms)”."""
    called = word[:MOST_NAME].strip()
    return [f"{called} {at} ({ms}ms)" for at, ms in enumerate(lasts(film, cut), start=1)]


def memory(film: Film, cut: Cut, pixel_bytes: int) -> int:
    """Bytes. pixel_bytes: of a pixel where they go."""
    return film.memory(cut) * pixel_bytes // USUAL_BYTES
