"""Sizes, boxes and exact maps between pixel grids.

Coordinates are continuous: a pixel at index i covers [i, i + 1) and its centre lies at i + 0.5.
In these coordinates a resize is a pure scale, with no half-pixel offsets to remember; only
`Affine.for_indices` turns a map into the index convention that image libraries expect.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    width: int
    height: int

    @property
    def pixels(self) -> int:
        return self.width * self.height

    @property
    def ratio(self) -> float:
        """Width over height."""
        return self.width / self.height

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True, slots=True)
class Box:
    """Half-open integer rectangle; the origin is the top left corner of the document."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def size(self) -> Size:
        return Size(self.width, self.height)

    @property
    def empty(self) -> bool:
        return self.width <= 0 or self.height <= 0

    def intersect(self, other: Box) -> Box:
        """The common part; its edges never cross, so an empty result has no negative side."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Box(left, top, max(left, right), max(top, bottom))

    def contains(self, other: Box) -> bool:
        return (
            self.left <= other.left
            and self.top <= other.top
            and self.right >= other.right
            and self.bottom >= other.bottom
        )

    def grow(self, px: int) -> Box:
        return Box(self.left - px, self.top - px, self.right + px, self.bottom + px)

    def shift(self, dx: int, dy: int) -> Box:
        return Box(self.left + dx, self.top + dy, self.right + dx, self.bottom + dy)

    @staticmethod
    def of(size: Size, left: int = 0, top: int = 0) -> Box:
        return Box(left, top, left + size.width, top + size.height)

    def slices(self, within: Box) -> tuple[slice, slice]:
        """Rows and columns of this box in an array that holds `within`."""
        return (
            slice(self.top - within.top, self.bottom - within.top),
            slice(self.left - within.left, self.right - within.left),
        )


@dataclass(frozen=True, slots=True)
class Affine:
    """x' = xx·x + xy·y + x0,  y' = yx·x + yy·y + y0, in continuous coordinates."""

    xx: float = 1.0
    xy: float = 0.0
    x0: float = 0.0
    yx: float = 0.0
    yy: float = 1.0
    y0: float = 0.0

    def __call__(self, x: float, y: float) -> tuple[float, float]:
        return self.xx * x + self.xy * y + self.x0, self.yx * x + self.yy * y + self.y0

    def then(self, after: Affine) -> Affine:
        """The map that applies this one first and `after` second."""
        return Affine(
            after.xx * self.xx + after.xy * self.yx,
            after.xx * self.xy + after.xy * self.yy,
            after.xx * self.x0 + after.xy * self.y0 + after.x0,
            after.yx * self.xx + after.yy * self.yx,
            after.yx * self.xy + after.yy * self.yy,
            after.yx * self.x0 + after.yy * self.y0 + after.y0,
        )

    def inverse(self) -> Affine:
        """ZeroDivisionError when the map is flat."""
        det = self.xx * self.yy - self.xy * self.yx
        xx, xy = self.yy / det, -self.xy / det
        yx, yy = -self.yx / det, self.xx / det
        return Affine(
            xx, xy, -(xx * self.x0 + xy * self.y0), yx, yy, -(yx * self.x0 + yy * self.y0)
        )

    def for_indices(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        """The 2x3 matrix of the same map between pixel indices (centres at integers)."""
        x0 = self.x0 + 0.5 * (self.xx + self.xy) - 0.5
        y0 = self.y0 + 0.5 * (self.yx + self.yy) - 0.5
        return (self.xx, self.xy, x0), (self.yx, self.yy, y0)

    @staticmethod
    def between(box: Box, size: Size) -> Affine:
        """From document coordinates to a grid of `size` pixels that covers `box` exactly."""
        sx, sy = size.width / box.width, size.height / box.height
        return Affine(sx, 0.0, -sx * box.left, 0.0, sy, -sy * box.top)
