"""The colours the model drifted by, taken back where they may be.

A 3x4 affine colour map with a quadratic gain field over the frame, fitted on pixels whose structure
agrees (so an edit cannot capture it), trimmed by Tukey's biweight, with a ridge towards "no
change". Having corresponding pixels on both sides, a fitted map beats statistics of the whole
picture (Reinhard et al., "Color transfer between images", 2001), which extrapolate badly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from bridge.compose.products import products
from bridge.compose.put import stretched, written
from bridge.pixels import Array, Where

Table = npt.NDArray[np.float64]

THIN = 4  # px: samples are means of such blocks
DARK, BRIGHT = 0.012, 0.985  # beyond these a value may be clipped and says nothing about a map
AGREES = 0.75  # local correlation from which structure counts as kept
RIDGE = 1e-3  # per sample, towards each channel's own curve
# (where a picture has no saturated colour nothing is known about how one would have drifted)
LOOSE = 1e-5  # per sample, for that curve itself, towards "no change"
BENDS = 5  # gain terms: x, y, x², xy, y²
TINTED = 0.93  # where white comes out darker than this, highlights need a second thought
BLOWN = 0.96, 0.995  # from here to here a channel counts as clipped
ROUNDS = 6
FIRST_REACH, NARROWS, LAST_REACH = 0.25, 0.6, 0.03  # of the trimming: from, to, by round
MOST = 20_000  # samples
LATTICE = 128  # nodes
FIXED = 6  # terms that do not depend on the place
CELLS = 6  # a gain field needs samples in half of such a grid of cells
FEWEST = 200  # samples


@dataclass(frozen=True, slots=True)
class Tone:
    """color: (3, 4) on [r, g, b, 1]. curve: (3, 2) on the channel's own square and root.

    gain: (3, 5) on x, y, x², xy, y² (each -1..1), times the channel. clipped: whether it is applied
    to what a model may have clipped.
    """

    color: Table
    curve: Table
    gain: Table
    clipped: bool = False

    def apply(self, pixels: Array, shape: tuple[int, int], rows: slice | None = None) -> Array:
        """pixels: (n, W, 3), `rows` of a picture of `shape`; not clipped."""
        rows = rows or slice(0, shape[0])
        # Whole pixels at a time: taking channels apart costs more than all that is done to them.
        out = np.asarray(cv2.transform(pixels, self.color), np.float32)
        out += cv2.transform(pixels * pixels, np.diag(self.curve[:, 0]))
        out += cv2.transform(np.sqrt(pixels), np.diag(self.curve[:, 1]))
        if self.gain.any():
            out += pixels * self.field(shape, rows)
        return _unblown(pixels, out) if self.casts else out

    def over(self, pixels: Array) -> Array:
        """A whole picture (h, w, 3), clipped to 0..1."""
        shape = (pixels.shape[0], pixels.shape[1])
        return written(
            shape, lambda rows: pixels[rows], lambda part, rows: self.apply(part, shape, rows)
        )

    @property
    def casts(self) -> bool:
        """Whether a model may have clipped, and its white is not the original's white."""
        white = self.color.sum(1) + self.curve.sum(1)
        return self.clipped and bool(white.min() < TINTED)

    def field(self, shape: tuple[int, int], rows: slice) -> Array:
        """(n, W, 3), the gain on each channel.

        A quadratic is straight enough between the nodes of a lattice: within 1e-5.
        """
        along = _across(LATTICE)
        x, y = along[None, :, None], along[:, None, None]
        g = self.gain.astype(np.float32).T
        small = g[0] * x + g[1] * y + g[2] * x * x + g[3] * x * y + g[4] * y * y
        return stretched(np.asarray(small, np.float32), shape, rows)


NEUTRAL = Tone(np.eye(3, 4), np.zeros((3, 2)), np.zeros((3, BENDS)))


def fitted(
    source: Array, target: Array, trust: Array, *, clips: Literal["source", "target"]
) -> Tone:
    """The map from source's to target's colours, both (h, w, 3); trust: (h, w) 0..1.

    clips: which of the two the model rendered. What it clipped says nothing; the other side is what
    the model was shown, white included.
    """
    rendered = source if clips == "source" else target
    known = _unclipped(rendered, trust, apart=clips == "target")
    thin_source, thin_target, thin = _thinned(source), _thinned(target), _thinned(trust)
    good = np.max(known, axis=0) > 0.6
    if good.sum() < FEWEST:
        known, good = [thin] * 3, thin > 0.6
    if good.sum() < FEWEST:
        return NEUTRAL
    good = _fewer(good)
    features = _features(thin_source, good, spread=_spread(good))
    wanted = (thin_target[good] - thin_source[good]).astype(np.float64)
    sure = np.column_stack([one[good] for one in known]).astype(np.float64)
    solution = _trimmed(features, wanted, sure)
    gain = np.zeros((3, BENDS))
    if solution.shape[1] > FIXED:
        gain = solution[:, FIXED:]
    color = np.eye(3, 4) + solution[:, :4]
    return Tone(color, solution[:, 4:6], gain, clipped=clips == "source")


def _features(thin: Array, good: Where, *, spread: bool) -> list[Table]:
    """Per channel (n, 6) or (n, 11)."""
    values = thin[good].astype(np.float64)
    ones = np.ones((len(values), 1))
    curves = values**2, np.sqrt(values)
    color = [np.hstack([values, ones, *(c[:, i : i + 1] for c in curves)]) for i in range(3)]
    if not spread:
        return color
    rows, columns = np.nonzero(good)
    x = _across(thin.shape[1])[columns].astype(np.float64)
    y = _across(thin.shape[0])[rows].astype(np.float64)
    bends = np.column_stack([x, y, x * x, x * y, y * y])
    return [np.hstack([color[i], bends * values[:, i : i + 1]]) for i in range(3)]


def _trimmed(features: list[Table], wanted: Table, trust: Table) -> Table:
    """(3, 6 or 11): least squares, what does not fit counting less and less.

    wanted, trust: (n, 3). The reach never falls below what a rendering leaves: in a dark picture
    most errors are small because most pixels are, and would make its lights outliers.
    """
    # What stays of a shadow that the model cast lies where nothing else does, and would bend a fit
    # of everything to itself: the first one is of what each channel's usual gain explains.
    usual = np.median(wanted, 0) / np.median(features[0][:, :3], 0)
    weight = trust * _biweight(wanted - features[0][:, :3] * usual, trust, FIRST_REACH)
    solution = np.zeros((3, features[0].shape[1]))
    for turn in range(ROUNDS):
        for i in range(3):
            if weight[:, i].sum() > FEWEST / 4:
                solution[i] = _regular(features[i], wanted[:, i], weight[:, i], i)
        rest = wanted - np.column_stack([features[i] @ solution[i] for i in range(3)])
        # The first rounds trim wide: the start is itself drawn by what will be trimmed.
        weight = trust * _biweight(rest, trust, max(FIRST_REACH * NARROWS**turn, LAST_REACH))
    return solution


def _biweight(rest: Table, trust: Table, reach: float) -> Table:
    """(n, 1): Tukey's, of what a fit leaves of each sample, (n, 3), in the channels it may use."""
    error = np.sqrt((rest**2 * (trust > 0)).sum(1))
    reach = max(3 * float(np.median(error)), reach)
    weight: Table = (np.maximum(1 - (error / reach) ** 2, 0) ** 2)[:, None]
    return weight


def _regular(features: Table, wanted: Table, weight: Table, channel: int) -> Table:
    """One channel's row: first its own curve, then how far the rest departs from that."""
    total = float(weight.sum())
    weighted = features * weight[:, None]
    normal = products(weighted.T, features.T)
    right = products(weighted.T, wanted[None])[:, 0]
    own = np.array([channel, 3, 4, 5])
    prior = np.zeros(features.shape[1])
    inner = normal[np.ix_(own, own)] + np.eye(len(own)) * (LOOSE * total)
    prior[own] = np.linalg.solve(inner, right[own])
    ridge = np.full(features.shape[1], RIDGE * total)
    ridge[own[1:]] = LOOSE * total
    departed = np.linalg.solve(normal + np.diag(ridge), right - normal @ prior)
    row: Table = prior + departed
    return row


def _spread(good: Where) -> bool:
    cells = cv2.resize(good.astype(np.float32), (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    return int((np.asarray(cells) > 0.05).sum()) >= CELLS * CELLS // 2


def _unclipped(pixels: Array, trust: Array, *, apart: bool) -> list[Array]:
    """Per channel, thinned: the trust, 0 where it, or not apart where any, may be clipped."""
    if not apart:
        return [_thinned(trust * (cv2.inRange(pixels, (DARK,) * 3, (BRIGHT,) * 3) > 0))] * 3
    clear = (pixels > DARK) & (pixels < BRIGHT)
    return [_thinned(trust * clear[..., i]) for i in range(3)]


def _unblown(pixels: Array, out: Array) -> Array:
    """What the cast drove into clipping gets at least the mean of the other channels.

    The cast itself is known, the height of a clipped channel is not; highlights are neutral
    far more often than they have exactly the complement of the cast.
    """
    others = np.asarray(cv2.transform(out, (1 - np.eye(3)) / 2), np.float32)
    blown = np.clip((pixels - BLOWN[0]) / (BLOWN[1] - BLOWN[0]), 0, 1)
    return np.asarray(out + blown * np.maximum(others - out, 0), np.float32)


def _fewer(good: Where) -> Where:
    """So many samples that no more would change the fit."""
    step = int(np.ceil(np.sqrt(good.sum() / MOST)))
    if step < 2:
        return good
    kept = np.zeros_like(good)
    kept[::step, ::step] = good[::step, ::step]
    return kept


def _thinned(plain: Array) -> Array:
    size = (max(1, plain.shape[1] // THIN), max(1, plain.shape[0] // THIN))
    return np.asarray(cv2.resize(plain, size, interpolation=cv2.INTER_AREA), np.float32)


def _across(length: int) -> Array:
    """Pixel centres as -1..1, so that the field is the same at every size."""
    return ((np.arange(length, dtype=np.float32) + 0.5) * (2 / length) - 1).astype(np.float32)
