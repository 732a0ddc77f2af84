"""Whole-picture wishes with a known result: relight, night, snow, oil, enhance."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from tests.bench.fidelity.drift import Array
from tests.bench.fidelity.rendering import lighting


def relit(rng: Generator, picture: Array) -> Array:
    """Another light: a gradient, a tone curve, warm lights and cool shadows."""
    light = lighting(rng, picture.shape[:2], 0.25)[..., None]
    out = np.clip(picture * light, 0, 1) ** rng.uniform(0.85, 1.25)
    grey = out.mean(-1, keepdims=True)
    warm = np.array([0.06, 0.01, -0.06]) * rng.choice([-1, 1])
    out = out + warm * (grey - 0.4)
    contrast = rng.uniform(0.85, 1.15)
    return np.asarray(np.clip((out - 0.5) * contrast + 0.48, 0, 1), np.float32)


def night(rng: Generator, picture: Array) -> Array:
    grey = picture.mean(-1, keepdims=True)
    cool = (grey + (picture - grey) * 0.45) * np.array([0.42, 0.52, 0.78])
    dark = cool ** rng.uniform(1.25, 1.45)
    lamps = _dots(rng, picture.shape[:2], 12, 0.03)[..., None] * np.array([0.8, 0.6, 0.25])
    return np.asarray(np.clip(dark + lamps, 0, 1), np.float32)


def snow(rng: Generator, picture: Array) -> Array:
    grey = picture.mean(-1, keepdims=True)
    pale = grey * 0.55 + picture * 0.25 + 0.24
    flakes = _dots(rng, picture.shape[:2], 500, 0.0016)[..., None]
    return np.asarray(np.clip(pale + flakes * 0.6, 0, 1), np.float32)


def oil(rng: Generator, picture: Array) -> Array:
    """Strokes: the picture smoothed along its edges, its palette deepened."""
    stored = np.rint(picture * 255).astype(np.uint8)
    smooth = np.asarray(cv2.stylization(stored, sigma_s=20, sigma_r=0.35), np.float32) / 255
    grey = smooth.mean(-1, keepdims=True)
    return np.asarray(np.clip(grey + (smooth - grey) * rng.uniform(1.25, 1.5), 0, 1), np.float32)


def enhance(rng: Generator, picture: Array) -> Array:
    soft = cv2.GaussianBlur(picture, (0, 0), 2.0)
    crisp = picture + (picture - soft) * rng.uniform(0.9, 1.3)
    return np.asarray(np.clip((crisp - 0.5) * 1.08 + 0.5, 0, 1), np.float32)


LOOKS = {"night": night, "snow": snow, "oil": oil, "enhance": enhance}


def _dots(rng: Generator, shape: tuple[int, ...], count: int, size: float) -> Array:
    height, width = shape[:2]
    field = np.zeros((height, width), np.float32)
    for x, y in rng.uniform((0, 0), (width, height), (count, 2)):
        cv2.circle(field, (int(x), int(y)), max(1, round(size * height)), 1.0, -1, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(field, (0, 0), max(0.6, size * height / 3)), np.float32)
