"""Google's image models as its pages describe them: sizes, limits and prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.geometry import Size

TEN = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
FOURTEEN = (*TEN, "1:4", "4:1", "1:8", "8:1")
# At 1K; 512 is half of it, 2K and 4K are two and four times as much.
GRID = {
    "1:1": (1024, 1024),
    "2:3": (848, 1264),
    "3:2": (1264, 848),
    "3:4": (896, 1200),
    "4:3": (1200, 896),
    "4:5": (928, 1152),
    "5:4": (1152, 928),
    "9:16": (768, 1376),
    "16:9": (1376, 768),
    "21:9": (1584, 672),
    "1:4": (512, 2048),
    "4:1": (2048, 512),
    "1:8": (384, 3072),
    "8:1": (3072, 384),
}
FIRST_GRID = {
    **GRID,
    "2:3": (832, 1248),
    "3:2": (1248, 832),
    "3:4": (864, 1184),
    "4:3": (1184, 864),
    "4:5": (896, 1152),
    "5:4": (1152, 896),
    "9:16": (768, 1344),
    "16:9": (1344, 768),
    "21:9": (1536, 672),
}
TIMES = {"512": 0.5, "1K": 1.0, "2K": 2.0, "4K": 4.0}


@dataclass(frozen=True, slots=True)
class Known:
    """usd_*: per million tokens. out: tokens of a picture by size."""

    aspects: tuple[str, ...]
    pictures: int
    thinking: tuple[str, ...]
    usd_in: float
    usd_text: float
    usd_image: float
    out: Mapping[str, int]
    tokens_in: int = 1120  # of a picture that is sent
    thinks: int = 0  # tokens of thinking by default
    first: bool = False  # has one size, in a grid of its own

    @property
    def sizes(self) -> tuple[str, ...]:
        return () if self.first else tuple(self.out)

    def size(self, aspect: str, tier: str) -> Size:
        width, height = (FIRST_GRID if self.first else GRID)[aspect]
        times = TIMES[tier or "1K"]
        return Size(round(width * times), round(height * times))


MODELS: Mapping[str, Known] = {
    "gemini-nano-banana-2.1": Known(
        FOURTEEN,
        14,
        ("MINIMAL", "MEDIUM", "HIGH"),
        1.5,
        7.5,
        30.0,
        {"1K": 1120, "2K": 1680, "4K": 3780},
        thinks=180,
    ),
    "gemini-3-pro-image": Known(
        TEN,
        14,
        (),
        2.0,
        12.0,
        120.0,
        {"1K": 1120, "2K": 1120, "4K": 2000},
        tokens_in=560,
        thinks=260,
    ),
    "gemini-3.1-flash-image": Known(
        FOURTEEN,
        14,
        ("MINIMAL", "HIGH"),
        0.5,
        3.0,
        60.0,
        {"512": 747, "1K": 1120, "2K": 1680, "4K": 2520},
    ),
    "gemini-3.1-flash-lite-image": Known(
        TEN, 14, ("MINIMAL", "HIGH"), 0.25, 1.5, 30.0, {"1K": 1120}
    ),
    "gemini-2.5-flash-image": Known(
        TEN, 3, (), 0.3, 2.5, 30.0, {"1K": 1290}, tokens_in=1290, first=True
    ),
}


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one request. `thought` are charged as words."""

    words_in: int
    pictures_in: int
    words_out: int = 0
    picture_out: int = 0
    thought: int = 0

    @property
    def sent(self) -> int:
        return self.words_in + self.pictures_in

    @property
    def made(self) -> int:
        return self.words_out + self.picture_out

    def usd(self, known: Known) -> float:
        """Nothing is charged when nothing was made."""
        if not self.made + self.thought:
            return 0.0
        words = (self.words_out + self.thought) * known.usd_text
        return (self.sent * known.usd_in + words + self.picture_out * known.usd_image) / 1e6
