"""The edge: how the patch fades into what is under it, never beyond what may change."""

from __future__ import annotations

import cv2
import numpy as np

from bridge.compose.put import stretched, stripes
from bridge.compose.values import Edge
from bridge.pixels import Array

FEATHER_SHARE = 0.02  # of the selection's mean edge length …
LEAST_FEATHER, MOST_FEATHER = 2.0, 24.0  # … within these, document px
TIGHT = 1.5  # model px: the fade where a local edit reaches the selection's edge; a longer one
# would blend old content into new
WHOLE, GONE = 0.3, 1.7  # work px from a change: shown in full up to here, no more from there


def shown(
    allowed: Array | None, shape: tuple[int, int], edge: Edge, usual: float | None = None
) -> Array:
    """float32 (H, W): 1 inside, falling to 0 inwards from the selection's edge.

    Where `allowed` (H, W) is 0 the result is exactly 0 (unless the edge grows); a soft selection
    stays as soft. With nothing selected everything is shown. usual: the fade in px where the
    artist chose none; None = by size.
    """
    if allowed is None:
        return np.ones(shape, np.float32)
    if edge.grow_px:
        allowed = grown(allowed, edge.grow_px)
    feather = edge.feather_px
    if feather is None:
        feather = feather_of(allowed) if usual is None else usual
    if feather <= 0:
        return allowed
    inside = (allowed > 0).astype(np.uint8)
    # The picture's own border is no edge: nothing lies beyond it to fade into.
    framed = cv2.copyMakeBorder(inside, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    left, top, wide, tall = cv2.boundingRect(inside)
    within = framed[top : top + tall + 2, left : left + wide + 2]
    distance = cv2.distanceTransform(within, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    ramp = np.clip(distance / (feather + 1), 0, 1).astype(np.float32)
    smooth = ramp * ramp * (3 - 2 * ramp)
    mask = np.zeros(shape, np.float32)
    place = np.s_[top : top + tall, left : left + wide]
    np.minimum(allowed[place], smooth, out=mask[place])
    return mask


def around(change: Array) -> Array:
    """(h, w) 0 and 1 -> 0..1: full over the change and a little beyond, where nothing differs."""
    still = (change < 0.5).astype(np.uint8)
    if not still.all():
        distance = cv2.distanceTransform(still, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        return np.asarray(np.clip((GONE - distance) / (GONE - WHOLE), 0, 1), np.float32)
    return np.zeros(change.shape, np.float32)


def limited(mask: Array, small: Array) -> Array:
    """`mask` (H, W) limited in place to a work-size mask (h, w)."""
    for rows in stripes(mask.shape[0]):
        wide = stretched(small, (mask.shape[0], mask.shape[1]), rows)
        np.minimum(mask[rows], wide, out=mask[rows])
    return mask


def feather_of(allowed: Array) -> float:
    """px, by the size of what is selected; 0 for a selection too small to fade."""
    covered = float((allowed > 0).sum())
    if covered < (4 * LEAST_FEATHER) ** 2:
        return 0.0
    return float(np.clip(np.sqrt(covered) * FEATHER_SHARE, LEAST_FEATHER, MOST_FEATHER))


def grown(allowed: Array, px: int) -> Array:
    """`allowed` with everything within `px` of it, at full strength there."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * px + 1, 2 * px + 1))
    return np.asarray(cv2.dilate(allowed, disc), np.float32)
