"""Pictures that are not photographs: line art, flat colours, a printed label."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from tests.bench.fidelity.drift import Array

LATIN = "Keep cool and dry. Best before: see base. Net 250 ml"
GREEK = "Διατηρείται σε δροσερό μέρος. Ανάλωση πριν: βλ. βάση"


def line_art(rng: Generator, shape: tuple[int, int]) -> Array:
    """Dark strokes on paper: curves, hatching, closed outlines."""
    height, width = shape
    paper = np.full((height, width, 3), (243, 248, 250), np.uint8)
    thick = max(1, round(width / 600))
    for _ in range(70):
        knots = rng.uniform((0, 0), (width, height), (4, 2))
        t = np.linspace(0, 1, 60)[:, None]
        curve = sum(
            c * (1 - t) ** (3 - i) * t**i * k
            for i, (c, k) in enumerate(zip((1, 3, 3, 1), knots, strict=True))
        )
        points = np.rint(np.asarray(curve)).astype(np.int32)
        cv2.polylines(paper, [points], False, (40, 30, 30), thick, cv2.LINE_AA)
    for _ in range(14):
        x, y = (int(v) for v in rng.uniform((0, 0), (width, height)))
        axes = tuple(int(v) for v in rng.uniform(width / 40, width / 9, 2))
        cv2.ellipse(paper, (x, y), axes, rng.uniform(0, 180), 0, 360, (25, 25, 35), thick + 1, 16)
        for step in range(-axes[0], axes[0], 8 * thick):
            ends = (x + step, y - axes[1] // 2), (x + step + axes[1] // 3, y + axes[1] // 2)
            cv2.line(paper, *ends, (90, 80, 80), thick, cv2.LINE_AA)
    return _rgb(paper)


def flat_art(rng: Generator, shape: tuple[int, int]) -> Array:
    """A few flat colours in hard cells, as pixel art enlarged without smoothing."""
    cells = (36, 63)
    palette = rng.uniform(0.05, 0.95, (9, 3)).astype(np.float32)
    field = cv2.GaussianBlur(rng.standard_normal((*cells, 9)).astype(np.float32), (0, 0), 2.2)
    picture = palette[np.asarray(field).argmax(-1)]
    return np.asarray(cv2.resize(picture, shape[::-1], interpolation=cv2.INTER_NEAREST), np.float32)


def label(rng: Generator, shape: tuple[int, int]) -> Array:
    """A bottle's label: headings and small print in two scripts, wound around a cylinder."""
    height, width = shape
    sheet = np.full((height, width, 3), (214, 232, 240), np.uint8)
    cv2.rectangle(
        sheet, (width // 8, height // 12), (width * 7 // 8, height // 4), (60, 40, 130), -1
    )
    heading = cv2.FontFace("sans")
    cv2.putText(sheet, "CORDIAL", (width // 4, height // 5), (235, 240, 245), heading, height // 9)
    line = height // 34
    for row in range(22):
        text = (LATIN, GREEK)[row % 2]
        start = int(rng.integers(0, 12))
        where = (width // 7, height // 3 + row * round(line * 1.35))
        cv2.putText(sheet, (text + " · " + text)[start:], where, (50, 40, 40), heading, line)
    return _wound(_rgb(sheet))


def _wound(sheet: Array) -> Array:
    """Seen as on a cylinder: columns close up towards the sides and get darker."""
    height, width = sheet.shape[:2]
    across = np.linspace(-0.97, 0.97, width)
    source = (np.arcsin(across) / np.arcsin(0.97) + 1) / 2 * (width - 1)
    x = np.repeat(source[None].astype(np.float32), height, 0)
    sag = (1 - np.sqrt(1 - across**2)) * height * 0.05
    y = np.arange(height, dtype=np.float32)[:, None] - sag[None].astype(np.float32)
    wound = cv2.remap(
        sheet, x, y.astype(np.float32), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
    )
    light = (0.55 + 0.45 * np.sqrt(1 - across**2))[None, :, None]
    return np.clip(np.asarray(wound) * light, 0, 1).astype(np.float32)


def _rgb(stored: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Array:
    return np.ascontiguousarray(stored[..., ::-1], np.float32) / np.float32(255)
