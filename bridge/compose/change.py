"""What the model really changed.

A pixel counts as changed only when it disagrees in the original's colours and in the model's: where
either side is clipped, one of the two comparisons is blind (Canny's hysteresis, 1986, joins what
is surely changed with what is likely). Differences within a fraction of a pixel's neighbourhood
are registration, not change.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from bridge.compose.difference import chroma, lab, spread
from bridge.compose.put import stripes
from bridge.compose.threads import each
from bridge.compose.tone import BRIGHT, DARK, Tone
from bridge.pixels import Array

Bits = npt.NDArray[np.uint8]

SURE, LIKELY = 5.5, 2.8  # dE above the level of what surely stayed
LEVEL = 20  # percentile taken as that level: an edit may cover two thirds of the frame
WITHIN = 0.5  # of the way to the neighbours' extremes that counts as registration
SMOOTH = 0.8  # px: sigma before comparing, about the grain of a JPEG
REACH = 4  # px from which a pixel's evidence comes
GATHER = 1.2  # px: sigma of the evidence
SMALLEST = 40  # px of work size; less is a speck
CLOSE = 5  # px: gaps up to this inside a change belong to it
MOST_BEYOND = 48  # px; further beyond the answer's border nothing is known of the edit
OPEN = 3.0  # times how far a channel is from being clipped: so far it is asked beyond that
HOLE = 0.01  # of the frame: smaller holes in a change belong to it


def evidence(original: Array, moved: Array, corrected: Array, forth: Tone) -> Array:
    """(h, w) dE by which the registered answer departs from the original, all (h, w, 3).

    corrected: `moved` in the original's colours; forth: from these to the model's.
    """
    shape = (original.shape[0], original.shape[1])
    departs = np.empty(shape, np.float32)

    def fill(rows: slice) -> None:
        top, end = max(0, rows.start - REACH), min(rows.stop + REACH, shape[0])
        near = slice(top, end)
        ours = _excess(original[near], corrected[near])
        shown = forth.apply(original[near], shape, near)
        theirs = _excess(np.clip(shown, 0, 1), moved[near] - _held_back(shown, moved[near]))
        departs[rows] = np.minimum(ours, theirs)[rows.start - top : rows.stop - top]

    each(stripes(shape[0]), fill)
    return _blurred(departs, GATHER)


def _held_back(shown: Array, moved: Array) -> Array:
    """How far a channel that would have been clipped, and was not, is from what it would have been.

    shown: the original as the model would have shown it, not clipped.
    """
    over = np.minimum(np.maximum(shown - 1, 0), OPEN * np.maximum(BRIGHT - moved, 0))
    under = np.minimum(np.maximum(-shown, 0), OPEN * np.maximum(moved - DARK, 0))
    return np.asarray(over - under, np.float32)


def changed(departs: Array, there: Array) -> Array:
    """(h, w) of 0 and 1. there: (h, w), 1 where the answer has pixels at all."""
    level = float(np.percentile(departs[::3, ::3], LEVEL))
    mask = _filled(_joined(departs * there, LIKELY + level, SURE + level))
    return _carried_on(mask, there).astype(np.float32)


def _excess(base: Array, other: Array) -> Array:
    """dE beyond what lies between a pixel and its neighbours."""
    mine, theirs = lab(_blurred(base, SMOOTH)), lab(_blurred(other, SMOOTH))
    ring = np.ones((3, 3), np.uint8)
    low = cv2.addWeighted(mine, 1 - WITHIN, cv2.erode(mine, ring), WITHIN, 0)
    high = cv2.addWeighted(mine, 1 - WITHIN, cv2.dilate(mine, ring), WITHIN, 0)
    gap = cv2.subtract(theirs, cv2.max(cv2.min(theirs, high), low))
    return spread(np.asarray(gap, np.float32), chroma(mine))


def _joined(departs: Array, likely: float, sure: float) -> Bits:
    """Hysteresis: what is likely, in one piece with what is sure."""
    maybe = (departs > likely).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(maybe, connectivity=8)
    peaks = np.bincount(labels[departs > sure], minlength=count)
    keep = (peaks >= SMALLEST // 4) & (stats[:, cv2.CC_STAT_AREA] >= SMALLEST)
    keep[0] = False
    return np.asarray(keep[labels], np.uint8)


def _filled(mask: Bits) -> Bits:
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * CLOSE + 1, 2 * CLOSE + 1))
    framed = cv2.copyMakeBorder(mask, *[2 * CLOSE] * 4, cv2.BORDER_REPLICATE)
    closed = cv2.morphologyEx(framed, cv2.MORPH_CLOSE, disc)
    closed = np.asarray(closed, np.uint8)[2 * CLOSE : -2 * CLOSE, 2 * CLOSE : -2 * CLOSE]
    count, labels, stats, _ = cv2.connectedComponentsWithStats(1 - closed, connectivity=4)
    small = stats[:, cv2.CC_STAT_AREA] < HOLE * mask.size
    small[0] = False
    return np.maximum(closed, small[labels]).astype(np.uint8) if count > 1 else closed


def _carried_on(mask: Bits, there: Array) -> Bits:
    """A change that reaches the answer's border goes on beyond it: nothing speaks against it."""
    missing = (there <= 0).astype(np.uint8)
    if not missing.any() or not mask.any():
        return mask
    framed = cv2.copyMakeBorder(missing, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    far = int(np.ceil(float(cv2.distanceTransform(framed, cv2.DIST_L2, 3).max())))
    reach = min(far, MOST_BEYOND)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    beyond = np.asarray(cv2.dilate(mask, disc), np.uint8) & missing
    return np.asarray(np.maximum(mask, beyond), np.uint8)


def _blurred(plain: Array, sigma: float) -> Array:
    return np.asarray(cv2.GaussianBlur(plain, (0, 0), sigma), np.float32)
