"""A layer with frames of a film: of which film they are, where they lie, what each was at first."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from .film import Cut, Film
from .kept import BROKEN


@dataclass(frozen=True)
class Filmed:
    """title: of the film. times: in the timeline, by a frame's place in the cut; a document that

    is slower has left out some. prints: of each that has a time, as `printed` made it.
    """

    film: Film
    cut: Cut
    title: str
    times: Mapping[int, int]
    prints: Mapping[int, str]

    def numbers(self, at: int) -> range:
        """Of the frames in the film for which the one at this place stands: one, if none is out."""
        after = min((one for one in self.times if one > at), default=self.cut.count)
        return range(self.cut.first + at * self.cut.step, self._number(after), self.cut.step)

    def _number(self, at: int) -> int:
        return min(self.cut.first + at * self.cut.step, self.cut.end)

    def to_bytes(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @staticmethod
    def of(data: bytes) -> Filmed | None:
        """None when it is of another hand, or of another version."""
        try:
            kept = json.loads(data)
            times = {int(at): int(time) for at, time in kept["times"].items()}
            prints = {at: str(kept["prints"][str(at)]) for at in times}
            film, cut = Film(**kept["film"]), Cut(**kept["cut"])
            return Filmed(film, cut, str(kept["title"]), times, prints)
        except BROKEN:
            return None


def printed(pixels: bytes) -> str:
    """What tells a frame that was painted on from one that was not."""
    return hashlib.blake2b(pixels, digest_size=12).hexdigest()
