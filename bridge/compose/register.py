"""Where the answer lies: several starts, one score, refinement from coarse to fine, a gate.

Everything is estimated outside the selection, on locally normalised grey (see structure.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np

from bridge.compose.bend import CELL, bend, positions
from bridge.compose.grid import Grid
from bridge.compose.lie import Agreement, Lie, Matrix
from bridge.compose.refine import OUTSIDE, corner_distance, inner, refine, slopes, steep, warped
from bridge.compose.starts import by_features, by_phase
from bridge.compose.structure import (
    FAINT,
    agreement,
    grey,
    is_smooth,
    local_correlation,
    normalised,
)
from bridge.compose.threads import beside
from bridge.pixels import Array

SURE = 0.92  # coarse score from which no dearer start is tried: correct ones lie above .93
STEPS, LAST = 10, 3  # of refinement on each level, on the finest
PATIENT = 30  # of a smooth picture, on any level: it comes nearer slowly
ZOOMS, SHIFTS = (0.92, 1.0, 1.08), (-4.0, 0.0, 4.0)  # and, coarse px, where it is looked for
HAZE = 5.0  # px: sigma that takes an answer's noise from a smooth picture, and nothing else of it
FAINT_IN_HAZE = 0.004  # contrast that is left of the noise then
NEAR = 2.0  # so wide the finest level looks at first: it begins within a tenth of a pixel
EARNED = 0.002  # score a bend must add to be kept
FITS = 0.01  # more of a slope that a homography must fit: few blocks hardly differ in score
TILTED = 0.3  # px at a corner from which a homography is worth its two degrees of freedom
AGAIN = 2  # times that what disagrees is looked for once more, where no start was sure
EDIT_SEEN = 10.0  # px: sigma of the correlation that tells an edit from what stayed
EDIT_BELOW = 0.4  # correlation below which a place is not asked where it lies
EDIT_MOST = 0.15  # share that must be left to ask
BENT = 0.12  # px: a smaller mean bend is noise of the estimate


def register(grid: Grid) -> Lie:
    """The best registration found; whether it may be used says its verdict."""
    levels = _levels(grid)
    if is_smooth(levels[0].fixed):
        return _of_slopes(grid, levels[0])
    starts = _coarse(levels)
    if grid.selection is None:
        levels, plane, tilted = _around_edit(levels, starts)
    else:
        plane, tilted = _followed(levels, starts[0])
    if len(levels) > 1:
        plane = _scaled(plane, 2.0)
    fine = levels[0]
    known = fine.fixed, fine.moving, fine.weight
    plane = refine(*known, plane, projective=tilted, steps=LAST, wide=NEAR)
    return _bent(levels, plane)


def _of_slopes(grid: Grid, clear: _Level) -> Lie:
    """The same of a smooth picture: through haze, and then without where that shows more."""
    levels = _levels(grid, HAZE)
    plane = _searched(levels[-1])
    if grid.selection is None:
        levels = _without_edit(levels, plane)
    for level in levels[-2::-1]:
        start = _scaled(plane, 2.0)
        plane = refine(level.fixed, level.moving, level.weight, start, steps=PATIENT)
    return _cleared(levels[0], clear, plane)


@dataclass(frozen=True, slots=True)
class _Level:
    """plain_*: grey 0..1. fixed, moving: the same, locally normalised."""

    plain_fixed: Array
    plain_moving: Array
    fixed: Array
    moving: Array
    weight: Array

    def score(self, plane: Matrix) -> Agreement:
        moved, there = warped(self.moving, plane, self.fixed.shape)
        return agreement(self.fixed, moved, self.weight * there)

    def fit(self, plane: Matrix) -> float:
        """0..1: how far the two agree where it is steep."""
        moved, there = warped(self.moving, plane, self.fixed.shape)
        steepest = steep(slopes(self.fixed), self.weight)
        asked = (self.weight * inner(there) > 0) & steepest
        gap = np.minimum(np.abs(moved - self.fixed)[asked], 1)
        return 1 - float(gap.mean()) if gap.size else 0.0


def _levels(grid: Grid, haze: float = 0.0) -> list[_Level]:
    """Finest first; each half the one before. haze: sigma, px, by which both are blurred first."""
    fixed, moving, weight = grey(grid.original), grey(grid.answer), grid.context
    if haze:
        fixed, moving = (
            np.asarray(cv2.GaussianBlur(plain, (0, 0), haze), np.float32)
            for plain in (fixed, moving)
        )
    faint = FAINT_IN_HAZE if haze else FAINT
    levels: list[_Level] = []
    while True:
        ready = beside(partial(normalised, fixed, faint), partial(normalised, moving, faint))
        levels.append(_Level(fixed, moving, *ready, weight))
        if len(levels) == 4 or min(fixed.shape) < 128:
            return levels
        size = (fixed.shape[1] // 2, fixed.shape[0] // 2)
        fixed, moving, weight = (
            np.asarray(cv2.resize(plain, size, interpolation=cv2.INTER_AREA), np.float32)
            for plain in (fixed, moving, weight)
        )
        weight = (weight > 0.99).astype(np.float32)
        faint /= 2  # what is left of the noise in means of pixels


def _followed(levels: list[_Level], start: Matrix) -> tuple[Matrix, bool]:
    """From the coarsest level to the second finest; whether it is a homography."""
    plane, tilted = start, False
    for level in levels[-2:0:-1]:
        plane, tilted = _finer(level, _scaled(plane, 2.0), levels[0], tilted)
    return plane, tilted


def _around_edit(levels: list[_Level], starts: list[Matrix]) -> tuple[list[_Level], Matrix, bool]:
    """Levels without the edit, of which nobody said where it lies, and what is found on them.

    An edit of most of the frame can make a wrong start score best: then all are followed, and what
    disagrees with the best of them is looked for again.
    """
    tried = []
    for start in starts:
        asked = _without_edit(levels, start)
        tried.append((asked, *_followed(asked, start)))
    if len(starts) == 1:
        return tried[0]
    half = min(1, len(levels) - 1)
    asked, plane, tilted = max(tried, key=lambda one: levels[half].score(one[1]).score)
    for _ in range(AGAIN):
        asked = _without_edit(levels, _scaled(plane, 0.5 ** (len(levels) - 1 - half)))
        plane, tilted = _finer(asked[half], plane, asked[0], tilted=False)
    return asked, plane, tilted


def _coarse(levels: list[_Level]) -> list[Matrix]:
    """The best starts at the coarsest level, refined there; one where it is sure, else all of them.

    Features only when others fail.
    """
    level = levels[-1]
    shifted = by_phase(level.fixed, level.moving, level.weight)
    tried = [_refined(level, np.eye(3)), _refined(level, shifted)]
    if max(score for score, _ in tried) < SURE:
        rich = levels[min(1, len(levels) - 1)]
        down = 0.5 ** (len(levels) - 1 - min(1, len(levels) - 1))
        for start in by_features(rich.plain_fixed, rich.plain_moving, rich.weight):
            tried.append(_refined(level, _scaled(start, down)))
    tried.sort(key=lambda pair: -pair[0])
    return [start for score, start in tried if score >= SURE][:1] or [start for _, start in tried]


def _searched(level: _Level) -> Matrix:
    """The start of a smooth picture, whose few blocks score by chance: what fits best of many."""
    height, width = level.fixed.shape
    found = []
    for zoom in ZOOMS:
        for shift in SHIFTS:
            across, down = ((1 - zoom) * (length - 1) / 2 + shift for length in (width, height))
            start = np.array([[zoom, 0, across], [0, zoom, down], [0, 0, 1]])
            plane = refine(level.fixed, level.moving, level.weight, start, steps=PATIENT)
            found.append((level.fit(plane), plane))
    return max(found, key=lambda pair: pair[0])[1]


def _refined(level: _Level, start: Matrix) -> tuple[float, Matrix]:
    """The refinement is kept only where the score does not fall."""
    before = level.score(start).score
    found = refine(level.fixed, level.moving, level.weight, start, steps=20)
    after = level.score(found).score
    return (after, found) if after >= before else (before, start)


def _without_edit(levels: list[_Level], plane: Matrix) -> list[_Level]:
    """Asks no more where the coarse structure disagrees: nobody said where the edit lies."""
    level = levels[min(1, len(levels) - 1)]
    up = 2.0 ** (len(levels) - 1 - min(1, len(levels) - 1))
    moved, there = warped(level.moving, _scaled(plane, up), level.fixed.shape)
    same = local_correlation(level.fixed, moved, EDIT_SEEN)
    kept = ((same > EDIT_BELOW) & there).astype(np.float32)
    if kept.mean() < EDIT_MOST:
        return levels
    weights = [
        np.asarray(cv2.resize(kept, one.fixed.shape[::-1], interpolation=cv2.INTER_NEAREST))
        for one in levels
    ]
    return [replace(one, weight=w) for one, w in zip(levels, weights, strict=True)]


def _finer(level: _Level, plane: Matrix, fine: _Level, tilted: bool) -> tuple[Matrix, bool]:
    """Refined as an affine map, and as a homography where that differs and agrees better."""
    known = level.fixed, level.moving, level.weight
    if tilted:
        return refine(*known, plane, projective=True, steps=STEPS), True
    flat = refine(*known, plane, steps=STEPS)
    found = refine(*known, flat, projective=True, steps=STEPS, wide=NEAR)
    share = level.fixed.shape[1] / fine.fixed.shape[1]
    if corner_distance(flat, found, level.fixed.shape) < TILTED * share:
        return flat, False
    earned = level.score(found).score > level.score(flat).score + EARNED / 2
    return (found, True) if earned else (flat, False)


def _cleared(hazy: _Level, clear: _Level, plane: Matrix) -> Lie:
    """Of a smooth picture: looked at without haze where that shows more than an answer's noise.

    A homography is begun in the haze, for it has a long way to go where slopes are all there is.
    """
    clear = replace(clear, weight=hazy.weight)
    score = clear.score(plane).score
    dim, bright = ((one.fixed, one.moving, one.weight) for one in (hazy, clear))
    for projective, earned in ((False, 0.0), (True, EARNED)):
        found = refine(*bright, plane, projective=projective, steps=PATIENT)
        rises = clear.score(found).score
        if rises > score + earned:
            plane, score = found, rises
    found = refine(*dim, plane, projective=True, steps=PATIENT)
    found = refine(*bright, found, projective=True, steps=PATIENT)
    if clear.score(found).score > score and hazy.fit(found) > hazy.fit(plane) + FITS:
        plane = found
    seen = (level.score(plane) for level in (hazy, clear))
    return Lie(plane, None, max(seen, key=lambda agreed: agreed.score))


def _bent(levels: list[_Level], plane: Matrix) -> Lie:
    """Adds the smooth bend when the score says that there is one."""
    fine = levels[0]
    half = levels[min(1, len(levels) - 1)]
    share = half.fixed.shape[1] / fine.fixed.shape[1]
    flat, field = beside(
        lambda: fine.score(plane),
        lambda: bend(half.fixed, half.moving, half.weight, _scaled(plane, share)) / share,
    )
    if float(np.sqrt((field**2).sum(-1)).mean()) < BENT:
        return Lie(plane, None, flat)
    maps = positions(field, CELL / share, plane, fine.fixed.shape)
    moved = cv2.remap(
        fine.moving,
        *maps,
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=OUTSIDE,
    )
    there = moved > OUTSIDE / 4
    curved = agreement(fine.fixed, np.where(there, moved, 0), fine.weight * there)
    if curved.score > flat.score + EARNED:
        return Lie(plane, field, curved, CELL / share)
    return Lie(plane, None, flat)


def _scaled(plane: Matrix, factor: float) -> Matrix:
    """The same map between grids `factor` times as large."""
    up = np.array([[factor, 0, factor / 2 - 0.5], [0, factor, factor / 2 - 0.5], [0, 0, 1]])
    scaled: Matrix = up @ plane @ np.linalg.inv(up)
    return scaled
