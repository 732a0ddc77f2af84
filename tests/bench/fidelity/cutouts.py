"""Transparent sources: a tuft of hair and a soft brush, sent over a matte."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from bridge.compose import Edge, Patch, Piece, compose
from bridge.geometry import Affine
from bridge.intake import MATTE
from tests.bench.fidelity.drift import Array, rigid
from tests.bench.fidelity.lines import Line, at_least, at_most, share
from tests.bench.fidelity.measure import ciede2000
from tests.bench.fidelity.pictures import load, names, sized
from tests.bench.fidelity.rendering import Rendering, rendered
from tests.bench.fidelity.scenes import MODEL, blob

TRIALS = 8
HAIRS = 700


def lines() -> list[Line]:
    """Printed with the rest; seeds 0 to TRIALS - 1, hair and brush in turn."""
    kept, soft, outline, cover = [], [], [], []
    for seed in range(TRIALS):
        piece, truth, alpha = cutout(seed)
        patch = compose(piece)
        kept.append(bool((patch.alpha == alpha).all()))
        soft.append(_soft_edge(patch, truth, alpha))
        grown, truth, alpha = cutout(seed, grows=True)
        patch = compose(grown)
        rim = (alpha > 0.02) & (alpha < 0.98)
        outline.append(float(np.abs(patch.alpha - alpha)[rim].mean()))
        one, other = patch.alpha > 0.5, alpha > 0.5
        cover.append(float((one & other).sum() / (one | other).sum()))
    return [
        share("transparent source: alpha kept bit-identical, share of trials (1)", kept, 1.0),
        at_most("colour in its soft edge over white and black, median dE (reported)", soft, 50, 99),
        at_most(
            "outline found anew: mean alpha error in soft edges, median (reported)", outline, 50, 1
        ),
        at_least("outline found anew: IoU, median (reported)", cover, 50, 0),
    ]


def cutout(seed: int, *, grows: bool = False) -> tuple[Piece, Array, Array]:
    """The piece, its true straight colours (h, w, 3) and its true alpha (h, w).

    grows: the edit also gives it another outline.
    """
    rng = np.random.default_rng([seed, 77])
    pictures = names("reporting")
    front, other = (
        sized(load(pictures[(seed + i) % len(pictures)]), MODEL[1], MODEL[0]) for i in (0, 5)
    )
    alpha = hair(rng) if seed % 2 == 0 else brush(rng)
    edit = blob(rng, MODEL, 0.05, "free", 1.0)
    truth = front + (other - front) * edit[..., None]
    new = np.maximum(alpha, edit) if grows else alpha
    seen, shown = _over(front, alpha), _over(truth, new)
    drift = rigid(rng, MODEL)
    near = cv2.dilate((edit > 0).astype(np.uint8), np.ones((61, 61), np.uint8))
    piece = Piece(
        original=seen,
        alpha=alpha,
        selection=np.asarray(near, np.float32),
        answer=rendered(rng, drift.sampled(shown), Rendering()),
        to_answer=Affine(),
        lies="re-rendered",
        wish="local",
        edge=Edge(),
        matte=MATTE,
    )
    return replace(piece, edge=Edge(outline=grows)), truth.astype(np.float32), new


def hair(rng: np.random.Generator) -> Array:
    """(h, w) alpha: a head, and strands that end in nothing."""
    height, width = MODEL
    alpha = np.zeros(MODEL, np.float32)
    middle = np.array([width / 2, height / 2])
    cv2.ellipse(alpha, (width // 2, height // 2), (width // 6, height // 4), 0, 0, 360, 1.0, -1)
    for angle in rng.uniform(0, 2 * np.pi, HAIRS):
        root = middle + np.array([np.cos(angle) * width / 6.2, np.sin(angle) * height / 4.2])
        way = np.array([np.cos(angle), np.sin(angle)]) * rng.uniform(20, 90)
        sway = rng.uniform(-25, 25, 2)
        t = np.linspace(0, 1, 24)[:, None]
        points = np.rint((root + way * t + sway * t * t) * 16).astype(np.int32)
        for i in range(23):
            ends = tuple(map(int, points[i])), tuple(map(int, points[i + 1]))
            cv2.line(alpha, *ends, max(1.0 - i / 23, 0.05), 1, cv2.LINE_AA, 4)
    return np.clip(np.asarray(cv2.GaussianBlur(alpha, (0, 0), 0.6), np.float32), 0, 1)


def brush(rng: np.random.Generator) -> Array:
    """(h, w) alpha: strokes of a large soft brush."""
    soft = np.zeros(MODEL, np.float32)
    for _ in range(6):
        ends = rng.uniform((0.3, 0.3), (0.7, 0.7), (2, 2)) * np.array(MODEL[::-1])
        cv2.line(soft, *(tuple(map(int, end)) for end in ends), 1.0, 150)
    return np.clip(np.asarray(cv2.GaussianBlur(soft, (0, 0), 12), np.float32), 0, 1)


def _over(front: Array, alpha: Array) -> Array:
    share_ = alpha[..., None]
    return (front * share_ + np.asarray(MATTE, np.float32) * (1 - share_)).astype(np.float32)


def _soft_edge(patch: Patch, truth: Array, alpha: Array) -> float:
    """Median dE where the patch shows and alpha is neither 0 nor 1, over white and over black."""
    where = (patch.mask > 0.5) & (alpha > 0.1) & (alpha < 0.9)
    if not where.any():
        return 0.0
    found = []
    for ground in (0.0, 1.0):
        one, other = (
            pixels[where] * alpha[where, None] + ground * (1 - alpha[where, None])
            for pixels in (patch.pixels, truth)
        )
        found.append(float(np.median(ciede2000(one[None], other[None]))))
    return max(found)
