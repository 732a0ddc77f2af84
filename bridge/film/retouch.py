"""A film of frames that the artist has painted on: those that were changed come back, no others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field, model_validator

from bridge.errors import BadRequest
from bridge.film.reel import MOST_FRAMES
from bridge.film.shown import Part, ShownFilm
from bridge.film.write import write_mp4
from bridge.geometry import Size
from bridge.pixels import Native, unpack
from bridge.wire import Message, PartInfo

FRAME = "frame_"
Count = Annotated[int, Field(ge=0, le=1_000_000)]


class RetouchHeader(Message):
    """What heads a frame that carries frames of a film. The new film is of first, first + step, …

    to before `end`. Parts: pixels of 8-bit RGB with alpha, as large as the film's area, each named
    by its number in the film: frame_12.
    """

    first: Count
    end: Count
    step: Annotated[int, Field(ge=1, le=MOST_FRAMES)] = 1
    parts: Annotated[tuple[PartInfo, ...], Field(max_length=MOST_FRAMES)]

    @model_validator(mode="after")
    def _parts_fit(self) -> RetouchHeader:
        wanted = {f"{FRAME}{at}" for at in range(self.first, self.end, self.step)[:MOST_FRAMES]}
        for part in self.parts:
            if part.name not in wanted:
                raise ValueError(f"part {part.name} is no frame of this film, or came twice")
            wanted.remove(part.name)
            form = part.format
            if form is None or (form.model, form.depth, form.alpha) != ("rgb", "u8", True):
                raise ValueError(f"part {part.name} must be pixels of 8-bit rgb with alpha")
        return self


def write_retouched(
    shown: ShownFilm, header: RetouchHeader, parts: Mapping[str, memoryview], out: Path
) -> None:
    """An MP4 at the film's own pace, with the sound of that part of it.

    BadRequest when the parts are not as large as the film's area, or the film has no such frames.
    """
    part = Part(header.first, header.end, header.step)
    if not part.count(shown.count):
        raise BadRequest(f"The film has {shown.count} frames; choose an earlier start.")
    tall, wide = shown.still.shape[:2]
    for info in header.parts:
        if info.size() != Size(wide, tall):
            raise BadRequest(f"The frame is {info.size()}, the film {wide}x{tall}; send all of it.")
    rate = Fraction(shown.reel.rate) / header.step
    start = float(header.first / shown.reel.rate)
    write_mp4(_frames(shown, part, header, parts), rate, out, shown.sound_of, start)


def _frames(
    shown: ShownFilm, part: Part, header: RetouchHeader, parts: Mapping[str, memoryview]
) -> Iterator[Native]:
    infos, still = {info.name: info for info in header.parts}, shown.still
    for at, frame in enumerate(shown.frames(part)):
        info = infos.get(f"{FRAME}{part.first + at * part.step}")
        if info is None or info.format is None:
            yield frame
        else:
            painted = unpack(parts[info.name], info.format.format(), info.size())
            yield _over(painted, still)


def _over(painted: Native, still: Native) -> Native:
    """uint8 (H, W, 3): where something was rubbed out, the still is seen."""
    share = painted[..., 3:].astype(np.float32) / 255
    mixed = painted[..., :3] * share + still * (1 - share)
    return np.ascontiguousarray(np.rint(mixed).astype(np.uint8))
