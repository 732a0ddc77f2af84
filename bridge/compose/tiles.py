"""A draft painted out in tiles, each put back over it in its tone and fading into its neighbours.

The draft shows everywhere what is where and in which colours. So every tile can be registered over
its whole frame, the colours it drifted by are taken back towards the draft, and what low
frequencies are left of a difference are carried away by the membrane: neighbours meet in the tone
of the draft, whatever each of them came in. Where a tile shows something else the draft stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np

from bridge.compose import report
from bridge.compose.compose import compose
from bridge.compose.difference import difference, lab
from bridge.compose.dither import dithered
from bridge.compose.grid import work_grid
from bridge.compose.ground import ground_of
from bridge.compose.put import placed, put_back, stretched, stripes, written
from bridge.compose.refine import corner_distance
from bridge.compose.register import register
from bridge.compose.seam import membrane
from bridge.compose.tone import fitted
from bridge.compose.values import Edge, Patch, Piece, Verdict
from bridge.geometry import Affine, Box
from bridge.pixels import Array

DETAIL = 4.0  # work px: sigma of what a draft is too soft to show
STRAY = 14.0  # dE beyond that: something else was painted there
LARGE = 13  # work px across, of a place that is worth it
FADE = 96  # document px over which a tile fades into its neighbour or the draft
LEAST = 1e-6  # of a tile's share, below which it says nothing
SOFT = 1.5  # document px: the draft brought its own fade along
SAME = 1e-6  # of a channel: what the draft differs less by shows the original


@dataclass(frozen=True, slots=True)
class Tile:
    """box: in the piece's own pixels. answer: (h, w, 3 or 4) at model size, None = none came.

    lies: as in Piece.
    """

    box: Box
    answer: Array | None
    lies: Literal["in place", "re-rendered"] = "re-rendered"


def compose_tiles(piece: Piece, draft: Array, tiles: Sequence[Tile]) -> Patch:
    """piece: of the whole box; its answer is not looked at. draft: (H, W, 3), the original with

    what the draft shows laid over it; only where it shows something is anything put.
    """
    canvas, found = _joined(draft, tiles, piece.steps)
    differs = (np.abs(draft - piece.original).max(-1) > SAME).astype(np.float32)
    allowed = differs if piece.selection is None else piece.selection * differs
    feather = SOFT if piece.edge.feather_px is None else piece.edge.feather_px
    whole = replace(
        piece,
        selection=None if allowed.all() else allowed,
        answer=canvas,
        to_answer=Affine(),
        lies="in place",
        edge=replace(piece.edge, outline=False, feather_px=feather),
    )
    patch = compose(whole)
    told = report.of_tiles(
        patch.report,
        len(found),
        len(tiles),
        score=min((one.score for one in found), default=0.0),
        drift=max((one.drift for one in found), default=0.0),
        strayed=any(one.stray is not None for one in found),
    )
    return replace(patch, report=told, verdict=_verdict(found, len(tiles)))


@dataclass(frozen=True, slots=True)
class _Put:
    """How a tile was put back. pixels: (h, w, 3) over its box. drift: model px at its corners.

    stray: (h, w) 0..1 at work size, where it shows something else than the draft; None = nowhere.
    """

    pixels: Array
    stray: Array | None = None
    score: float = 1.0
    drift: float = 0.0
    sure: bool = True


def _joined(draft: Array, tiles: Sequence[Tile], steps: int | None) -> tuple[Array, list[_Put]]:
    """The draft with every tile in it that could be put, and how these were."""
    total = np.zeros(draft.shape, np.float32)
    weight = np.zeros(draft.shape[:2], np.float32)
    frame = _around([tile.box for tile in tiles])
    found: list[_Put] = []
    for tile in tiles:
        at = np.s_[tile.box.top : tile.box.bottom, tile.box.left : tile.box.right]
        put = _put(np.ascontiguousarray(draft[at]), tile)
        if put is None:
            continue
        share = _share(tile.box, frame)
        if put.stray is not None:
            shape = share.shape[0], share.shape[1]
            share *= 1 - stretched(put.stray, shape, slice(0, shape[0]))
        total[at] += put.pixels * share[..., None]
        weight[at] += share
        found.append(replace(put, pixels=total[:0]))  # no tile is kept longer than it is used
    for rows in stripes(draft.shape[0]):
        there = weight[rows, :, None]
        mean = total[rows] / np.maximum(there, LEAST)
        mixed = draft[rows] + (mean - draft[rows]) * np.minimum(there, 1)
        total[rows] = dithered(np.asarray(mixed, np.float32), rows, steps)
    return np.clip(total, 0, 1, out=total), found


def _put(under: Array, tile: Tile) -> _Put | None:
    """Over the draft `under`, in its tone; None where it shows something else, or none came."""
    if tile.answer is None:
        return None
    shape = under.shape[0], under.shape[1]
    tall, wide = tile.answer.shape[:2]
    answer = np.ascontiguousarray(tile.answer[..., :3])
    to_answer = Affine(wide / shape[1], 0, 0, 0, tall / shape[0], 0)
    if tile.lies == "in place":
        return _Put(put_back(answer, to_answer, shape))
    grid = work_grid(Piece(under, None, None, answer, to_answer, tile.lies, "local", Edge()))
    lie = register(grid)
    if lie.verdict == "refused":
        return None
    ground = ground_of(grid, lie)
    tone = fitted(ground.moved, grid.original, ground.kept, clips="source")
    corrected = np.clip(tone.apply(ground.moved, grid.shape), 0, 1)
    offsets = membrane(grid.original, corrected, ground.there)

    def finish(pixels: Array, rows: slice) -> Array:
        return tone.apply(pixels, shape, rows) + stretched(offsets, shape, rows)

    pixels = written(shape, placed(answer, grid, lie, shape).rows, finish)
    plane = grid.to_answer @ lie.plane @ np.linalg.inv(grid.to_answer)
    drift = corner_distance(np.eye(3), plane, (tall, wide))
    stray = _stray(grid.original, corrected)
    return _Put(pixels, stray, lie.agreed.score, drift, lie.verdict == "trusted")


def _stray(draft: Array, corrected: Array) -> Array | None:
    """(h, w) 0..1 where the two differ by more than detail, in pieces worth the name."""
    soft = [np.asarray(cv2.GaussianBlur(one, (0, 0), DETAIL)) for one in (draft, corrected)]
    away = (difference(lab(soft[0]), lab(soft[1])) > STRAY).astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (LARGE, LARGE))
    away = np.asarray(cv2.morphologyEx(away, cv2.MORPH_OPEN, disc), np.uint8)
    if not away.any():
        return None
    wide = np.asarray(cv2.dilate(away, disc), np.float32)
    return np.asarray(cv2.GaussianBlur(wide, (0, 0), DETAIL), np.float32)


def _share(box: Box, frame: Box) -> Array:
    """(h, w) 0..1: falling to 0 at each side that is not the frame's own."""
    across = np.minimum(
        _ramp(box.width, fades=box.left > frame.left),
        _ramp(box.width, fades=box.right < frame.right)[::-1],
    )
    down = np.minimum(
        _ramp(box.height, fades=box.top > frame.top),
        _ramp(box.height, fades=box.bottom < frame.bottom)[::-1],
    )
    return np.asarray(down[:, None] * across[None, :], np.float32)


def _ramp(length: int, *, fades: bool) -> Array:
    if not fades:
        return np.ones(length, np.float32)
    ramp = np.clip((np.arange(length, dtype=np.float32) + 0.5) / FADE, 0, 1)
    return np.asarray(ramp * ramp * (3 - 2 * ramp), np.float32)


def _around(boxes: Sequence[Box]) -> Box:
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


def _verdict(found: Sequence[_Put], count: int) -> Verdict:
    if not found:
        return "refused"
    return "trusted" if len(found) == count and all(one.sure for one in found) else "badged"
