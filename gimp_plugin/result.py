"""A revision's layers in the picture: which one is shown, flipping, keeping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .canvas import Canvas, Target


@dataclass
class Result:
    """layers: their unique ids by the variant's number. shown: a variant's place in the revision.

    Every call that touches the picture may raise Obstacle.
    """

    canvas: Canvas
    target: Target
    revision: Mapping[str, Any]
    layers: Mapping[int, str]

    def __post_init__(self) -> None:
        self.shown = self._done()[0]
        self._original = False

    def states(self) -> list[str]:
        return [one["state"] for one in self.revision["variants"]]

    def line(self) -> str:
        """The report on what is shown."""
        return str(self.revision["variants"][self.shown]["line"])

    def flip(self, variant: int) -> None:
        self.canvas.show(self.target, self._ids(), self._done().index(variant))
        self.shown = variant

    def step(self, by: int) -> None:
        done = self._done()
        self.flip(done[(done.index(self.shown) + by) % len(done)])

    def original(self, wanted: bool | None = None) -> None:
        """The untouched picture, or the result again; None: the other of the two."""
        self._original = not self._original if wanted is None else wanted
        at = None if self._original else self._done().index(self.shown)
        self.canvas.show(self.target, self._ids(), at)

    def keep(self) -> None:
        self.canvas.keep(self.target, self._ids(), self._done().index(self.shown))

    def in_sight(self) -> bool:
        return self.canvas.is_active(self.target)

    def undone(self) -> bool:
        return self.in_sight() and not self.canvas.there(self.target, self._ids())

    def closed(self) -> bool:
        return not self.canvas.is_open(self.target)

    def _done(self) -> list[int]:
        """Places of the variants that have a layer."""
        variants = self.revision["variants"]
        return [at for at, one in enumerate(variants) if one["number"] in self.layers]

    def _ids(self) -> list[str]:
        return [self.layers[self.revision["variants"][at]["number"]] for at in self._done()]
