"""A film as the artist sees it on the canvas: every frame placed, in the document's own colours.

Outside what may move, a frame is the still, bit for bit. The still is the source's own values where
the document is RGB and opaque, whatever its profile: its bytes in 8 bits, the nearest step in more.
Else it is what was read of it as sRGB, taken back through its profile to 8 bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from bridge.admit import Opened
from bridge.color import from_srgb, is_srgb
from bridge.errors import BadRequest, Conflict
from bridge.film.loop import Loop, Seam, loop_of, looped, measured, seam_of
from bridge.film.poster import placing_of
from bridge.film.quick import Quick, in_order
from bridge.film.reel import first_of, frames_of, read_reel
from bridge.history import History, VariantRow
from bridge.pixels import Array, Native, stored, unit, unpack
from bridge.wire import FilmChoice

FEWEST = 4  # frames that can be made into a loop


@dataclass(frozen=True, slots=True)
class Part:
    """Frames first, first + step, … up to and without `end`; None = to the last."""

    first: int = 0
    end: int | None = None
    step: int = 1

    def __post_init__(self) -> None:
        if self.first < 0 or self.step < 1 or (self.end is not None and self.end <= self.first):
            raise BadRequest("No frame lies in that range; choose a later end or an earlier start.")

    def count(self, frames: int) -> int:
        end = frames if self.end is None else min(self.end, frames)
        return max(0, -(-(end - self.first) // self.step))


def shown(history: History, row: VariantRow, opened: Opened) -> ShownFilm:
    """Conflict while there is no film."""
    if not (row.answer and (row.media_type or "").startswith("video/") and row.layer):
        raise Conflict("There is no film of this variant; wait for it, or animate the picture.")
    return ShownFilm(history, row, opened)


class ShownFilm:
    """frames, placed and in the document's colours; see the module."""

    def __init__(self, history: History, row: VariantRow, opened: Opened) -> None:
        self.path = history.files.path(row.answer or "")
        self.reel = read_reel(self.path)
        self.film = opened.request.choice.film or FilmChoice()
        self._job = opened.job
        first = first_of(self.path)
        self._placing = placing_of(self._job, self.film, first)
        self._quick = Quick(self._placing, first)
        rgb = self._job.form.model == "rgb"
        self.profile = self._job.profile if rgb else None
        self._own = _own_bytes(history, row, opened)
        self._plain = is_srgb("rgb", self.profile)
        self._rows, self._columns = self._job.plan.export.slices(self._job.plan.box)
        self.loop: Loop | None = None
        self.seam: Seam | None = None
        if self.film.loop and self.reel.frames >= FEWEST:
            small = measured(frames_of(self.path))
            self.loop = loop_of(small)
            self.seam = seam_of(np.stack(list(looped(small, self.loop))))

    @property
    def count(self) -> int:
        return self.loop.length if self.loop else self.reel.frames

    @property
    def sound_of(self) -> Path | None:
        """The file whose sound belongs to it; None where there is none, or none was wanted."""
        return self.path if self.reel.sound and self.film.audio else None

    @property
    def still(self) -> Native:
        """uint8 (h, w, 3)."""
        if self._own is not None:
            return self._own
        return self._colors(self._placing.still[self._rows, self._columns])

    def frames(self, part: Part = Part()) -> Iterator[Native]:
        """uint8 (h, w, 3) over the canvas's part."""
        still = self.still
        share = self._placing.share
        fixed = None if share is None else share[self._rows, self._columns] <= 0
        wanted = islice(self._repeatable(), part.first, part.end, part.step)

        def colored(frame: Native) -> Native:
            seen = self._quick.shown(frame)[self._rows, self._columns]
            colors = seen.copy() if self._plain else self._colors(unit(seen))
            if fixed is not None:
                colors[fixed] = still[fixed]
            return np.ascontiguousarray(colors)

        return in_order(colored, wanted)

    def _repeatable(self) -> Iterator[Native]:
        if self.loop is None:
            yield from frames_of(self.path)
            return
        plain = (frame.astype(np.float32) for frame in frames_of(self.path))
        for frame in looped(plain, self.loop):
            yield np.clip(np.rint(frame), 0, 255).astype(np.uint8)

    def _colors(self, srgb: Array) -> Native:
        converted = from_srgb(srgb, "rgb", "u8", self.profile)
        return np.ascontiguousarray(np.asarray(converted, np.uint8))


def _own_bytes(history: History, row: VariantRow, opened: Opened) -> Native | None:
    """uint8 (h, w, 3) of the source as it was sent, None when it is not RGB and opaque."""
    job = opened.job
    if job.form.model != "rgb" or job.alpha is not None:
        return None
    data = history.part(row.revision, "source") or b""
    own = unpack(data, job.form, job.plan.export.size)[..., :3]
    if job.form.depth != "u8":
        own = stored(np.nan_to_num(unit(own), posinf=1.0, neginf=0.0), "u8")
    return np.ascontiguousarray(own)
