"""Transparency: the patch keeps the source's alpha, or finds it anew.

A source with soft edges went to the model over a matte, so the answer's colours are mixed with it
there. They are unmixed by the compositing equation (Porter and Duff, 1984), C = aF + (1 - a)M.
Where the outline may change, alpha itself is solved from that equation with the colour of the
nearest pixels that are surely covered (as in Smith and Blinn, "Blue screen matting", 1996, with
one matte and a known foreground).
"""

from __future__ import annotations

import cv2
import numpy as np

from bridge.compose.put import stripes
from bridge.pixels import Array, Where

THIN = 0.08  # alpha below which unmixing would amplify noise; the nearest colour is taken
BARE = 6 / 255  # distance from the matte that a JPEG alone makes
SOLID = 40 / 255  # distance from the matte that no soft edge needs
NEAR, ALIKE = 2.0, 10 / 255  # px and distance within which an answer shows the same
CLEAR, THROUGH = 0.05, 0.25  # alpha as good as none or all; share of what is shown that matters
REACH = 12  # px: how far a new outline's edge colour is looked for


def unmixed(pixels: Array, alpha: Array, matte: tuple[float, float, float]) -> Array:
    """(H, W, 3) straight colours of a picture (H, W, 3) that lies over the matte."""
    out = np.empty_like(pixels)
    ground = np.asarray(matte, np.float32)
    solid = _carried(pixels, (alpha >= 1).astype(np.float32))
    for rows in stripes(pixels.shape[0]):
        share = alpha[rows, :, None]
        lifted = (pixels[rows] - (1 - share) * ground) / np.maximum(share, THIN)
        sure = np.clip(share / THIN - 1, 0, 1)
        soft = np.where(share > 0, sure * lifted + (1 - sure) * solid[rows], pixels[rows])
        out[rows] = np.where(share >= 1, pixels[rows], soft)
    return np.clip(out, 0, 1, out=out)


def found_anew(
    pixels: Array, original: Array, alpha: Array, matte: tuple[float, float, float]
) -> Array:
    """(H, W): the outline that the answer shows over the matte; the source's where it is the same.

    original: (H, W, 3), the source over the matte.
    """
    solved = _solved(pixels, alpha, matte)
    return np.asarray(np.where(_same(pixels, original), alpha, solved), np.float32)


def shows_through(alpha: Array, mask: Array) -> bool:
    """Whether a source of such alpha is seen through a patch of the same alpha over it."""
    seen = mask > 0.5
    half = seen & (alpha > CLEAR) & (alpha < 1 - CLEAR)
    return float(half.sum()) > THROUGH * float(seen.sum())


def _same(pixels: Array, original: Array) -> Where:
    """Where the answer shows what was there: its outline is known, hair by hair."""
    gap = np.abs(pixels - original).max(-1)
    return np.asarray(cv2.GaussianBlur(gap, (0, 0), NEAR), np.float32) < ALIKE


def _solved(pixels: Array, alpha: Array, matte: tuple[float, float, float]) -> Array:
    ground = np.asarray(matte, np.float32)
    away = np.abs(pixels - ground).max(-1)
    solid = (away > SOLID).astype(np.uint8)
    solid = np.asarray(cv2.erode(solid, np.ones((3, 3), np.uint8)))
    nearest = _carried(pixels, solid.astype(np.float32))
    to_front = nearest - ground
    along = ((pixels - ground) * to_front).sum(-1) / np.maximum((to_front**2).sum(-1), 1e-4)
    along = np.where(away > BARE, np.clip(along, 0, 1), 0)
    near = cv2.dilate(solid, np.ones((2 * REACH + 1,) * 2, np.uint8)) > 0
    found = np.where(solid > 0, 1, np.where(near, along, 0)).astype(np.float32)
    # What was opaque and happens to have the matte's colour is still opaque inside the outline.
    kept = (alpha >= 1) & (_filled(found) > 0)
    return np.maximum(found, kept.astype(np.float32))


def _carried(pixels: Array, known: Array) -> Array:
    """Every pixel's colour, or that of the known ones around it."""
    side = 2 * REACH + 1
    total = np.asarray(cv2.blur(pixels * known[..., None], (side, side)), np.float32)
    count = np.asarray(cv2.blur(known, (side, side)), np.float32)[..., None]
    return np.where(count > 1e-4, total / np.maximum(count, 1e-4), pixels).astype(np.float32)


def _filled(mask: Array) -> Array:
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    closed = cv2.morphologyEx((mask > 0.5).astype(np.uint8), cv2.MORPH_CLOSE, disc)
    outside = (1 - np.asarray(closed)).astype(np.uint8)
    framed = cv2.copyMakeBorder(outside, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    cv2.floodFill(framed, None, (0, 0), 0)
    return np.asarray(np.maximum(closed, framed[1:-1, 1:-1]), np.float32)
