"""A finished film, as the bridge tells of it: what can be cut from it, and where it is saved.

Byte for byte the same in every plug-in; needs nothing but Python.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

MOST_TITLE = 60  # characters of a file's name
# What some system takes in no file's name.
FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')


@dataclass(frozen=True)
class Cut:
    """Frames from `first` to before `end`, every `step`th."""

    first: int
    end: int
    step: int = 1

    @property
    def count(self) -> int:
        return len(range(self.first, self.end, self.step))


@dataclass(frozen=True)
class Film:
    """path: of the variant at the bridge. rate: frames a second. seconds, sound: of length, 0 =

    no sound. left, top, width, height: where it lies on the canvas. frame_bytes: of memory that
    one frame takes on the canvas.
    """

    path: str
    frames: int
    rate: float
    seconds: float
    sound: float
    left: int
    top: int
    width: int
    height: int
    frame_bytes: int

    def cut(self, start: float, end: float, step: int) -> Cut:
        """Of seconds `start` to `end`: one frame at least."""
        first = min(max(round(start * self.rate), 0), self.frames - 1)
        last = min(max(round(end * self.rate), first + 1), self.frames)
        return Cut(first, last, max(step, 1))

    def memory(self, cut: Cut) -> int:
        """Bytes."""
        return cut.count * self.frame_bytes

    def address(self, form: str) -> str:
        """form: "received" as it was made; "mp4", "webp" as it lies on the canvas; "sound"."""
        return f"{self.path}/film?{urlencode({'form': form})}"

    def frames_address(self, cut: Cut) -> str:
        """Of a ZIP of them."""
        asked = {"first": cut.first, "end": cut.end, "step": cut.step}
        return f"{self.path}/film/frames?{urlencode(asked)}"


def film_of(revision: Mapping[str, Any], said: Mapping[str, Any]) -> Film | None:
    """said: of one variant. None when it is a picture."""
    told = said.get("film")
    if not told:
        return None
    area = told["area"]
    return Film(
        path=f"/v1/revisions/{revision['id']}/variants/{said['number']}",
        frames=int(told["frames"]),
        rate=float(told["rate"]),
        seconds=float(told["seconds"]),
        sound=float(told["sound"]),
        left=int(area["left"]),
        top=int(area["top"]),
        width=int(area["right"]) - int(area["left"]),
        height=int(area["bottom"]) - int(area["top"]),
        frame_bytes=int(told["frame_bytes"]),
    )


def form_of(said: Mapping[str, Any]) -> str:
    """As it came, unless only its placing makes it what was asked for. said: of one variant."""
    told: Mapping[str, Any] = said["film"]
    return "mp4" if told["loop"] or told["cinemagraph"] else "received"


def painted_header(
    cut: Cut, painted: Sequence[int], width: int, height: int, form: Mapping[str, Any]
) -> dict[str, Any]:
    """Of the frames of a cut that the bridge takes back. painted: their numbers in the film.

    form: of their pixels, RGB of 8 bits with alpha, as this host stores them.
    """
    of_each = {
        "kind": "pixels",
        "bytes": width * height * 4,
        "width": width,
        "height": height,
        "format": form,
    }
    parts = [{"name": f"frame_{number}", **of_each} for number in painted]
    return {"first": cut.first, "end": cut.end, "step": cut.step, "parts": parts}


def beside(picture: Path, title: str, suffix: str) -> Path:
    """A name that is free, in the folder of the picture."""
    words = " ".join(FORBIDDEN.sub(" ", title).split())[:MOST_TITLE].strip(" .")
    stem = f"{picture.stem} - {words}" if words else f"{picture.stem} - film"
    path, number = picture.with_name(f"{stem}{suffix}"), 2
    while path.exists():
        path = picture.with_name(f"{stem} {number}{suffix}")
        number += 1
    return path
