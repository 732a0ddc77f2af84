"""Models that repaint what is selected: what they cannot do, said before the click and after it.

Facts of a catalogue row: mask (a field: it repaints inside the selection and needs one), size
("canvas": what is selected lies beyond the picture's edges).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bridge.engines.base import Ask, Json
from bridge.errors import Unsupported
from bridge.geometry import Box
from bridge.pixels import Array

NOTHING_SELECTED = "This model repaints a selection; select what should change."
WHOLE_SIDES = (
    "This model paints on beyond the picture; select one or more whole sides of it, from edge to "
    "edge."
)


def objection_to(facts: Mapping[str, Json], selection: Box | None, whole: Box) -> str:
    """What its box alone tells; "" when nothing stands against it. whole: all there is of it."""
    canvas = facts.get("size") == "canvas"
    if not canvas and not facts.get("mask"):
        return ""
    if selection is None:
        return NOTHING_SELECTED
    return WHOLE_SIDES if canvas and not _may_be_sides(selection, whole) else ""


def _may_be_sides(selection: Box, whole: Box) -> bool:
    """Two sides that meet, such as the right and the lower one, have the whole for their box."""
    wide = selection.left <= whole.left and selection.right >= whole.right
    high = selection.top <= whole.top and selection.bottom >= whole.bottom
    at_a_side = selection.left <= whole.left or selection.right >= whole.right
    above_or_below = selection.top <= whole.top or selection.bottom >= whole.bottom
    return (high and at_a_side) or (wide and above_or_below)


def mask_of(ask: Ask) -> Array:
    """Unsupported when nothing is selected."""
    if ask.mask is None:
        raise Unsupported(NOTHING_SELECTED)
    return ask.mask


def known_span(ask: Ask) -> tuple[slice, slice]:
    """Rows and columns of what is there already. Unsupported unless it is a rectangle."""
    known = mask_of(ask) == 0
    rows, columns = np.flatnonzero(known.any(axis=1)), np.flatnonzero(known.any(axis=0))
    if not rows.size or not known[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all():
        raise Unsupported(WHOLE_SIDES)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
