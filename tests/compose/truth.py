"""Pictures whose every change is known: build the truth, find it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from bridge.compose import Edge, Piece
from bridge.compose.lie import Matrix
from bridge.geometry import Affine
from bridge.pixels import Array

SHAPE = (288, 384)
Bits = npt.NDArray[np.bool_]


def picture(seed: int = 1, shape: tuple[int, int] = SHAPE) -> Array:
    """(h, w, 3) 0.1..0.9: structure of every size in every place, as in a busy photograph."""
    rng = np.random.default_rng(seed)
    total = np.zeros((*shape, 3), np.float32)
    for sigma, strength in ((1.2, 0.5), (3, 0.8), (9, 1.0), (30, 1.2)):
        noise = rng.standard_normal((*shape, 3)).astype(np.float32)
        noise[..., 1:] = 0.6 * noise[..., :1] + 0.4 * noise[..., 1:]
        layer = cv2.GaussianBlur(noise, (0, 0), sigma)
        total += np.asarray(layer / layer.std() * strength, np.float32)
    low, high = np.percentile(total, (1, 99))
    return np.asarray(np.clip(0.1 + 0.8 * (total - low) / (high - low), 0.1, 0.9), np.float32)


def plane(
    *, shift: tuple[float, float] = (0, 0), zoom: float = 1.0, turn: float = 0.0, tilt: float = 0.0
) -> Matrix:
    """Original pixel index -> answer pixel index, about the middle. turn: degrees."""
    height, width = SHAPE
    middle = np.array([[1, 0, (width - 1) / 2], [0, 1, (height - 1) / 2], [0, 0, 1]])
    angle = np.deg2rad(turn)
    inner = np.array(
        [
            [zoom * np.cos(angle), -zoom * np.sin(angle), shift[0]],
            [zoom * np.sin(angle), zoom * np.cos(angle), shift[1]],
            [tilt / width, 0, 1],
        ]
    )
    found: Matrix = middle @ inner @ np.linalg.inv(middle)
    return found


def moved(original: Array, way: Matrix) -> Array:
    """The picture in which original pixel x lies at way(x)."""
    size = (original.shape[1], original.shape[0])
    laid = cv2.warpPerspective(
        original, way, size, flags=cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REFLECT
    )
    return np.clip(np.asarray(laid, np.float32), 0, 1)


def bent(original: Array, mean_px: float, seed: int = 3) -> tuple[Array, Array]:
    """(the bent picture, (h, w, 2) px: original pixel x lies at about x + this)."""
    height, width = original.shape[:2]
    noise = np.random.default_rng(seed).standard_normal((height, width, 2)).astype(np.float32)
    smooth = np.asarray(cv2.GaussianBlur(noise, (0, 0), 45), np.float32)
    smooth *= mean_px / float(np.sqrt((smooth**2).sum(-1)).mean())
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    laid = cv2.remap(
        original,
        x - smooth[..., 0],
        y - smooth[..., 1],
        cv2.INTER_LANCZOS4,
        borderMode=cv2.BORDER_REFLECT,
    )
    return np.clip(np.asarray(laid, np.float32), 0, 1), smooth


def disc(middle: tuple[int, int], radius: int, shape: tuple[int, int] = SHAPE) -> Array:
    """(h, w) of 0 and 1. middle: x, y."""
    plain = np.zeros(shape, np.uint8)
    cv2.circle(plain, middle, radius, 1, -1)
    return plain.astype(np.float32)


def edited(original: Array, where: Array, seed: int = 9) -> Array:
    """Something else where the mask is 1."""
    other = picture(seed, (original.shape[0], original.shape[1]))[:, ::-1]
    return (original + (other - original) * where[..., None]).astype(np.float32)


def piece(original: Array, answer: Array, selection: Array | None = None, **more: object) -> Piece:
    """A re-rendered answer of any size over the whole of the original."""
    height, width = original.shape[:2]
    tall, wide = answer.shape[:2]
    values: dict[str, object] = {
        "original": original,
        "alpha": None,
        "selection": selection,
        "answer": answer,
        "to_answer": Affine(wide / width, 0, 0, 0, tall / height, 0),
        "lies": "re-rendered",
        "wish": "local",
        "edge": Edge(),
    }
    return Piece(**{**values, **more})  # type: ignore[arg-type]  # the rows say which


def off(found: Matrix, true: Matrix) -> float:
    """Mean distance over the frame, px."""
    x, y = np.meshgrid(np.arange(0.0, SHAPE[1], 16), np.arange(0.0, SHAPE[0], 16))
    points = np.stack([x.ravel(), y.ravel()], -1)[:, None]
    gap = cv2.perspectiveTransform(points, found) - cv2.perspectiveTransform(points, true)
    return float(np.sqrt((gap**2).sum(-1)).mean())
