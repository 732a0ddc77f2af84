"""A picture asked for in tiles, where one request cannot paint all of it sharply.

Only what there is a draft of is painted in tiles. The draft holds what is where and in which tone,
so that each tile can be asked for, checked and put back by itself, and no seam shows.
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.engines.base import Limits
from bridge.errors import Unsupported
from bridge.geometry import Box, Size
from bridge.plan import Plan, fitted

ENOUGH = 0.9  # model pixels per document pixel that a tile must reach …
GAIN = 1.25  # … or so many times what one request reaches, to be worth its price
MOST = 16  # tiles; more are too many requests to wait for
OVERLAP = 96  # document px that neighbours share: in these one fades into the other
MARGIN = 48  # document px around a selection, for its edge to lie within a tile


def make_tiles(
    document: Size,
    selection: Box | None,
    limits: Limits,
    tier: str,
    within: Box | None = None,
) -> Plan:
    """The fewest tiles of this tier that are sharp enough, or the sharpest there are. One request

    where that does. Unsupported as `make_plan` says.
    """
    whole = within or Box.of(document)
    wanted = whole if selection is None else selection.grow(MARGIN).intersect(whole)
    if wanted.empty:
        raise Unsupported("The selection lies outside the picture; select something inside it.")
    best: Plan | None = None
    for count in range(1, MOST + 1):
        plans = [_laid(wanted, whole, limits, tier, *grid) for grid in _grids(count)]
        sharpest = max(plans, key=lambda plan: plan.scale)
        if sharpest.scale >= ENOUGH:
            return sharpest
        if best is None or sharpest.scale > best.scale:
            best = sharpest
    assert best is not None  # MOST is not 0
    return best


def _grids(count: int) -> Iterator[tuple[int, int]]:
    """Columns and rows of so many tiles."""
    for columns in range(1, count + 1):
        if count % columns == 0:
            yield columns, count // columns


def _laid(wanted: Box, whole: Box, limits: Limits, tier: str, columns: int, rows: int) -> Plan:
    across = _spans(wanted.left, wanted.right, columns)
    down = _spans(wanted.top, wanted.bottom, rows)
    tiles = tuple(
        fitted(Box(left, top, right, bottom), whole, limits, tier)
        for top, bottom in down
        for left, right in across
    )
    if len(tiles) == 1:
        return tiles[0]
    box = Box(
        min(tile.box.left for tile in tiles),
        min(tile.box.top for tile in tiles),
        max(tile.box.right for tile in tiles),
        max(tile.box.bottom for tile in tiles),
    )
    return Plan(box, box.intersect(whole), tiles[0].send, tiles[0].tier, tiles)


def _spans(start: int, end: int, count: int) -> list[tuple[int, int]]:
    """As long as each other, to a pixel; neighbours share OVERLAP."""
    length = -(-(end - start + OVERLAP * (count - 1)) // count)
    step = (end - start - length) / max(1, count - 1)
    firsts = [start + round(step * i) for i in range(count)]
    return [(first, min(end, first + length)) for first in firsts]
