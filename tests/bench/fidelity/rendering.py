"""What a hosted model does to colours and texture, whatever it was asked."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from tests.bench.fidelity.drift import Array


@dataclass(frozen=True, slots=True)
class Rendering:
    """cast: largest share by which gain, gamma, saturation and channel mix move.

    light: depth of a smooth lighting drift across the frame. soft: sigma of the blur, px.
    noise: deviation. quality: of the JPEG, 100 = none. retexture: share of the fine texture that
    is invented anew.
    """

    cast: float = 0.08
    light: float = 0.0
    soft: float = 0.6
    noise: float = 0.006
    quality: int = 85
    retexture: float = 0.0


def rendered(rng: np.random.Generator, scene: Array, how: Rendering) -> Array:
    """(h, w, 3) sRGB-encoded 0..1, as 8 bit would hold it."""
    picture = colored(rng, scene, how.cast)
    if how.light:
        picture = np.clip(picture * lighting(rng, scene.shape[:2], how.light)[..., None], 0, 1)
    if how.retexture:
        picture = _retextured(rng, picture, how.retexture)
    if how.soft:
        picture = cv2.GaussianBlur(picture, (0, 0), how.soft)
    picture = picture + how.noise * rng.standard_normal(picture.shape, dtype=np.float32)
    return as_jpeg(np.clip(picture, 0, 1), how.quality)


def colored(rng: np.random.Generator, scene: Array, cast: float) -> Array:
    gain = 1 + rng.uniform(-cast, cast, 3)
    gamma = 1 + rng.uniform(-cast, cast)
    mix = np.eye(3) + rng.uniform(-cast, cast, (3, 3)) * 0.25
    grey = scene.mean(-1, keepdims=True)
    picture = grey + (scene - grey) * (1 + rng.uniform(-cast, cast))
    picture = np.clip(picture, 0, 1) ** gamma
    return np.asarray(np.clip((picture * gain) @ mix.T, 0, 1), np.float32)


def lighting(rng: np.random.Generator, shape: tuple[int, ...], depth: float) -> Array:
    height, width = shape[:2]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    angle = rng.uniform(0, 2 * np.pi)
    slope = np.cos(angle) * x + np.sin(angle) * y
    bulge = rng.uniform(-0.5, 0.5) * (x * x + y * y - 0.7)
    return np.asarray(1 + depth * (slope + bulge), np.float32)


def as_jpeg(picture: Array, quality: int) -> Array:
    stored = np.rint(picture * 255).astype(np.uint8)
    if quality < 100:
        _, data = cv2.imencode(".jpg", stored[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
        decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
        stored = np.asarray(decoded, np.uint8)[..., ::-1]
    return np.ascontiguousarray(stored, np.float32) / np.float32(255)


def _retextured(rng: np.random.Generator, picture: Array, share: float) -> Array:
    """Fine detail is replaced by other detail of the same local strength."""
    base = cv2.GaussianBlur(picture, (0, 0), 2.5)
    fine = picture - base
    strength = np.sqrt(cv2.GaussianBlur(fine * fine, (0, 0), 6))
    other = cv2.GaussianBlur(rng.standard_normal(picture.shape[:2], dtype=np.float32), (0, 0), 1.2)
    other = other / other.std()
    return np.asarray(base + fine * (1 - share) + strength * other[..., None] * share, np.float32)
