"""What is revised: noted at the press, and what came back for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .kept import Box


class Obstacle(Exception):
    """Why this cannot be revised, in a sentence for the artist."""


@dataclass(frozen=True)
class Target:
    """What was revised when the artist pressed the button; good for as long as the job runs."""

    image: int
    node: int  # id of the layer that the result goes above
    source: str  # layer, below or visible
    id: str  # the document as the bridge knows it
    name: str
    width: int
    height: int
    selection: Box | None
    coverage: bytes = b""  # of the selection's bounds: the artist may select something else
    own: int = 0  # id of the layer of ours that is made again, 0 for none
    last: str = ""  # tattoo of the layer that a film ends on, "" for none

    def document(self) -> dict[str, Any]:
        return {"id": self.id, "width": self.width, "height": self.height, "name": self.name}

    def box(self) -> Box:
        """What is selected, else the whole picture."""
        return self.selection or (0, 0, self.width, self.height)


@dataclass(frozen=True)
class Arrived:
    """A layer from the bridge: the header as it came, and its parts."""

    header: Mapping[str, Any]
    parts: Mapping[str, bytes]


@dataclass(frozen=True)
class Placed:
    """Layers in the picture, by their ids. group: they lie in, "" for a layer that came alone."""

    layers: tuple[str, ...]
    group: str


def as_said(said: Mapping[str, Any]) -> dict[str, Any]:
    """The choice in a recipe, to be sent once more; what went beside the pixels is not in it."""
    choice = {**said["choice"], "prompt": said["prompt"], "references": 0}
    if choice.get("film"):
        choice["film"] = {**choice["film"], "last_frame": False}
    return choice
