"""What each emulated endpoint of fal takes, and what it costs, as its page says.

Unknown fields are refused, though the real one lets some pass: a request must say what it means.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.geometry import Size
from tests.emulators.model import Bytes

MEGAPIXEL = 1024 * 1024
ASPECTS = ("21:9", "16:9", "3:2", "4:3", "5:4", "1:1", "4:5", "3:4", "2:3", "9:16")
FILM_SIZES = {"360p": 360, "480p": 480, "720p": 720, "1080p": 1080, "4k": 2160}
Body = dict[str, Any]


class Refused(Exception):
    """Answered with 422: the field, and what is wrong with it."""

    def __init__(self, place: str, said: str) -> None:
        super().__init__(said)
        self.place, self.said = place, said


@dataclass(frozen=True)
class Endpoint:
    """picture, mask, last: fields. choices: by field, what it may be. pictures: the most.

    usd: of a request, from its body, the pictures' pixels and the size of what is made.
    """

    usd: Callable[[Body, int, Size], float]
    picture: str = "image_urls"
    mask: str = ""
    last: str = ""
    needs_last: bool = False
    pictures: int = 14
    film: bool = False
    fields: frozenset[str] = frozenset()
    choices: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    def check(self, body: Body) -> None:
        known = {"prompt", self.picture, self.mask, self.last, *self.fields, *self.choices} - {""}
        for name in body:
            if name not in known:
                raise Refused(name, "Extra inputs are not permitted")
        for name, allowed in self.choices.items():
            if name in body and body[name] not in allowed:
                raise Refused(name, f"Input should be one of {', '.join(map(str, allowed))}")
        needed = ["prompt", self.picture, self.mask, *([self.last] if self.needs_last else [])]
        for name in needed:
            if name and not body.get(name):
                raise Refused(name, "Field required")

    def size(self, body: Body, picture: Bytes) -> Size:
        """Of what is made."""
        height, width = picture.shape[:2]
        if self.film:
            return _film_size(body, Size(width, height))
        asked = body.get("image_size")
        if isinstance(asked, dict):
            return Size(asked["width"], asked["height"])
        if "aspect_ratio" in self.choices:
            return _grid_size(body, Size(width, height))
        return Size(width, height)


def _grid_size(body: Body, sent: Size) -> Size:
    aspect = body.get("aspect_ratio", "auto")
    ratio = sent.ratio if aspect == "auto" else _ratio(aspect)
    edge = {"1K": 1024, "2K": 2048, "4K": 4096}[body.get("resolution", "1K")]
    return Size(round(edge * math.sqrt(ratio) / 16) * 16, round(edge / math.sqrt(ratio) / 16) * 16)


def _film_size(body: Body, sent: Size) -> Size:
    aspect = body.get("aspect_ratio", "auto")
    short = FILM_SIZES[body.get("resolution", "720p")]
    ratio = sent.ratio if aspect == "auto" else _ratio(aspect)
    if ratio >= 1:
        return Size(round(short * ratio / 2) * 2, short)
    return Size(short, round(short / ratio / 2) * 2)


def _ratio(aspect: str) -> float:
    width, height = aspect.split(":")
    return int(width) / int(height)


# --- prices --------------------------------------------------------------------------------------


def _flat(usd: float) -> Callable[[Body, int, Size], float]:
    return lambda body, sent, size: usd


def _by_resolution(usd: Mapping[str, float]) -> Callable[[Body, int, Size], float]:
    return lambda body, sent, size: usd[body.get("resolution", "1K")]


def _by_area(first: float, further: float, into: float = 0.0) -> Callable[[Body, int, Size], float]:
    def usd(body: Body, sent: int, size: Size) -> float:
        out = math.ceil(size.pixels / MEGAPIXEL)
        return first + further * (out - 1) + into * math.ceil(sent / MEGAPIXEL)

    return usd


def _seconds(body: Body) -> int:
    return int(str(body.get("duration", 8)).removesuffix("s"))


def _per_second(
    usd: Mapping[str, float], silent: Mapping[str, float] | None = None
) -> Callable[[Body, int, Size], float]:
    def of(body: Body, sent: int, size: Size) -> float:
        rates = usd if body.get("generate_audio", True) or silent is None else silent
        return rates[body.get("resolution", "720p")] * _seconds(body)

    return of


# --- the endpoints -------------------------------------------------------------------------------

_NANO = frozenset({"num_images", "limit_generations", "seed", "sync_mode", "safety_tolerance"})
_PNG = ("jpeg", "png", "webp")
_GRID = {"aspect_ratio": ("auto", *ASPECTS), "output_format": _PNG}
_SIZED = {**_GRID, "resolution": ("1K", "2K", "4K")}
_SEEDREAM = frozenset(
    {"image_size", "num_images", "max_images", "seed", "enable_safety_checker", "sync_mode"}
)
_FLUX = frozenset({"image_size", "seed", "enable_safety_checker", "sync_mode"})
_FLUX_CHOICES = {"output_format": ("jpeg", "png"), "safety_tolerance": ("1", "2", "3", "4", "5")}
_VEO = frozenset({"generate_audio", "auto_fix", "negative_prompt", "seed", "safety_tolerance"})
_VEO_CHOICES = {
    "aspect_ratio": ("auto", "16:9", "9:16"),
    "duration": ("4s", "6s", "8s"),
    "resolution": ("720p", "1080p", "4k"),
}
_VEO_USD = _per_second(
    {"720p": 0.4, "1080p": 0.4, "4k": 0.6}, {"720p": 0.2, "1080p": 0.2, "4k": 0.4}
)
_FAST_USD = _per_second(
    {"720p": 0.15, "1080p": 0.15, "4k": 0.35}, {"720p": 0.1, "1080p": 0.1, "4k": 0.3}
)


def _veo(usd: Callable[[Body, int, Size], float]) -> Endpoint:
    return Endpoint(usd, "image_url", film=True, fields=_VEO, choices=_VEO_CHOICES)


def _veo_last(usd: Callable[[Body, int, Size], float]) -> Endpoint:
    return Endpoint(
        usd,
        "first_frame_url",
        last="last_frame_url",
        needs_last=True,
        film=True,
        fields=_VEO,
        choices=_VEO_CHOICES,
    )


ENDPOINTS: Mapping[str, Endpoint] = {
    "fal-ai/nano-banana/edit": Endpoint(_flat(0.039), pictures=3, fields=_NANO, choices=_GRID),
    "fal-ai/nano-banana-pro/edit": Endpoint(
        _by_resolution({"1K": 0.15, "2K": 0.15, "4K": 0.3}), fields=_NANO, choices=_SIZED
    ),
    "fal-ai/nano-banana-2/edit": Endpoint(
        _by_resolution({"1K": 0.08, "2K": 0.12, "4K": 0.16}), fields=_NANO, choices=_SIZED
    ),
    "google/nano-banana-2.1/edit": Endpoint(
        _by_resolution({"1K": 0.08, "2K": 0.12, "4K": 0.16}), fields=_NANO, choices=_SIZED
    ),
    "fal-ai/bytedance/seedream/v4.5/edit": Endpoint(_flat(0.04), pictures=10, fields=_SEEDREAM),
    "fal-ai/bytedance/seedream/v5/lite/edit": Endpoint(_flat(0.035), pictures=10, fields=_SEEDREAM),
    "bytedance/seedream/v5/pro/edit": Endpoint(_flat(0.06), pictures=10, fields=_SEEDREAM),
    "fal-ai/flux-2-pro/edit": Endpoint(
        _by_area(0.03, 0.015, 0.015), pictures=8, fields=_FLUX, choices=_FLUX_CHOICES
    ),
    "fal-ai/flux-2-max/edit": Endpoint(
        _by_area(0.07, 0.03, 0.03), pictures=8, fields=_FLUX, choices=_FLUX_CHOICES
    ),
    "fal-ai/flux-2-flex/edit": Endpoint(
        _by_area(0.06, 0.06, 0.06),
        pictures=8,
        fields=_FLUX | {"enable_prompt_expansion", "guidance_scale", "num_inference_steps"},
        choices=_FLUX_CHOICES,
    ),
    "fal-ai/flux-pro/v1/fill": Endpoint(
        _by_area(0.05, 0.05),
        "image_url",
        mask="mask_url",
        pictures=2,
        fields=frozenset({"num_images", "seed", "sync_mode", "enhance_prompt"}),
        choices=_FLUX_CHOICES,
    ),
    "fal-ai/veo3.1/image-to-video": _veo(_VEO_USD),
    "fal-ai/veo3.1/fast/image-to-video": _veo(_FAST_USD),
    "fal-ai/veo3.1/first-last-frame-to-video": _veo_last(_VEO_USD),
    "fal-ai/veo3.1/fast/first-last-frame-to-video": _veo_last(_FAST_USD),
    "google/gemini-omni-flash/v1.1/image-to-video": Endpoint(
        _per_second({"360p": 0.0375, "720p": 0.13, "1080p": 0.19, "4k": 0.38}),
        "image_url",
        last="end_image_url",
        film=True,
        choices={
            "aspect_ratio": ("16:9", "9:16"),
            "duration": tuple(range(3, 11)),
            "resolution": ("360p", "720p", "1080p", "4k"),
        },
    ),
    "fal-ai/sora-2/image-to-video": Endpoint(
        _per_second({"720p": 0.1}),
        "image_url",
        film=True,
        fields=frozenset({"delete_video", "character_ids", "detect_and_block_ip"}),
        choices={
            "aspect_ratio": ("auto", "16:9", "9:16"),
            "duration": (4, 8, 12, 16, 20),
            "resolution": ("auto", "720p"),
        },
    ),
    "bytedance/seedance-2.0/image-to-video": Endpoint(
        _per_second({"480p": 0.1345, "720p": 0.3024, "1080p": 0.682}),
        "image_url",
        last="end_image_url",
        film=True,
        fields=frozenset({"generate_audio", "seed"}),
        choices={
            "aspect_ratio": ("auto", *ASPECTS),
            "duration": ("auto", *(str(count) for count in range(4, 16))),
            "resolution": ("480p", "720p", "1080p"),
        },
    ),
}
