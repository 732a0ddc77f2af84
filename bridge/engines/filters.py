"""Classic filters under their own names. Every one keeps the picture's geometry.

Each takes float32 (H, W, 3), 0..1, sRGB-encoded, and a strength: 1 = clearly visible, negative
where the other way has a meaning, 0 = nothing. Each returns the same shape; the caller clips.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from bridge.pixels import Array

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)  # Rec. 709, on encoded values
SEPIA = np.array([1.07, 0.93, 0.72], np.float32)  # tint of a toned print at equal lightness

Filter = Callable[[Array, float], Array]


def warmth(pixels: Array, amount: float) -> Array:
    """Along the line from daylight to tungsten, at constant luma."""
    gain = np.array([1 + 0.10 * amount, 1 + 0.015 * amount, 1 - 0.14 * amount], np.float32)
    tinted = pixels * gain
    return _f(tinted * (_luma(pixels) / np.maximum(_luma(tinted), 1e-4)))


def brightness(pixels: Array, amount: float) -> Array:
    """By gamma: black and white stay."""
    return _f(np.power(np.clip(pixels, 0, 1), 2.0 ** (-0.45 * amount)))


def contrast(pixels: Array, amount: float) -> Array:
    """An S about the middle that never leaves 0..1; negative: towards the middle."""
    if amount < 0:
        return _f(0.5 + (pixels - 0.5) * (1 + 0.3 * max(amount, -3)))
    x = np.clip(pixels, 0, 1)
    curve = x * x * (3 - 2 * x)
    share = min(0.55 * amount, 1.0)
    return _f(x + (curve - x) * share)


def saturation(pixels: Array, amount: float) -> Array:
    gray = _luma(pixels)
    return _f(gray + (pixels - gray) * max(1 + 0.4 * amount, 0.0))


def monochrome(pixels: Array, amount: float) -> Array:
    return _mixed(pixels, np.repeat(_luma(pixels), 3, axis=2), amount)


def sepia(pixels: Array, amount: float) -> Array:
    return _mixed(pixels, _luma(pixels) * SEPIA, amount)


def fade(pixels: Array, amount: float) -> Array:
    """Lifted blacks, less colour, a warm paper white."""
    aged = saturation(pixels, -0.9) * np.array([0.84, 0.82, 0.76], np.float32) + 0.1
    return _mixed(pixels, _f(aged), amount)


def sharpness(pixels: Array, amount: float) -> Array:
    """Unsharp mask; negative: a Gaussian blur, its radius following the picture's size."""
    if amount < 0:
        return _f(cv2.GaussianBlur(pixels, (0, 0), _radius(pixels, 0.0025) * -amount))
    soft = cv2.GaussianBlur(pixels, (0, 0), 1.2)
    return _f(pixels + (pixels - soft) * 0.8 * amount)


def detail(pixels: Array, amount: float) -> Array:
    """Local contrast in the mid frequencies, by CLAHE-free base/detail split (guided by blur)."""
    base = cv2.bilateralFilter(pixels, 0, 0.12, _radius(pixels, 0.004))
    return _f(base + (pixels - base) * (1 + 0.9 * amount))


def denoise(pixels: Array, amount: float) -> Array:
    """Non-local means: Buades, Coll, Morel, "A non-local algorithm for image denoising", 2005."""
    strength = 5.0 * amount
    clean = cv2.fastNlMeansDenoisingColored(_bytes(pixels), None, strength, strength, 5, 15)
    return _f(clean.astype(np.float32) / 255)


def smooth(pixels: Array, amount: float) -> Array:
    """Edge-preserving: Tomasi, Manduchi, "Bilateral filtering", ICCV 1998."""
    return _mixed(pixels, _f(cv2.bilateralFilter(pixels, 0, 0.15, _radius(pixels, 0.004))), amount)


def painterly(pixels: Array, amount: float) -> Array:
    """Strokes by repeated edge-preserving smoothing, edges kept, colours a little richer."""
    flat = pixels
    for _ in range(3):
        flat = _f(cv2.bilateralFilter(flat, 0, 0.2, _radius(pixels, 0.005)))
    return _mixed(pixels, contrast(saturation(flat, 0.5), 0.3), amount)


def pencil(pixels: Array, amount: float) -> Array:
    """Luma divided by its inverted blur: lines dark on white paper."""
    luma = _luma(pixels)[..., 0]
    soft = cv2.GaussianBlur(1 - luma, (0, 0), _radius(pixels, 0.008))
    drawn = np.clip(luma / np.maximum(1 - soft, 0.05), 0, 1)
    return _mixed(pixels, np.repeat(drawn[..., None], 3, axis=2), amount)


def match(pixels: Array, amount: float, reference: Array) -> Array:
    """Mean and spread of the reference's colours: Reinhard et al., "Color Transfer between

    Images", 2001, in Lab.
    """
    here, there = _lab(pixels), _lab(reference)
    spread = there.std(axis=(0, 1)) / np.maximum(here.std(axis=(0, 1)), 1e-3)
    moved = (here - here.mean(axis=(0, 1))) * np.clip(spread, 0.3, 3) + there.mean(axis=(0, 1))
    matched = cv2.cvtColor(moved.astype(np.float32), cv2.COLOR_Lab2RGB)
    return _mixed(pixels, _f(matched), amount)


FILTERS: Mapping[str, Filter] = {
    "warmth": warmth,
    "brightness": brightness,
    "contrast": contrast,
    "saturation": saturation,
    "monochrome": monochrome,
    "sepia": sepia,
    "fade": fade,
    "sharpness": sharpness,
    "detail": detail,
    "denoise": denoise,
    "smooth": smooth,
    "painterly": painterly,
    "pencil": pencil,
}


def _luma(pixels: Array) -> Array:
    return _f((pixels @ LUMA)[..., None])


def _lab(pixels: Array) -> Array:
    return _f(cv2.cvtColor(pixels, cv2.COLOR_RGB2Lab))


def _bytes(pixels: Array) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8)


def _mixed(under: Array, over: Array, amount: float) -> Array:
    return _f(under + (over - under) * np.float32(np.clip(amount, 0, 1)))


def _radius(pixels: Array, share: float) -> float:
    """px, as a share of the longer edge: the same look at every size."""
    return max(1.0, share * float(max(pixels.shape[:2])))


def _f(values: object) -> Array:
    return np.asarray(values, np.float32)
