"""Figures of one trial, against the truth."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from bridge.compose import Patch
from bridge.compose.bend import spread, through
from bridge.pixels import Where
from tests.bench.fidelity.drift import Array
from tests.bench.fidelity.scenes import Trial

RING = 3  # px inwards from an edge
PART = 0.05  # cover from which a pixel is part of the edit
STEP = 16.0  # px between the points at which registration is compared


@dataclass(frozen=True, slots=True)
class Figures:
    """None where a figure has no meaning for the trial. dE: CIEDE2000. Ratios: 0..1.

    drift: mean registration error, model px. ring: median dE within RING px inside the selection's
    edge. rim: the same inside the edge of what is shown. ring_both, rim_both: within RING px on
    both sides of these edges. inside: median dE inside the edit.
    iou, recall: of the shown change, inside the selection. kept: share of the selection's
    unchanged pixels that are bit-identical. outside: share of pixels outside that are. psnr: dB of
    the whole result against the truth. shown: share of the frame that shows the answer. offered:
    with a shadow, whether most of it was; without, whether anything was.
    """

    verdict: str
    outside: float | None = None
    drift: float | None = None
    ring: float | None = None
    rim: float | None = None
    ring_both: float | None = None
    rim_both: float | None = None
    inside: float | None = None
    iou: float | None = None
    recall: float | None = None
    kept: float | None = None
    psnr: float | None = None
    shown: float | None = None
    offered: bool | None = None
    detail: float | None = None
    detail_like: float | None = None


def figures(trial: Trial, patch: Patch) -> Figures:
    original, selection = trial.piece.original, trial.piece.selection
    result = laid(original, patch.pixels, patch.mask)
    refused = patch.verdict == "refused"
    local = trial.scene.wish == "local" and trial.scene.answer == "edit"
    outside = None
    if selection is not None:
        beyond = selection <= 0
        outside = float((result[beyond] == original[beyond]).all(-1).mean())
    if refused or trial.scene.answer != "edit":
        return Figures(patch.verdict, outside=outside)
    if not local:
        detail, like = _detail(trial, result) if trial.scene.wish == "light" else (None, None)
        return Figures(
            patch.verdict,
            outside,
            drift=drift_error(trial, patch),
            psnr=psnr(result, trial.truth),
            shown=float((patch.mask > 0.5).mean()),
            detail=detail,
            detail_like=like,
        )
    allowed = np.ones(original.shape[:2], bool) if selection is None else selection > 0
    edit = (trial.change > PART) & allowed
    # What is shown beyond the change is a margin that keeps its edge soft; the change is inside.
    seen = (patch.mask > 0.5) & allowed
    still = (trial.change <= 0) & allowed
    same = (result == original).all(-1)
    ring = ring_both = None
    if selection is not None:
        ring, ring_both = _ring(result, trial, allowed)
    rim, rim_both = _ring(result, trial, patch.mask > 0.02)
    return Figures(
        patch.verdict,
        outside,
        drift=drift_error(trial, patch),
        ring=ring,
        rim=rim,
        ring_both=ring_both,
        rim_both=rim_both,
        inside=float(np.median(ciede2000(result[edit][None], trial.truth[edit][None]))),
        iou=float((edit & seen).sum() / max(1, (edit | seen).sum())),
        recall=float((edit & seen).sum() / max(1, edit.sum())),
        kept=float(same[still].mean()) if still.any() else None,
        psnr=psnr(result, trial.truth),
        offered=_offered(trial, patch) if selection is not None else None,
    )


def laid(under: Array, over: Array, mask: Array) -> Array:
    """The layer over the document, as a host shows it: where the mask is 0, bit-identical."""
    share = mask[..., None]
    return np.where(share > 0, under + (over - under) * share, under).astype(np.float32)


def drift_error(trial: Trial, patch: Patch) -> float | None:
    """Mean distance between found and true positions over the frame, model px."""
    if patch.lie is None:
        return None
    tall, wide = trial.piece.answer.shape[:2]
    x, y = np.meshgrid(np.arange(8, wide, STEP), np.arange(8, tall, STEP))
    tx, ty = trial.drift.truth(x, y)
    if patch.lie.field is not None:
        moved = spread(patch.lie.field, patch.lie.cell, (tall, wide))
        at = moved[y.astype(int), x.astype(int)]
        x, y = x + at[..., 0], y + at[..., 1]
    fx, fy = through(patch.lie.plane, x, y)
    return float(np.hypot(fx - tx, fy - ty).mean())


def psnr(one: Array, other: Array) -> float:
    error = float(((one - other) ** 2).mean(dtype=np.float64))
    return float(10 * np.log10(1 / max(error, 1e-10)))


def ciede2000(one: Array, other: Array) -> Array:
    from skimage.color import deltaE_ciede2000, rgb2lab

    return np.asarray(deltaE_ciede2000(rgb2lab(one), rgb2lab(other)), np.float32)  # type: ignore[no-untyped-call]  # it publishes none


def _ring(result: Array, trial: Trial, region: Where) -> tuple[float | None, float | None]:
    """Along the region's edge: on its inner side, and on both."""
    inside = region.astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * RING + 1, 2 * RING + 1))
    framed = cv2.copyMakeBorder(inside, RING, RING, RING, RING, cv2.BORDER_REPLICATE)
    middle = np.s_[RING:-RING, RING:-RING]
    core = np.asarray(cv2.erode(framed, disc))[middle] > 0
    near = np.asarray(cv2.dilate(framed, disc))[middle] > 0
    return _median(result, trial, region & ~core), _median(result, trial, near & ~core)


def _median(result: Array, trial: Trial, band: Where) -> float | None:
    if not band.any():
        return None
    return float(np.median(ciede2000(result[band][None], trial.truth[band][None])))


def _offered(trial: Trial, patch: Patch) -> bool:
    """With a shadow: whether most of it is offered. Without: whether anything is."""
    if trial.shadow is None or trial.shadow.sum() < 200:
        return patch.offer is not None
    if patch.offer is None:
        return False
    small = cv2.resize(patch.offer.mask, trial.shadow.shape[::-1], interpolation=cv2.INTER_AREA)
    return float((np.asarray(small) > 0.5)[trial.shadow].mean()) > 0.5


def _detail(trial: Trial, result: Array) -> tuple[float, float]:
    """Laplacian variance against the truth's, and how far the two correlate."""
    one, other = (
        np.asarray(cv2.Laplacian(cv2.cvtColor(p, cv2.COLOR_RGB2GRAY), cv2.CV_32F))
        for p in (result, trial.truth)
    )
    return float(one.var() / other.var()), float(np.corrcoef(one.ravel(), other.ravel())[0, 1])
