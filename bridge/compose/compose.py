"""register -> gate -> colour -> change -> alpha -> report, as far as the wish wants them."""

from __future__ import annotations

import numpy as np

from bridge.compose.edge import shown
from bridge.compose.put import put_back
from bridge.compose.values import Patch, Piece, Report
from bridge.pixels import Array


def compose(piece: Piece) -> Patch:
    """The patch covers the whole box; only its mask limits what is seen of it."""
    shape = piece.original.shape[:2]
    placed = put_back(piece.answer, piece.to_answer, (shape[0], shape[1]))
    mask = shown(piece.selection, (shape[0], shape[1]), piece.edge)
    untouched = float((mask == 0).mean())
    return Patch(
        pixels=placed[..., :3],
        alpha=_alpha(piece, placed),
        mask=mask,
        verdict="trusted",
        wish=piece.wish or "local",
        report=Report(_line(piece), untouched=untouched, passes=piece.passes),
    )


def _alpha(piece: Piece, placed: Array) -> Array:
    """The source's own, unless its outline may change and the model gave one."""
    if piece.edge.outline and placed.shape[2] == 4:
        return placed[..., 3]
    return np.ones(placed.shape[:2], np.float32) if piece.alpha is None else piece.alpha


def _line(piece: Piece) -> str:
    again = f"; {_ordinal(piece.passes)} time through a model" if piece.passes > 1 else ""
    return ("lies exactly in place" if piece.lies == "in place" else "put back as sent") + again


def _ordinal(number: int) -> str:
    return {2: "second", 3: "third", 4: "fourth", 5: "fifth"}.get(number, f"{number}th")
