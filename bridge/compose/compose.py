"""register -> gate -> colour -> change -> alpha -> report, as far as the wish wants them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bridge.compose import report
from bridge.compose.account import account
from bridge.compose.alpha import found_anew, shows_through, unmixed
from bridge.compose.change import changed, evidence
from bridge.compose.detail import REPAINTED, lit, painted_anew
from bridge.compose.edge import TIGHT, around, limited, shown
from bridge.compose.grid import Grid, work_grid
from bridge.compose.ground import Ground, ground_of
from bridge.compose.lie import Lie
from bridge.compose.offer import offered, outside
from bridge.compose.put import Finish, placed, put_back, stretched, written
from bridge.compose.register import register
from bridge.compose.seam import membrane
from bridge.compose.threads import beside
from bridge.compose.tone import NEUTRAL, Tone, fitted
from bridge.compose.values import Offer, Patch, Piece, Wish
from bridge.compose.wish import read_wish
from bridge.pixels import Array


def compose(piece: Piece) -> Patch:
    """The patch covers the whole box; only its mask limits what is seen of it."""
    if piece.lies == "in place":
        return _in_place(piece)
    if piece.wish == "new":
        return _as_sent(piece, None)
    grid = work_grid(piece)
    lie = register(grid)
    lost = piece.wish == "local" and grid.selection is not None and lie.lost
    if lie.verdict == "refused" or lost:
        return _unregistered(piece, lie)
    ground = ground_of(grid, lie)
    wish = piece.wish or read_wish(ground)
    way = {"local": _local, "light": _light, "style": _style}[wish]
    return _with_alpha(piece, way(piece, ground))


# --- by wish --------------------------------------------------------------------------------


def _local(piece: Piece, ground: Ground) -> Patch:
    """Only what is selected and changed, in the original's colours."""
    grid, moved = ground.grid, ground.moved
    trust = ground.kept * grid.context
    if trust.mean() < 0.02:
        trust = ground.kept
    back, forth = beside(
        lambda: fitted(moved, grid.original, trust, clips="source"),
        lambda: fitted(grid.original, moved, trust, clips="target"),
    )
    corrected = back.over(moved)
    departs = evidence(grid.original, moved, corrected, forth)
    change = changed(departs, ground.there)
    soft = around(change)
    offsets = membrane(grid.original, corrected, (soft <= 0) * ground.there)
    shape = _shape(piece)
    answer = placed(piece.answer[..., :3], grid, ground.lie, shape)
    pixels = written(shape, answer.rows, _toned(back, offsets, shape), piece.steps)
    offer = _offer(piece, grid, change, departs)
    mask = shown(piece.selection, shape, piece.edge, TIGHT / max(grid.from_box[0, 0], 1e-6))
    if piece.edge.include_offer and offer is not None:
        np.maximum(mask, offer.mask, out=mask)
    if not piece.edge.whole:
        mask = limited(mask, soft)
    corrected = np.clip(corrected + _wide(offsets, grid.shape), 0, 1)
    return _patch(piece, ground, "local", pixels, mask, corrected, change, offer)


def _light(piece: Piece, ground: Ground) -> Patch:
    """The original's own detail in the answer's light; the answer itself where it painted anew."""
    grid = ground.grid
    inside = np.ones(grid.shape, np.float32)
    if grid.selection is not None and (grid.selection > 0).any():
        inside = (grid.selection > 0).astype(np.float32)
    light = lit(grid.original, ground.moved, ground.there * inside * (ground.same > REPAINTED))
    new = painted_anew(ground.same, ground.there)
    shape = _shape(piece)
    answer = placed(piece.answer[..., :3], grid, ground.lie, shape) if new.any() else None

    def finish(pixels: Array, rows: slice) -> Array:
        out = light.apply(pixels, shape, rows)
        if answer is None:
            return out
        share = stretched(new, shape, rows)
        if not share.any():
            return out
        return out + (answer.rows(rows) - out) * share[..., None]

    pixels = written(shape, lambda rows: piece.original[rows], finish, piece.steps)
    mask = shown(piece.selection, shape, piece.edge)
    corrected = np.clip(light.apply(grid.original, grid.shape, slice(0, grid.shape[0])), 0, 1)
    return _patch(piece, ground, "light", pixels, mask, corrected, inside, None)


def _style(piece: Piece, ground: Ground) -> Patch:
    """All of the answer, its colours as they came; only the selection's edge is met."""
    grid, shape = ground.grid, _shape(piece)
    offsets = np.zeros((1, 1, 3), np.float32)
    if grid.selection is not None:
        offsets = membrane(grid.original, ground.moved, grid.context * ground.there)
    answer = placed(piece.answer[..., :3], grid, ground.lie, shape)
    pixels = written(shape, answer.rows, _toned(NEUTRAL, offsets, shape), piece.steps)
    mask = shown(piece.selection, shape, piece.edge)
    inside = np.ones(grid.shape, np.float32) if grid.selection is None else 1 - grid.context
    return _patch(piece, ground, "style", pixels, mask, ground.moved, inside, None)


# --- answers that are not registered --------------------------------------------------------


def _in_place(piece: Piece) -> Patch:
    shape = _shape(piece)
    laid = put_back(piece.answer, piece.to_answer, shape)
    mask = shown(piece.selection, shape, piece.edge)
    told = report.exact(piece, float((mask == 0).mean()))
    return _with_alpha(
        piece, Patch(laid[..., :3], _opaque(shape), mask, "trusted", piece.wish or "local", told)
    )


def _unregistered(piece: Piece, lie: Lie) -> Patch:
    """Another picture: wanted, or not, but never silently wrong."""
    if piece.wish == "style" or (piece.wish is None and piece.selection is None):
        laid = _as_sent(piece, lie)
        return replace(laid, wish="style", verdict="badged") if piece.wish == "style" else laid
    return replace(
        _as_sent(piece, lie),
        verdict="refused",
        wish=piece.wish or "local",
        report=report.refused(piece, lie),
    )


def _as_sent(piece: Piece, lie: Lie | None) -> Patch:
    shape = _shape(piece)
    laid = put_back(piece.answer, piece.to_answer, shape)
    mask = shown(piece.selection, shape, piece.edge)
    told = report.as_sent(piece, lie)
    return _with_alpha(piece, Patch(laid[..., :3], _opaque(shape), mask, "trusted", "new", told))


# --- parts ----------------------------------------------------------------------------------


def _toned(tone: Tone, offsets: Array, shape: tuple[int, int]) -> Finish:
    def finish(pixels: Array, rows: slice) -> Array:
        out = pixels if tone is NEUTRAL else tone.apply(pixels, shape, rows)
        return out + stretched(offsets, shape, rows) if offsets.any() else out

    return finish


def _offer(piece: Piece, grid: Grid, change: Array, departs: Array) -> Offer | None:
    if piece.selection is None or grid.selection is None:
        return None
    small = outside(change, departs, grid.selection)
    return None if small is None else offered(small, piece.selection)


def _patch(
    piece: Piece,
    ground: Ground,
    wish: Wish,
    pixels: Array,
    mask: Array,
    corrected: Array,
    change: Array,
    offer: Offer | None,
) -> Patch:
    lie = ground.lie
    told = account(piece, ground, wish, pixels, mask, corrected, change)
    verdict = "badged" if lie.verdict == "refused" else lie.verdict
    return Patch(pixels, _opaque(_shape(piece)), mask, verdict, wish, told, offer, lie)


def _with_alpha(piece: Piece, patch: Patch) -> Patch:
    """The source's alpha, or the outline the answer shows; colours freed of the matte."""
    if piece.edge.outline and piece.answer.shape[2] == 4:
        laid = put_back(piece.answer, piece.to_answer, _shape(piece))
        return replace(patch, alpha=np.ascontiguousarray(laid[..., 3]))
    if piece.alpha is None:
        return patch
    told = report.of_alpha(
        patch.report,
        through=shows_through(piece.alpha, patch.mask),
        fixed=piece.edge.outline and piece.matte is None,
    )
    patch = replace(patch, report=told)
    if piece.matte is None:
        return replace(patch, alpha=piece.alpha)
    alpha = piece.alpha
    if piece.edge.outline:
        alpha = found_anew(patch.pixels, piece.original, piece.alpha, piece.matte)
    return replace(patch, pixels=unmixed(patch.pixels, alpha, piece.matte), alpha=alpha)


def _wide(offsets: Array, shape: tuple[int, int]) -> Array:
    return stretched(offsets, shape, slice(0, shape[0]))


def _opaque(shape: tuple[int, int]) -> Array:
    return np.ones(shape, np.float32)


def _shape(piece: Piece) -> tuple[int, int]:
    return piece.original.shape[0], piece.original.shape[1]
