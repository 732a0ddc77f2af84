"""What had to stay, measured: one figure each, 1 = all of it stayed."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from bridge.compose.difference import lab
from bridge.compose.structure import grey, local_correlation, normalised
from bridge.pixels import Array, Where

Bits = npt.NDArray[np.uint8]

# Below these the artist should look: each is well under what a faithful answer reaches.
DRIFTED = {
    "composition": 0.6,
    "palette": 0.9,
    "identity": 0.6,
    "lettering": 0.6,
    "silhouette": 0.6,
    "product": 0.55,
}
COARSE = 6  # the composition is what is left at a sixth of the size
NEAR = 2  # px within which an outline is the same outline
LONG = 60  # px: a shape's own contour; shorter ones are texture, print and reflections
FINE, BROAD = 1.5, 3.0  # px: sigma before outlines are looked for, and before contours
STEEP, FAINT = (40, 100), (20, 50)  # slopes between which Canny joins, half of it when so blurred
BIN = 8.0  # Lab units: colours this near are the same on a palette


def figures(keep: tuple[str, ...], original: Array, moved: Array, where: Where) -> dict[str, float]:
    """By id, for the known ones of `keep`. original, moved: (h, w, 3); where: (h, w) bool."""
    if not where.any():
        return {}
    found = {}
    for constraint in keep:
        if constraint in _MEASURES:
            found[constraint] = round(_MEASURES[constraint](original, moved, where), 3)
    return found


def drifted(found: dict[str, float]) -> tuple[str, ...]:
    return tuple(name for name, value in found.items() if value < DRIFTED[name])


def _composition(original: Array, moved: Array, where: Where) -> float:
    size = (max(16, where.shape[1] // COARSE), max(16, where.shape[0] // COARSE))
    one, other = (
        normalised(
            grey(np.asarray(cv2.resize(plain, size, interpolation=cv2.INTER_AREA), np.float32))
        )
        for plain in (original, moved)
    )
    small = cv2.resize(where.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.5
    same = local_correlation(one, other, 6.0)
    return float(same[small].mean()) if small.any() else 1.0


def _palette(original: Array, moved: Array, where: Where) -> float:
    """Share of the shown colours that the original's palette has, neighbours included."""
    have = np.zeros((14, 34, 34), np.uint8)
    np.put(have, _bins(original[::2, ::2].reshape(-1, 3)), 1)
    ring = np.ones((3, 3), np.uint8)
    wide = np.stack([cv2.dilate(layer, ring) for layer in have])
    wide = np.maximum(wide, np.maximum(np.roll(wide, 1, 0), np.roll(wide, -1, 0)))
    return float(wide.reshape(-1)[_bins(moved[where])].mean())


def _identity(original: Array, moved: Array, where: Where) -> float:
    same = local_correlation(normalised(grey(original)), normalised(grey(moved)), 8.0)
    return float(same[where].mean())


def _lettering(original: Array, moved: Array, where: Where) -> float:
    """Where thin strokes of high contrast are: whether they are still there."""
    one, other = grey(original), grey(moved)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    strokes = np.maximum(
        cv2.morphologyEx(one, cv2.MORPH_BLACKHAT, disc),
        cv2.morphologyEx(one, cv2.MORPH_TOPHAT, disc),
    )
    thin = (np.asarray(strokes) > 0.2) & where
    if thin.sum() < 50:
        return 1.0
    same = local_correlation(normalised(one), normalised(other), 3.0)
    return float(same[thin].mean())


def _silhouette(original: Array, moved: Array, where: Where) -> float:
    """F-score of the outlines, within a tolerance."""
    return _alike(_outlines(original), _outlines(moved), where)


def _product(original: Array, moved: Array, where: Where) -> float:
    """The same of long contours only: proportions and parts, whatever light does on the surface."""
    return _alike(_contours(original), _contours(moved), where)


def _alike(one: Bits, other: Bits, where: Where) -> float:
    """1 where neither has any inside `where`."""
    if not one[where].any() and not other[where].any():
        return 1.0
    ring = np.ones((2 * NEAR + 1,) * 2, np.uint8)
    found = (other & cv2.dilate(one, ring))[where].sum() / max(1, other[where].sum())
    missed = (one & cv2.dilate(other, ring))[where].sum() / max(1, one[where].sum())
    return float(2 * found * missed / max(found + missed, 1e-6))


def _outlines(pixels: Array, soft: float = FINE, steep: tuple[int, int] = STEEP) -> Bits:
    """Canny's edges of a picture (h, w, 3) blurred by `soft` px."""
    plain = cv2.GaussianBlur(grey(pixels), (0, 0), soft)
    edges = cv2.Canny((np.clip(plain, 0, 1) * 255).astype(np.uint8), *steep)
    return (np.asarray(edges) > 0).astype(np.uint8)


def _contours(pixels: Array) -> Bits:
    edges = _outlines(pixels, BROAD, FAINT)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(edges, connectivity=8)
    long = stats[:, cv2.CC_STAT_AREA] >= LONG
    long[0] = False
    return np.asarray(long[labels], np.uint8)


def _bins(pixels: Array) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    values = lab(pixels[None])[0]
    lightness = np.clip(values[:, 0] / BIN, 0, 13).astype(np.int64)
    a = np.clip(values[:, 1] / BIN + 17, 0, 33).astype(np.int64)
    b = np.clip(values[:, 2] / BIN + 17, 0, 33).astype(np.int64)
    bins: np.ndarray[tuple[int, ...], np.dtype[np.int64]] = (lightness * 34 + a) * 34 + b
    return bins


_MEASURES = {
    "composition": _composition,
    "palette": _palette,
    "identity": _identity,
    "lettering": _lettering,
    "silhouette": _silhouette,
    "product": _product,
}
