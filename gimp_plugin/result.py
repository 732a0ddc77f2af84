"""A result in the picture: its variants, which one is shown, flipping, keeping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .canvas import Canvas
from .target import Arrived, Placed, Target


@dataclass(frozen=True)
class Variant:
    """said: by the bridge, of this variant. edge: how it meets the picture, as it was asked for.

    other: the layer in whose place this one came when its edge was changed; an undo brings it
    back.
    """

    revision: Mapping[str, Any]
    said: Mapping[str, Any]
    layer: str
    edge: Mapping[str, Any] = field(default_factory=dict)
    other: Variant | None = None

    @property
    def number(self) -> int:
        return int(self.said["number"])

    @property
    def id(self) -> str:
        return str(self.revision["id"])


@dataclass(eq=False)
class Result:
    """shown: a variant's place, None when none is, as after a refusal to fit.

    Every call that touches the picture may raise Obstacle.
    """

    canvas: Canvas
    target: Target
    choice: Mapping[str, Any]  # as it was sent
    group: str = ""
    variants: list[Variant] = field(default_factory=list)
    shown: int | None = None

    def land(self, placed: Placed, variants: Sequence[Variant], visible: Sequence[bool]) -> None:
        """What has just been placed. The first that may be seen is shown, if none is yet."""
        first = len(self.variants)
        self.group = placed.group or self.group
        self.variants += variants
        if self.shown is None and any(visible):
            self.shown = first + list(visible).index(True)

    def placed(self) -> Placed | None:
        """None before anything is."""
        return Placed(tuple(self._ids()), self.group) if self.variants else None

    def front(self) -> Variant | None:
        """The variant shown, else the first."""
        return self.variants[self.shown or 0] if self.variants else None

    def flip(self, at: int) -> None:
        self.canvas.show(self.target, self._ids(), self.variants[at].layer)
        self.shown = at

    def step(self, by: int) -> None:
        if self.variants:
            self.flip(((self.shown or 0) + by) % len(self.variants))

    def original(self, wanted: bool) -> None:
        """The untouched picture, or the result again."""
        shown = "" if wanted or self.shown is None else self.variants[self.shown].layer
        self.canvas.show(self.target, self._ids(), shown)

    def keep(self) -> None:
        front = self.front()
        if front is not None:
            self.canvas.keep(self.target, self._ids(), front.layer)

    def replace_front(
        self, revision: Mapping[str, Any], arrived: Arrived, edge: Mapping[str, Any]
    ) -> None:
        """The shown variant with another edge, in the place of its layer."""
        at = self.shown or 0
        old = self.variants[at]
        layer = self.canvas.replace(self.target, old.layer, arrived)
        said = next(one for one in revision["variants"] if one["number"] == old.number)
        self.variants[at] = Variant(revision, said, layer, edge, replace(old, other=None))
        self.shown = at

    def look_again(self) -> bool:
        """After an undo, or a redo, of `replace_front`: whether the other layer is there now."""
        changed = False
        for at, one in enumerate(self.variants):
            other = one.other
            if other is None or self.canvas.there(self.target, [one.layer]):
                continue
            if self.canvas.there(self.target, [other.layer]):
                self.variants[at] = replace(other, other=replace(one, other=None))
                changed = True
        return changed

    def undone(self) -> bool:
        return bool(self.variants) and not self.canvas.there(self.target, self._ids())

    def closed(self) -> bool:
        return not self.canvas.is_open(self.target)

    def _ids(self) -> list[str]:
        return [one.layer for one in self.variants]
