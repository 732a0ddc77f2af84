"""What was done, in figures and in one line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bridge.compose.grid import Grid
from bridge.compose.lie import Lie, Matrix
from bridge.compose.refine import corner_distance
from bridge.compose.values import Piece, Report

UNMOVED_PX = 0.3  # model px: nobody sees less
UNZOOMED = 0.0005
BENT_PX = 0.3
SMOOTH = 0.5  # of the picture's grain
SOFT = 0.7  # of the picture's fine contrast; less is seen beside it


def exact(piece: Piece, untouched: float) -> Report:
    return Report(
        "lies exactly in place" + _again(piece.passes), untouched=untouched, passes=piece.passes
    )


def of_tiles(
    found: Report, put: int, asked: int, *, score: float, drift: float, strayed: bool
) -> Report:
    """found: of what they make together. put: how many of those that were asked for lie in it.

    strayed: in places the draft was kept, for a tile showed something else.
    """
    line = f"painted out in {put} tiles" if put else "not painted out: no tile shows the draft"
    if 0 < put < asked:
        line = f"painted out in {put} of {asked} tiles; the rest shows the draft"
    if put and drift >= 0.5:
        line += f", put back from up to {drift:.0f} px"
    if strayed:
        line += "; where a tile showed something else the draft stays"
    return replace(
        found,
        line=line + _again(found.passes),
        score=_short(score),
        drift_px=_short(drift),
    )


def of_alpha(found: Report, *, through: bool, fixed: bool) -> Report:
    """through: what is under the layer is seen through it. fixed: a new outline cannot be found."""
    line = found.line
    if fixed:
        line += "; the outline stays, for it is only found where nothing lies beneath"
    if through:
        line += "; this layer is half-transparent: hide or erase it there to see the new one alone"
    return replace(found, line=line)


def refused(piece: Piece, lie: Lie) -> Report:
    line = "not put back: the model made another picture, and no part of it could be found again"
    return Report(line + _again(piece.passes), score=_short(lie.agreed.score), passes=piece.passes)


def as_sent(piece: Piece, lie: Lie | None) -> Report:
    score = None if lie is None else _short(lie.agreed.score)
    line = "a new composition, laid as it came" + _again(piece.passes)
    return Report(line, score=score, passes=piece.passes)


def registered(
    piece: Piece,
    grid: Grid,
    lie: Lie,
    *,
    color_shift: float | None,
    seam: float | None,
    untouched: float,
    crispness: float | None,
    grain: float | None,
    figures: dict[str, float],
    kept: tuple[str, ...],
) -> Report:
    plane = grid.to_answer @ lie.plane @ np.linalg.inv(grid.to_answer)
    tall, wide = piece.answer.shape[:2]
    zoom = float(np.sqrt(abs(np.linalg.det(plane[:2, :2]))))
    bend = None if lie.field is None else float(np.sqrt((lie.field**2).sum(-1)).mean())
    return Report(
        _line(zoom, _middle_shift(plane, wide, tall), bend)
        + _doubt(lie)
        + _softer(crispness, grain)
        + _again(piece.passes),
        score=_short(lie.agreed.score),
        drift_px=_short(corner_distance(np.eye(3), plane, (tall, wide))),
        zoom=round(zoom, 5),
        bend_px=_short(bend),
        color_shift=_short(color_shift),
        seam=_short(seam),
        untouched=_short(untouched),
        crispness=_short(crispness),
        grain=_short(grain),
        passes=piece.passes,
        figures=figures,
        kept=kept,
    )


def _line(zoom: float, shift: float, bend: float | None) -> str:
    moves = []
    if abs(zoom - 1) >= UNZOOMED:
        moves.append(f"{abs(zoom - 1) * 100:.1f} % zoom")
    if shift >= UNMOVED_PX:
        moves.append(f"{shift:.0f} px shift" if shift >= 0.95 else f"{shift:.1f} px shift")
    if bend is not None and bend >= BENT_PX:
        moves.append(f"{bend:.1f} px bend")
    if not moves:
        return "lay where it belongs"
    return "put back from " + " and ".join(filter(None, [", ".join(moves[:-1]), moves[-1]]))


def _middle_shift(plane: Matrix, wide: int, tall: int) -> float:
    middle = np.array([(wide - 1) / 2, (tall - 1) / 2, 1.0])
    moved = plane @ middle
    return float(np.hypot(*(moved[:2] / moved[2] - middle[:2])))


def _doubt(lie: Lie) -> str:
    return "; the model repainted much, look closely" if lie.verdict == "badged" else ""


def _softer(crispness: float | None, grain: float | None) -> str:
    """What is said of the one is not said of the other: an artist sees one thing."""
    if crispness is not None and crispness < SOFT:
        return f"; softer than the picture ({crispness * 100:.0f} % of its fine detail)"
    if grain is not None and grain < SMOOTH:
        return f"; smoother than the picture ({grain * 100:.0f} % of its grain)"
    return ""


def _again(passes: int) -> str:
    return f"; {_ordinal(passes)} time through a model" if passes > 1 else ""


def _ordinal(number: int) -> str:
    return {2: "second", 3: "third", 4: "fourth", 5: "fifth"}.get(number, f"{number}th")


def _short(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)
