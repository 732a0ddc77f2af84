"""What goes into compose and what comes out."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from bridge.compose.lie import Lie
from bridge.geometry import Affine
from bridge.pixels import Array

Verdict = Literal["trusted", "badged", "refused"]
Wish = Literal["local", "light", "style", "new"]


@dataclass(frozen=True, slots=True)
class Edge:
    """feather_px: inwards, document px; None = chosen for the size of the selection."""

    whole: bool = False
    grow_px: int = 0
    feather_px: float | None = None
    include_offer: bool = False
    outline: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """All arrays float32, sRGB-encoded, 0..1.

    original: (H, W, 3), the context box at document size. alpha: (H, W) of the source, None when
    opaque. selection: (H, W), 1 = repaint, None = everything. answer: (h, w, 3) or (h, w, 4) at
    model size. to_answer: from box coordinates to the answer's. lies: how the answer lies.
    wish: None = read it from the answer. passes: how often this went through a model.
    steps: of the document's depth where they are coarse enough to show as bands. keep: ids of what
    must stay. matte: what a transparent source was laid over, None = opaque.
    """

    original: Array
    alpha: Array | None
    selection: Array | None
    answer: Array
    to_answer: Affine
    lies: Literal["in place", "re-rendered"]
    wish: Wish | None
    edge: Edge
    passes: int = 1
    keep: tuple[str, ...] = ()
    matte: tuple[float, float, float] | None = None
    steps: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What the model also changed outside the selection. mask: (H, W), 1 = changed."""

    sentence: str
    mask: Array


@dataclass(frozen=True, slots=True)
class Report:
    """line: the verdict for the artist. Figures are None where they were not measured.

    score: structure that agrees, 0..1. drift_px: at the box's corners, largest, model px.
    zoom: 1 = none. color_shift: mean dE2000 removed. seam: dE2000 along the edge.
    untouched: share of selected pixels that show the original. bend_px: mean, work px.
    crispness, grain: fine contrast of the answer, and its grain, times the picture's. figures: what
    had to stay, by id, 1 = all of it did. kept: the ids of those that drifted.
    """

    line: str
    score: float | None = None
    drift_px: float | None = None
    zoom: float | None = None
    color_shift: float | None = None
    seam: float | None = None
    untouched: float | None = None
    passes: int = 1
    kept: tuple[str, ...] = ()
    bend_px: float | None = None
    crispness: float | None = None
    grain: float | None = None
    figures: dict[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Patch:
    """At document size. pixels: (H, W, 3), the whole registered answer. alpha: (H, W).

    mask: (H, W), what of it is shown: exactly 0 wherever nothing may change. lie: where the answer
    was found to lie, None where it was not registered.
    """

    pixels: Array
    alpha: Array
    mask: Array
    verdict: Verdict
    wish: Wish
    report: Report
    offer: Offer | None = None
    lie: Lie | None = None
