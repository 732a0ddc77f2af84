"""Trials: a document, what was asked, the true result, and what a model sends back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import cv2
import numpy as np

from bridge.compose import Edge, Piece
from bridge.geometry import Affine
from bridge.pixels import Array, Where
from tests.bench.fidelity.drawings import flat_art, label, line_art
from tests.bench.fidelity.drift import Drift, rigid
from tests.bench.fidelity.looks import LOOKS, relit
from tests.bench.fidelity.pictures import load, sized
from tests.bench.fidelity.rendering import Rendering, rendered

MODEL = (768, 1344)  # (h, w), a size that hosted models use for 16:9

Wish = Literal["local", "light", "style", "new"]


@dataclass(frozen=True, slots=True)
class Scene:
    """One row of the table: what the model does, and to what.

    edit: share of the frame that is repainted. margin: how far the selection reaches beyond the
    edit, as a share of the edit's size; None = nothing is selected, 0 = cut tight.
    scale: document px per model px. wish: as the helper says it, None = read from the answer.
    """

    name: str
    drift: dict[str, float] = field(default_factory=dict)
    look: Rendering = field(default_factory=Rendering)
    edit: float = 0.06
    margin: float | None = 0.5
    place: Literal["free", "border"] = "free"
    shadow: bool = False
    of: Literal["photo", "line art", "flat art", "label", "smooth"] = "photo"
    answer: Literal["edit", "unrelated", "mirrored", "recomposed"] = "edit"
    wish: Wish | None = "local"
    whole: str = ""  # a look over everything
    scale: float = 1.0
    bits: int = 8


@dataclass(frozen=True, slots=True)
class Trial:
    """truth: (H, W, 3), the document after a perfect edit. change: (H, W) 0..1, what it covers.

    shadow: (h, w) bool at model size, or None. answered: at model size.
    """

    scene: Scene
    picture: str
    seed: int
    piece: Piece
    truth: Array
    change: Array
    shadow: Where | None
    drift: Drift


def build(scene: Scene, picture: str, other: str, seed: int) -> Trial:
    """other: the picture that new content is taken from. Repeatable for the same arguments."""
    rng = np.random.default_rng([seed, *scene.name.encode(), *picture.encode()])
    height, width = (round(length * scene.scale) for length in MODEL)
    original = stored(_subject(rng, scene, picture, (height, width)), scene.bits)
    change = np.zeros((height, width), np.float32)
    truth, shadow = original, None
    if scene.whole:
        truth = (LOOKS | {"relight": relit})[scene.whole](rng, original)
        change = np.ones((height, width), np.float32)
    elif scene.edit:
        change = blob(rng, (height, width), scene.edit, scene.place, 1.0 * scene.scale)
        truth = original + (_content(rng, other, (height, width)) - original) * change[..., None]
    asked = truth
    selection = _selection(scene, change)
    if scene.shadow and selection is not None:
        depth = _shadow(rng, change, selection, scene.scale)
        asked = (truth * (1 - depth[..., None])).astype(np.float32)
        shadow = _small(depth * (selection <= 0)) > 0.05
        # Inside the selection the shadow is part of the edit; outside it is only offered.
        truth = np.where(selection[..., None] > 0, asked, truth)
        change = np.maximum(change, depth)
    drift = rigid(rng, MODEL, **scene.drift)
    answered = _answered(rng, scene, asked, other, drift)
    piece = Piece(
        original=original,
        alpha=None,
        selection=selection,
        answer=rendered(rng, answered, scene.look),
        to_answer=Affine(MODEL[1] / width, 0, 0, 0, MODEL[0] / height, 0),
        lies="re-rendered",
        wish=scene.wish,
        edge=Edge(),
    )
    return Trial(scene, picture, seed, piece, truth.astype(np.float32), change, shadow, drift)


def stored(picture: Array, bits: int) -> Array:
    """As a document of that depth holds it."""
    most = 2**bits - 1
    return np.asarray(np.rint(picture * most) / most, np.float32)


def blob(
    rng: np.random.Generator, shape: tuple[int, int], share: float, place: str, soft: float
) -> Array:
    """A round, uneven shape that covers `share` of the frame, its edge soft by `soft` px."""
    height, width = shape
    noise = rng.standard_normal((9, 9)).astype(np.float32)
    uneven = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    cx, cy = rng.uniform(0.38, 0.62) * width, rng.uniform(0.4, 0.6) * height
    if place == "border":
        cx = rng.choice([0.02, 0.98]) * width
    x = (np.arange(width, dtype=np.float32)[None, :] - cx) / width
    y = (np.arange(height, dtype=np.float32)[:, None] - cy) / height
    far = np.sqrt(x * x + y * y) * (1 + 0.16 * uneven)
    edge = np.quantile(far[::4, ::4], share)
    hard = (far < edge).astype(np.float32)
    return np.clip(np.asarray(cv2.GaussianBlur(hard, (0, 0), soft), np.float32), 0, 1)


def _subject(rng: np.random.Generator, scene: Scene, picture: str, shape: tuple[int, int]) -> Array:
    drawn: dict[str, Callable[[np.random.Generator, tuple[int, int]], Array]] = {
        "line art": line_art,
        "flat art": flat_art,
        "label": label,
    }
    if scene.of in drawn:
        return drawn[scene.of](rng, shape)
    photo = sized(load(picture), shape[1], shape[0])
    if scene.of == "smooth":
        photo = cv2.GaussianBlur(photo, (0, 0), 6 * scene.scale)
    return np.asarray(photo, np.float32)


def _content(rng: np.random.Generator, other: str, shape: tuple[int, int]) -> Array:
    """New content of the same sharpness, turned so that it never is the old by chance."""
    picture = sized(load(other), shape[1], shape[0])
    turned = picture[:, ::-1] if rng.random() < 0.5 else picture[::-1]
    shift = np.roll(turned, (shape[0] // 3, shape[1] // 5), (0, 1))
    return np.ascontiguousarray(shift)


def _selection(scene: Scene, change: Array) -> Array | None:
    if scene.margin is None:
        return None
    inside = (change > 0.02).astype(np.uint8)
    reach = round(scene.margin * float(np.sqrt(inside.sum())) / 2)
    if reach:
        thin = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5)
        inside = (np.asarray(thin) <= reach).astype(np.uint8)
    return inside.astype(np.float32)


def _shadow(rng: np.random.Generator, change: Array, selection: Array, scale: float) -> Array:
    """(H, W) depth of a soft shadow that the new thing casts beyond the selection."""
    inside = selection > 0
    rows, columns = np.nonzero(inside)
    wide, tall = np.ptp(columns) + 1, np.ptp(rows) + 1
    dx, dy = rng.choice([-1, 1]) * wide * 0.5, tall * 0.45
    matrix = np.array([[1, 0, dx], [0, 1, dy]], np.float64)
    cast = cv2.warpAffine((change > 0.5).astype(np.float32), matrix, change.shape[::-1])
    soft = cv2.GaussianBlur(cast, (0, 0), 6 * scale)
    return np.asarray(soft * rng.uniform(0.3, 0.5) * (1 - change), np.float32)


def _answered(
    rng: np.random.Generator, scene: Scene, asked: Array, other: str, drift: Drift
) -> Array:
    if scene.answer == "unrelated":
        return sized(load(other), MODEL[1], MODEL[0])
    small = _small(asked)
    if scene.answer == "mirrored":
        return drift.sampled(np.ascontiguousarray(small[:, ::-1]))
    if scene.answer == "recomposed":
        return _recomposed(rng, small)
    return drift.sampled(small)


def _recomposed(rng: np.random.Generator, small: Array) -> Array:
    """The same things elsewhere: tiles of the picture, each turned, resized and moved."""
    rows, columns = 3, 4
    height, width = small.shape[0] // rows, small.shape[1] // columns
    out = np.empty_like(small)
    order = rng.permutation(rows * columns)
    order = np.where(order == np.arange(rows * columns), (order + 1) % (rows * columns), order)
    for to, start in enumerate(order):
        top, left = start // columns * height, start % columns * width
        tile = small[top : top + height, left : left + width]
        tile = tile[:, ::-1] if rng.random() < 0.5 else tile[::-1]
        place = np.s_[
            to // columns * height : (to // columns + 1) * height,
            to % columns * width : (to % columns + 1) * width,
        ]
        out[place] = tile
    return np.asarray(np.clip(cv2.GaussianBlur(out, (0, 0), 1.0), 0, 1), np.float32)


def _small(picture: Array) -> Array:
    if picture.shape[:2] == MODEL:
        return picture
    return np.asarray(cv2.resize(picture, MODEL[::-1], interpolation=cv2.INTER_AREA), np.float32)
