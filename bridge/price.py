"""What a picture or a film costs, by its model's price list."""

from __future__ import annotations

import math

from bridge.catalog import MEGAPIXEL, Model, Price, Rate
from bridge.geometry import Size


def price(
    model: Model,
    size: Size,
    tier: str,
    references: int,
    variants: int,
    *,
    seconds: int = 1,
    sound: bool = True,
) -> float:
    """USD that the artist is told before the click; never less than what will be charged,
    as far as the maker's price list says. seconds, sound: of a film."""
    terms = model.price
    rate = rate_for(terms, size, tier)
    inputs = 1 + references
    out = _megapixels(size.pixels, terms.whole_megapixels)
    sent = out + references * _megapixels(terms.reference_pixels, terms.whole_megapixels)
    usual = rate.usd if sound or rate.silent is None else rate.silent
    one = (
        usual * seconds
        + rate.per_output_mp * max(0.0, out - 1.0)
        + terms.per_input * max(0, inputs - terms.free_inputs)
        + terms.per_input_mp * sent
    )
    return round(one * variants, 6)


def rate_for(terms: Price, size: Size, tier: str) -> Rate:
    """The first that fits, or the dearest when none does; with no tier named, any tier fits."""
    for rate in terms.rates:
        fits = rate.up_to_pixels is None or size.pixels <= rate.up_to_pixels
        if fits and (not tier or rate.tier in ("", tier)):
            return rate
    return max(terms.rates, key=lambda rate: rate.usd)


def _megapixels(pixels: int, whole: bool) -> float:
    count = pixels / MEGAPIXEL
    return float(math.ceil(count)) if whole else count
