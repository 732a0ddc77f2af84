"""What is revised: noted at the press, and what came back for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .calls import Selection
from .kept import Box


@dataclass(frozen=True)
class Target:
    """What was revised when the artist pressed the button; good for as long as the job runs."""

    root: str  # unique id of the document's root: names the document among all that are open
    node: str  # unique id of the layer that the result goes above
    source: str  # layer, below or visible
    id: str  # the document as the bridge knows it
    name: str
    width: int
    height: int
    selection: Box | None
    coverage: Selection | None = None  # a copy: the artist may select something else meanwhile
    own: str = ""  # unique id of the layer of ours that is made again, "" for none

    def document(self) -> dict[str, Any]:
        return {"id": self.id, "width": self.width, "height": self.height, "name": self.name}

    def box(self) -> Box:
        return self.selection or (0, 0, self.width, self.height)


@dataclass(frozen=True)
class Arrived:
    """A layer from the bridge: the header as it came, and its parts."""

    header: Mapping[str, Any]
    parts: Mapping[str, bytes]


@dataclass(frozen=True)
class Placed:
    """Unique ids of layers, in order, and of the group they lie in, "" for none."""

    layers: tuple[str, ...]
    group: str
