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
PENCIL_WEIGHT = 2.5  # exponent: how dark the shade is
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
    """More of what an edge-keeping smoothing takes away: texture, without halos at edges."""
    base = _smoothed(pixels, _radius(pixels, 0.008), 0.1)
    return _f(base + (pixels - base) * (1 + 0.8 * amount))


def denoise(pixels: Array, amount: float) -> Array:
    """Non-local means: Buades, Coll, Morel, "A non-local algorithm for image denoising", 2005.

    It works on 8 bits: what it takes away is taken from the picture, whose own steps stay.
    """
    grainy, strength = _bytes(pixels), 5.0 * amount
    clean = cv2.fastNlMeansDenoisingColored(grainy, None, strength, strength, 5, 15)
    return _f(pixels + (clean.astype(np.float32) - grainy) / 255)


def smooth(pixels: Array, amount: float) -> Array:
    return _mixed(pixels, _smoothed(pixels, _radius(pixels, 0.006), 0.08), amount)


def painterly(pixels: Array, amount: float) -> Array:
    """Kuwahara, Hachimura, Eiho, Kinoshita, "Processing of RI-angiocardiographic images", 1976:

    each pixel takes the mean of that corner of its neighbourhood which varies least, so that
    flat dabs meet at sharp edges; colours a little richer.
    """
    size = round(_radius(pixels, 0.005)) + 1
    luma = _luma(pixels)[..., 0]
    least = np.full(luma.shape, np.inf, np.float32)
    dabs = pixels.copy()
    for anchor in ((0, 0), (size - 1, 0), (0, size - 1), (size - 1, size - 1)):
        spread = _mean(luma * luma, size, anchor) - _mean(luma, size, anchor) ** 2
        calmer = spread < least
        dabs[calmer] = _mean(pixels, size, anchor)[calmer]
        least[calmer] = spread[calmer]
    return _mixed(pixels, contrast(saturation(dabs, 0.4), 0.2), amount)


def pencil(pixels: Array, amount: float) -> Array:
    """Luma divided by its blurred surroundings: lines and shade, dark on white paper."""
    luma = _luma(pixels)[..., 0]
    around = cv2.GaussianBlur(luma, (0, 0), _radius(pixels, 0.008))
    drawn = np.clip(luma / np.maximum(around, 0.02), 0, 1) ** PENCIL_WEIGHT
    return _mixed(pixels, np.repeat(drawn[..., None], 3, axis=2), amount)


def match(pixels: Array, amount: float, reference: Array) -> Array:
    """Mean and spread of the reference's colours: Reinhard et al., "Color Transfer between

    Images", 2001, in Lab.
    """
    here, there = _lab(pixels), _lab(reference)
    spread = there.std(axis=(0, 1)) / np.maximum(here.std(axis=(0, 1)), 1e-3)
    moved = (here - here.mean(axis=(0, 1))) * np.clip(spread, 0.5, 2) + there.mean(axis=(0, 1))
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


def _smoothed(pixels: Array, radius: float, edge: float) -> Array:
    """Guided filter: He, Sun, Tang, "Guided Image Filtering", ECCV 2010; the guide is luma.

    edge: steps well above this stay. Its time does not grow with the radius.
    """
    size = 2 * round(radius) + 1
    guide = _luma(pixels)
    mean_guide, mean = _mean(guide, size)[..., None], _mean(pixels, size)
    variance = _mean(guide * guide, size)[..., None] - mean_guide**2
    slope = (_mean(guide * pixels, size) - mean_guide * mean) / (variance + edge**2)
    offset = mean - slope * mean_guide
    return _f(_mean(_f(slope), size) * guide + _mean(_f(offset), size))


def _mean(values: Array, size: int, anchor: tuple[int, int] = (-1, -1)) -> Array:
    return _f(cv2.blur(values, (size, size), anchor=anchor))


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
