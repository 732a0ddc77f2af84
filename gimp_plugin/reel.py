"""A film's frames on their way into a picture: how many, how long each lasts, what they need."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .client import framed
from .film import Cut, Film, painted_header
from .kept import BROKEN
from .png import Frame, Unreadable, read_frame
from .stored import Stored

USUAL_BYTES = 4  # a pixel of what the bridge calls a frame's memory
A_FILM = re.compile(r"/v1/revisions/[\w-]+/variants/\d+")  # its path, and no other of the bridge's
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


@dataclass(frozen=True)
class Origin:
    """Of which film a picture has frames, and which; kept in it. path: of the variant."""

    path: str
    title: str
    cut: Cut

    def number(self, at: int) -> int:
        """In the film, of the frame at this place of the picture."""
        return self.cut.first + at * self.cut.step

    def header(self, painted: Sequence[int], width: int, height: int) -> bytes:
        """What goes before the pixels of the frames that the bridge takes back, RGBA of 8 bits.

        painted: their numbers in the film.
        """
        form = Stored("rgb", "u8", True).to_json()
        return framed(painted_header(self.cut, painted, width, height, form))

    def to_bytes(self) -> bytes:
        kept = {"path": self.path, "title": self.title, "cut": vars(self.cut)}
        return json.dumps(kept).encode()

    @staticmethod
    def of(data: bytes) -> Origin | None:
        """None for what is not ours, or of another version: a picture may be of another hand."""
        try:
            kept = json.loads(data)
            cut = Cut(*(int(kept["cut"][name]) for name in ("first", "end", "step")))
            path, title = str(kept["path"]), str(kept["title"])
        except BROKEN:
            return None
        return Origin(path, title, cut) if A_FILM.fullmatch(path) else None


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
