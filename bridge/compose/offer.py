"""What the model also changed outside the selection and what belongs to the edit: a shadow."""

from __future__ import annotations

import cv2
import numpy as np

from bridge.compose.edge import around
from bridge.compose.put import stretched, stripes
from bridge.compose.values import Offer
from bridge.pixels import Array

SENTENCE = "The model also changed this outside the selection. Include it?"
LEAST = 4e-4  # of the frame; less is no shadow
NEAR = 0.2  # of the selection's mean edge length: further away it has nothing to do with the edit
NEAR_PX = 16.0  # at least
MOST = 0.35  # of what is outside: a model that changed more repainted the picture
STRONG = 3.2  # mean dE of a change worth a question


def outside(change: Array, departs: Array, selection: Array) -> Array | None:
    """(h, w) 0..1: what changed outside and belongs to the edit; None when nothing does.

    change: (h, w) of 0 and 1. departs: (h, w) dE. selection: (h, w), all at work size.
    """
    beyond = selection <= 0
    # A change that ends where the selection does spills by the width of its own smoothing.
    rim = cv2.dilate((~beyond).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    seen = ((change > 0) & ~rim).astype(np.uint8)
    if seen.sum() > MOST * beyond.sum():
        return None
    away = cv2.distanceTransform(beyond.astype(np.uint8), cv2.DIST_L2, 3)
    reach = max(NEAR_PX, NEAR * float(np.sqrt((~beyond).sum())))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(seen, connectivity=8)
    kept = np.zeros(count, bool)
    for label in range(1, count):
        left, top, wide, tall, area = stats[label]
        if area < LEAST * seen.size:
            continue
        part = np.s_[top : top + tall, left : left + wide]
        mine = labels[part] == label
        near = float(away[part][mine].min()) <= reach
        kept[label] = near and float(departs[part][mine].mean()) >= STRONG
    if not kept.any():
        return None
    return around(kept[labels].astype(np.float32))


def offered(small: Array, selection: Array) -> Offer:
    """small: (h, w) at work size. selection: (H, W); the offer is 0 where it is set."""
    shape = (selection.shape[0], selection.shape[1])
    mask = np.empty(shape, np.float32)
    for rows in stripes(shape[0]):
        mask[rows] = stretched(small, shape, rows) * (1 - selection[rows])
    return Offer(SENTENCE, mask)
