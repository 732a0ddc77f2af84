"""What OpenAI refuses before it begins, and what its image models cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import UnidentifiedImageError

from bridge.geometry import Size
from tests.emulators.model import Bytes, read, read_alpha
from tests.emulators.multipart import Field

USD_TEXT, USD_IMAGE, USD_OUT = 5.0, 8.0, 30.0  # per million tokens
MEGAPIXEL = 1024 * 1024
TOKENS_IN = 1560  # of a megapixel that is sent
TOKENS_PARTIAL = 100
MOST_PICTURES, MOST_BYTES, MOST_MASK_BYTES = 16, 50_000_000, 4_000_000
MOST_PROMPT = 32_000
# Tokens of a picture of one megapixel; larger ones grow with their area, smaller ones do not.
QUALITIES_2 = {"low": 200, "medium": 1767, "high": 7033}
QUALITIES_25 = {"low": 200, "medium": 467, "high": 1767, "xhigh": 3133, "max": 7033}
MODELS: Mapping[str, Mapping[str, int]] = {
    "gpt-image-2": QUALITIES_2,
    "gpt-image-2-2026-04-21": QUALITIES_2,
    "gpt-image-2.5-sunburst": QUALITIES_25,
    "gpt-image-2.5-flare": QUALITIES_25,
}
FIELDS = frozenset(
    {"prompt", "model", "n", "size", "quality", "background", "output_format"}
    | {"output_compression", "stream", "partial_images", "safety_identifier", "user"}
)
FILES = frozenset({"image", "image[]", "mask"})


class Refused(Exception):
    """Answered with this error, and nothing is charged."""

    def __init__(self, message: str, param: str = "", code: str = "", status: int = 400) -> None:
        super().__init__(message)
        self.message, self.param, self.code, self.status = message, param, code, status


@dataclass(frozen=True, slots=True)
class Asked:
    """mask: (H, W), true where it shall be repainted."""

    model: str
    prompt: str
    pictures: tuple[Bytes, ...]
    mask: npt.NDArray[np.bool_] | None
    size: Size
    quality: str
    background: str
    output_format: str
    n: int
    stream: bool
    partial_images: int

    @property
    def text_tokens(self) -> int:
        return len(self.prompt) // 4 + 1

    @property
    def image_tokens(self) -> int:
        pixels = sum(one[..., 0].size for one in self.pictures)
        return round(TOKENS_IN * pixels / MEGAPIXEL)

    def out_tokens(self, partials: int = 0) -> int:
        each = MODELS[self.model][self.quality] * max(1.0, self.size.pixels / MEGAPIXEL)
        return self.n * round(each) + partials * TOKENS_PARTIAL

    def usd(self, partials: int = 0) -> float:
        sent = self.text_tokens * USD_TEXT + self.image_tokens * USD_IMAGE
        return (sent + self.out_tokens(partials) * USD_OUT) / 1e6


def edit(parts: list[Field]) -> Asked:
    """Refused when anything in it is wrong."""
    given = {part.name: part.content.decode() for part in parts if not part.filename}
    files = [part for part in parts if part.filename]
    for name in (*given, *(part.name for part in files)):
        if name not in FIELDS | FILES:
            raise Refused(f"Unknown parameter: '{name}'.", name, "unknown_parameter")
    model = given.get("model", "gpt-image-2")
    if model not in MODELS:
        message = f"The model `{model}` does not exist or you do not have access to it."
        raise Refused(message, "model", "model_not_found", 404)
    pictures = tuple(_picture(part) for part in files if part.name in ("image", "image[]"))
    if not pictures:
        raise Refused("Missing required parameter: 'image'.", "image", "missing_required_parameter")
    if len(pictures) > MOST_PICTURES:
        raise Refused(f"At most {MOST_PICTURES} images can be given.", "image")
    return Asked(
        model,
        _prompt(given),
        pictures,
        _mask(files, pictures[0]),
        _size(given.get("size", "auto"), pictures[0]),
        _quality(given, model),
        _one_of(given, "background", ("auto", "opaque", "transparent")),
        _one_of(given, "output_format", ("png", "jpeg", "webp")),
        _number(given, "n", 1, 1, 10),
        _one_of(given, "stream", ("false", "true")) == "true",
        _number(given, "partial_images", 0, 0, 3),
    )


def _prompt(given: Mapping[str, str]) -> str:
    prompt = given.get("prompt", "")
    if not prompt:
        code = "missing_required_parameter"
        raise Refused("Missing required parameter: 'prompt'.", "prompt", code)
    if len(prompt) > MOST_PROMPT:
        raise Refused(f"Invalid 'prompt': at most {MOST_PROMPT} characters.", "prompt")
    return prompt


def _picture(part: Field) -> Bytes:
    if len(part.content) >= MOST_BYTES:
        raise Refused("Image is larger than 50 MB.", "image", "", 413)
    if part.media_type not in ("image/png", "image/jpeg", "image/webp"):
        message = f"Invalid file '{part.name}': unsupported mimetype ('{part.media_type}')."
        raise Refused(message, part.name, "unsupported_file_mimetype")
    try:
        return read(part.content)
    except (UnidentifiedImageError, OSError) as exc:
        raise Refused("Invalid image file or mode.", part.name, "invalid_image_file") from exc


def _mask(files: list[Field], first: Bytes) -> npt.NDArray[np.bool_] | None:
    found = [part for part in files if part.name == "mask"]
    if not found:
        return None
    wrong = "invalid_mask_image_format"
    if found[0].media_type != "image/png" or len(found[0].content) >= MOST_MASK_BYTES:
        raise Refused("Invalid mask image format - mask must be a PNG below 4 MB", "mask", wrong)
    alpha = read_alpha(found[0].content)
    if alpha is None:
        raise Refused("Invalid mask image format - mask needs an alpha channel", "mask", wrong)
    if alpha.shape != first.shape[:2]:
        message = "Invalid mask image format - mask size does not match image size"
        raise Refused(message, "mask", wrong)
    open_there: npt.NDArray[np.bool_] = alpha == 0
    return open_there


def _size(text: str, first: Bytes) -> Size:
    if text == "auto":
        return Size(1024, 1024) if first.shape[0] == first.shape[1] else Size(1536, 1024)
    width, times, height = text.partition("x")
    if not (times and width.isdigit() and height.isdigit()):
        raise Refused(f"Invalid size '{text}'.", "size", "invalid_value")
    size = Size(int(width), int(height))
    long, short = max(size.width, size.height), min(size.width, size.height)
    fits = size.width % 16 == 0 and size.height % 16 == 0 and long <= 3 * short and long <= 3840
    if not fits or not 655_360 <= size.pixels <= 8_294_400:
        message = f"Invalid size '{text}'. Requested resolution is not supported by this model."
        raise Refused(message, "size", "invalid_value")
    return size


def _quality(given: Mapping[str, str], model: str) -> str:
    quality = given.get("quality", "auto")
    if quality == "auto":
        return "medium"
    if quality not in MODELS[model]:
        allowed = ", ".join(f"'{name}'" for name in MODELS[model])
        message = f"Invalid value: '{quality}'. Supported values are: {allowed}."
        raise Refused(message, "quality", "invalid_value")
    return quality


def _one_of(given: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    """The first of those allowed is what is meant when nothing is said."""
    value = given.get(name, allowed[0])
    if value not in allowed:
        raise Refused(f"Invalid value: '{value}'.", name, "invalid_value")
    return value


def _number(given: Mapping[str, str], name: str, usual: int, low: int, high: int) -> int:
    text = given.get(name, str(usual))
    if not text.isdigit() or not low <= int(text) <= high:
        raise Refused(f"Invalid '{name}': must be {low}..{high}.", name, "invalid_value")
    return int(text)


def error(message: str, kind: str, param: str = "", code: str = "", **more: Any) -> dict[str, Any]:
    body = {"message": message, "type": kind, "param": param or None, "code": code or None}
    return {"error": {**body, **more}}
