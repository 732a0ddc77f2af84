"""The frames of a film in a document: one animated layer, at its place and its pace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .blank import blank
from .calls import App, Document, Node
from .film import Cut, Film
from .sight import Area, Obstacle
from .tree import by_id

SRGB = "sRGB-elle-V2-srgbtrc.icc"  # what frames are in where the document is not RGB
PLAIN = ("RGBA", "U8")  # as frames come
Space = tuple[str, str, str]  # model, depth, profile


@dataclass(frozen=True)
class Pace:
    """own: whether the document takes the film's. times: in the timeline, by the frame's place in

    the cut; a slower document has no time for some frames. length: of all of it, in the timeline.
    """

    own: bool
    rate: int
    times: dict[int, int]
    length: int


def pace_of(document: Document, film: Film, cut: Cut) -> Pace:
    """A document that has an animation keeps the pace of that."""
    own = not _animated(document.rootNode())
    rate = round(film.rate) if own else document.framesPerSecond()
    times: dict[int, int] = {}
    for at in range(cut.count):
        time = _time(at, rate, film, cut)
        if time not in times.values():
            times[at] = time
    return Pace(own, rate, times, max(_time(cut.count, rate, film, cut), max(times.values()) + 1))


def _time(at: int, rate: int, film: Film, cut: Cut) -> int:
    return round(at * cut.step * rate / film.rate)


class Reel:
    """Filled frame by frame out of sight, each a short call; then placed, as one undo step."""

    def __init__(
        self, app: App, new_settings: Callable[[], Any], document: Document, film: Film, pace: Pace
    ) -> None:
        self.pace = pace
        self._area = (film.left, film.top, film.width, film.height)
        self._space = (document.colorModel(), document.colorDepth(), document.colorProfile())
        self._hidden = blank(app, new_settings, document, sorted(pace.times.values()))
        self._layer = self._hidden.topLevelNodes()[0]

    def put(self, at: int, pixels: bytes) -> None:
        """pixels: of PLAIN, of the frame at this place in the cut."""
        if self._space[:2] != PLAIN:
            way = (_plain(self._space), self._space)
            pixels = _taken(self._hidden, pixels, self._area, *way)
        self._hidden.setCurrentTime(self.pace.times[at])
        self._hidden.waitForDone()
        self._layer.setPixelData(pixels, *self._area)

    def place(self, document: Document, source: str, name: str) -> str:
        """Above the layer with the unique id `source`, or on top; the new layer's unique id.

        The layer is one undo step; its pace and length are another, beneath that.
        """
        self._hidden.waitForDone()
        self._set_range(document)
        made = self._layer.duplicate()
        made.setName(name)
        node = by_id(document.rootNode(), source)
        tops = list(document.topLevelNodes())
        parent = (node.parentNode() if node else None) or document.rootNode()
        above = node or (tops[-1] if tops else None)
        if not parent.addChildNode(made, above):
            raise Obstacle("Krita did not take the frames; nothing was changed. Try once more.")
        document.setActiveNode(made)
        document.waitForDone()
        return made.uniqueId().toString()

    def _set_range(self, document: Document) -> None:
        last = self.pace.length - 1
        if self.pace.own:
            document.setFramesPerSecond(self.pace.rate)
            document.setFullClipRangeStartTime(0)
            document.setFullClipRangeEndTime(last)
        elif last > document.fullClipRangeEndTime():
            document.setFullClipRangeEndTime(last)
        document.setPlayBackRange(0, last)
        if document.playBackEndTime() < last:  # this Krita takes the second number for a length
            document.setPlayBackRange(0, last + 1)
        document.waitForDone()

    def drop(self) -> None:
        """Nothing out of sight is left behind; what was placed stays."""
        self._hidden.waitForDone()
        self._hidden.close()


def plain(document: Document, layer: Node, film: Film, time: int) -> bytes:
    """What `layer` shows at `time` where `film` lies, in PLAIN; a short call."""
    area = (film.left, film.top, film.width, film.height)
    pixels = bytes(layer.pixelDataAtTime(*area, time))
    space = (layer.colorModel(), layer.colorDepth(), layer.colorProfile())
    if space[:2] == PLAIN:
        return pixels
    return _taken(document, pixels, area, space, _plain(space))


def _taken(document: Document, pixels: bytes, area: Area, space: Space, to: Space) -> bytes:
    """Pixels in another space."""
    frame = document.createNode("frame", "paintlayer")
    frame.setColorSpace(*space)
    frame.setPixelData(pixels, *area)
    frame.setColorSpace(*to)
    return bytes(frame.pixelData(*area))


def _plain(space: Space) -> Space:
    """Of the frames of a film for a document in `space`."""
    return (*PLAIN, space[2] if space[0] == PLAIN[0] else SRGB)


def _animated(node: Node) -> bool:
    return any(one.animated() or _animated(one) for one in node.childNodes())
