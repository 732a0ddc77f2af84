"""First guesses where the answer lies, from the cheap to the dear.

Identity; phase correlation (Kuglin and Hines, 1975); SIFT features (Lowe, 2004) matched and fitted
with MAGSAC++ (Barath et al., 2020), as affine map and, when it explains clearly more, homography.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from bridge.compose.lie import Matrix
from bridge.pixels import Array

FEATURES = 4000
RATIO = 0.8  # Lowe's: the best match must be this much nearer than the second
FEWEST = 12  # inliers below which a fit is chance
EARNED = 1.15  # a homography must explain this many times the affine map's inliers
MOST_AREA = 3.3  # nobody zooms a picture more than this and means the same picture
REACH = 3.0  # px within which a match supports a fit


def by_phase(fixed: Array, moving: Array, weight: Array) -> Matrix:
    """The shift that agrees best, as a 3x3 map between pixel indices."""
    window = cv2.createHanningWindow(fixed.shape[::-1], cv2.CV_32F)
    (dx, dy), _ = cv2.phaseCorrelate(fixed * weight, moving * weight, window)
    start = np.eye(3)
    start[:2, 2] = dx, dy
    return start


def by_features(fixed: Array, moving: Array, weight: Array) -> Iterator[Matrix]:
    """Maps from features of two (h, w) grey pictures 0..1; none when too little matches."""
    cv2.setRNGSeed(1)  # the fit draws samples; the same picture must give the same layer
    sift = cv2.SIFT_create(nfeatures=FEATURES, contrastThreshold=0.02)
    points_f, found_f = sift.detectAndCompute(_bytes(fixed), (weight > 0).astype(np.uint8))
    points_m, found_m = sift.detectAndCompute(_bytes(moving), None)
    if found_f is None or found_m is None or min(len(found_f), len(found_m)) < FEWEST:
        return
    pairs = cv2.BFMatcher().knnMatch(found_f, found_m, k=2)
    good = [p[0] for p in pairs if len(p) == 2 and p[0].distance < RATIO * p[1].distance]
    if len(good) < FEWEST:
        return
    source = np.array([points_f[match.queryIdx].pt for match in good], np.float64)
    target = np.array([points_m[match.trainIdx].pt for match in good], np.float64)
    yield from _fits(source, target)


def _fits(source: Matrix, target: Matrix) -> Iterator[Matrix]:
    affine, inliers = cv2.estimateAffine2D(
        source, target, method=cv2.USAC_MAGSAC, ransacReprojThreshold=REACH
    )
    count = 0
    if affine is not None and inliers.sum() >= FEWEST:
        count = int(inliers.sum())
        matrix = np.vstack([affine, (0.0, 0.0, 1.0)])
        if _sane(matrix):
            yield matrix
    matrix, inliers = cv2.findHomography(source, target, cv2.USAC_MAGSAC, REACH)
    if matrix is not None and inliers.sum() >= max(FEWEST, EARNED * count) and _sane(matrix):
        yield matrix


def _sane(matrix: Matrix) -> bool:
    area = float(np.linalg.det(matrix[:2, :2]))
    return 1 / MOST_AREA < area < MOST_AREA


def _bytes(plain: Array) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.clip(plain * 255, 0, 255).astype(np.uint8)
