"""A film as it was received: what it is, and its frames one after the other.

Frames come upright (rotation applied), as full-range sRGB-encoded RGB whatever range and matrix
the file states; a file of high definition that states none is BT.709, as players take it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bridge.errors import Nonsense
from bridge.geometry import Size
from bridge.pixels import Native

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.filter.graph import Graph
    from av.video.frame import VideoFrame

MOST_PIXELS = 4096 * 4096  # of one frame: more than any model makes
MOST_FRAMES = 3600
HD_LINES = 720
UNSTATED = 2  # FFmpeg's name of a matrix that is not stated
EXACT = "flags=bilinear+accurate_rnd+full_chroma_int"


@dataclass(frozen=True, slots=True)
class Reel:
    """rate: frames per second. seconds: of the pictures. sound: seconds of sound, 0 = none."""

    size: Size
    rate: Fraction
    frames: int
    sound: float

    @property
    def seconds(self) -> float:
        return float(self.frames / self.rate)


def read_reel(path: Path) -> Reel:
    """Counts by decoding, for headers lie. Nonsense, charged, when it is no whole film."""
    count, size = 0, Size(0, 0)
    for frame in frames_of(path):
        size, count = Size(frame.shape[1], frame.shape[0]), count + 1
    if not count:
        raise _damaged()
    with _opened(path) as film:
        stream = film.streams.video[0]
        rate = stream.average_rate or stream.guessed_rate or Fraction(24)
        sound = 0.0
        for heard in film.decode(audio=0) if film.streams.audio else ():
            sound += heard.samples / heard.sample_rate
    return Reel(size, Fraction(rate), count, sound)


def frames_of(path: Path) -> Iterator[Native]:
    """(H, W, 3) uint8 each, in the order they are shown. Nonsense, charged, as `read_reel`."""
    with _opened(path) as film:
        if not film.streams.video:
            raise _damaged()
        film.streams.video[0].thread_type = "AUTO"
        colors = Colors()
        for count, frame in enumerate(film.decode(video=0)):
            if frame.width * frame.height > MOST_PIXELS or count >= MOST_FRAMES:
                raise Nonsense(
                    "The film is larger than anything a model offers; it was not opened. Ask "
                    "again; it costs again.",
                    charged="yes",
                )
            yield _upright(frame, colors)


def first_of(path: Path) -> Native:
    """(H, W, 3) uint8."""
    for frame in frames_of(path):
        return frame
    raise _damaged()


class Colors:
    """A film's frames in RGB, by a filter that rounds: the quick way by which frames are converted

    else makes every colour a step or more too dark.
    """

    def __init__(self) -> None:
        self._graph: Graph | None = None
        self._of: tuple[int, int, str] | None = None  # width, height, format

    def rgb(self, frame: VideoFrame) -> Native:
        """(H, W, 3) uint8, as it is stored: not turned upright."""
        of = (frame.width, frame.height, frame.format.name)
        if self._graph is None or of != self._of:
            self._graph, self._of = _converter(frame), of
        self._graph.push(frame)
        shown = self._graph.pull()
        return np.asarray(shown.to_ndarray(), np.uint8)


def _converter(frame: VideoFrame) -> Graph:
    import av.filter

    unstated = frame.colorspace == UNSTATED and frame.height >= HD_LINES
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=frame.width,
        height=frame.height,
        format=frame.format,
        time_base=frame.time_base or Fraction(1, 1000),
    )
    steps = [
        source,
        graph.add("scale", EXACT + (":in_color_matrix=bt709" if unstated else "")),
        graph.add("format", "rgb24"),
        graph.add("buffersink"),
    ]
    for one, next_one in pairwise(steps):
        one.link_to(next_one)
    graph.configure()
    return graph


def _upright(frame: VideoFrame, colors: Colors) -> Native:
    pixels = colors.rgb(frame)
    turned = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(pixels, turned)) if turned else pixels


@contextmanager
def _opened(path: Path) -> Iterator[InputContainer]:
    import av

    try:
        with av.open(str(path), mode="r") as film:
            yield film
    except (av.error.FFmpegError, IndexError, ValueError) as exc:
        raise _damaged() from exc


def _damaged() -> Nonsense:
    return Nonsense("The film is damaged. Ask again; it costs again.", charged="yes")
