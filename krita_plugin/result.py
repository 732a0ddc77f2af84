"""A result in the picture: its variants, which one is shown, flipping, keeping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .canvas import Canvas
from .target import Placed, Target


@dataclass(frozen=True)
class Variant:
    """said: by the bridge, of this variant. edge: how it meets the picture, as it was asked for.

    before: what it was until its edge was changed, each with nothing before it.
    """

    revision: Mapping[str, Any]
    said: Mapping[str, Any]
    layer: str
    edge: Mapping[str, Any] = field(default_factory=dict)
    before: tuple[Variant, ...] = ()

    @property
    def number(self) -> int:
        return int(self.said["number"])

    @property
    def id(self) -> str:
        return str(self.revision["id"])


@dataclass
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
        if not self.variants:
            return None
        return self.variants[self.shown or 0]

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
        self, revision: Mapping[str, Any], placed: Placed, edge: Mapping[str, Any]
    ) -> None:
        """The shown variant has another layer now; the earlier one is hidden until it is kept."""
        at = self.shown or 0
        old = self.variants[at]
        said = next(one for one in revision["variants"] if one["number"] == old.number)
        before = (*old.before, replace(old, before=()))
        self.variants[at] = replace(
            old, revision=revision, said=said, layer=placed.layers[0], edge=edge, before=before
        )
        self.flip(at)

    def undo_replace(self) -> bool:
        """After an undo of `replace_front`: whether the layer from before is shown again."""
        front = self.front()
        if front is None or not front.before or self.canvas.there(self.target, [front.layer]):
            return False
        *earlier, last = front.before
        if not self.canvas.there(self.target, [last.layer]):
            return False
        at = self.shown or 0
        self.variants[at] = replace(last, before=tuple(earlier))
        self.flip(at)
        return True

    def undone(self) -> bool:
        return bool(self.variants) and not self.canvas.there(self.target, self._ids())

    def closed(self) -> bool:
        return not self.canvas.is_open(self.target)

    def _ids(self) -> list[str]:
        return [it.layer for one in self.variants for it in (one, *one.before)]
