"""What Google refuses before it begins, as strictly as it does."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from PIL import UnidentifiedImageError

from bridge.geometry import Size
from tests.emulators.gemini_models import MODELS, Known
from tests.emulators.model import Bytes, read

MEDIA_TYPES = ("image/png", "image/jpeg", "image/webp", "image/heic", "image/heif")
MOST_BYTES = 100_000_000  # of a request
THRESHOLDS = ("BLOCK_LOW_AND_ABOVE", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_ONLY_HIGH", "BLOCK_NONE")
LEVELS = ("MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH")

# The fields that exist: a nested table where they are looked into, None where they are not.
CONTENT: Mapping[str, Any] = {
    "contents": {
        "role": None,
        "parts": {
            "text": None,
            "inlineData": {"mimeType": None, "data": None},
            "fileData": {"mimeType": None, "fileUri": None},
            "thoughtSignature": None,
        },
    },
    "generationConfig": {
        "responseModalities": None,
        "candidateCount": None,
        "seed": None,
        "temperature": None,
        "topP": None,
        "topK": None,
        "maxOutputTokens": None,
        "thinkingConfig": {"thinkingLevel": None, "includeThoughts": None, "thinkingBudget": None},
        "imageConfig": {"aspectRatio": None, "imageSize": None},
    },
    "safetySettings": {"category": None, "threshold": None},
    "systemInstruction": None,
    "tools": None,
    "toolConfig": None,
    "cachedContent": None,
    "serviceTier": None,
    "store": None,
    "labels": None,
}
INTERACTION: Mapping[str, Any] = {
    "model": None,
    "input": None,  # a string, blocks or steps: looked into by hand
    "response_format": {
        "type": None,
        "mime_type": None,
        "aspect_ratio": None,
        "image_size": None,
        "delivery": None,
    },
    "generation_config": {
        "seed": None,
        "thinking_level": None,
        "thinking_summaries": None,
        "max_output_tokens": None,
        "temperature": None,
        "top_p": None,
    },
    "background": None,
    "store": None,
    "stream": None,
    "previous_interaction_id": None,
    "system_instruction": None,
    "safety_settings": None,
    "service_tier": None,
    "labels": None,
    "tools": None,
    "webhook_config": None,
}


class Refused(Exception):
    """Answered with this error, and nothing is charged."""

    def __init__(self, message: str, code: int = 400, status: str = "INVALID_ARGUMENT") -> None:
        super().__init__(message)
        self.message, self.code, self.status = message, code, status


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was found good."""

    model: str
    known: Known
    prompt: str
    pictures: tuple[Bytes, ...]
    aspect: str
    tier: str
    includes_thoughts: bool = False


def content(model: str, body: Any) -> Asked:
    """Of generateContent. Refused when anything in it is wrong."""
    known = _known(model)
    body = _camel(body)
    _only(body, CONTENT)
    parts = [part for content in _list(body, "contents") for part in _list(content, "parts")]
    prompt = "\n".join(part["text"] for part in parts if "text" in part)
    pictures = tuple(_inline(part["inlineData"]) for part in parts if "inlineData" in part)
    config = body.get("generationConfig", {})
    modalities = config.get("responseModalities", ["TEXT", "IMAGE"])
    if "IMAGE" not in modalities or set(modalities) - {"TEXT", "IMAGE"}:
        raise Refused(f"The requested combination of response modalities {modalities} is invalid.")
    if config.get("candidateCount", 1) != 1:
        raise Refused("Multiple candidates is not enabled for this model")
    for setting in body.get("safetySettings", []):
        if setting.get("threshold") not in (*THRESHOLDS, "OFF"):
            raise Refused(f"Invalid value at 'safety_settings': {setting.get('threshold')}")
    image, thinking = config.get("imageConfig", {}), config.get("thinkingConfig", {})
    _thinking(known, thinking.get("thinkingLevel"))
    asked = _asked(model, prompt, pictures, image.get("aspectRatio"), image.get("imageSize", ""))
    return replace(asked, includes_thoughts=bool(thinking.get("includeThoughts")))


def interaction(body: Any) -> Asked:
    """Of the Interactions route. Refused when anything in it is wrong."""
    _only(body, INTERACTION)
    model = str(body.get("model", "")).removeprefix("models/")
    known = _known(model)
    blocks = _blocks(body.get("input"))
    prompt = "\n".join(block["text"] for block in blocks if block.get("type") == "text")
    pictures = tuple(
        _inline({"mimeType": block.get("mime_type"), "data": block.get("data")})
        for block in blocks
        if block.get("type") == "image"
    )
    answer = body.get("response_format", {})
    if answer.get("type") != "image":
        raise Refused("response_format.type: this model answers with an image")
    if answer.get("mime_type", "image/jpeg") != "image/jpeg":
        raise Refused(f"response_format.mime_type: {answer['mime_type']} is not supported")
    if answer.get("delivery", "inline") not in ("inline", "uri"):
        raise Refused(f"response_format.delivery: {answer['delivery']} is not supported")
    if body.get("background") and not body.get("store", True):
        raise Refused("background interactions must be stored")
    level = body.get("generation_config", {}).get("thinking_level")
    _thinking(known, level.upper() if isinstance(level, str) else level)
    tier = answer.get("image_size", "")
    return _asked(model, prompt, pictures, answer.get("aspect_ratio"), tier)


def _known(model: str) -> Known:
    if model not in MODELS:
        raise Refused(
            f"models/{model} is not found for API version v1beta, or is not supported for "
            "generateContent. Call ListModels to see the list of available models and their "
            "supported methods.",
            404,
            "NOT_FOUND",
        )
    return MODELS[model]


def _asked(
    model: str, prompt: str, pictures: tuple[Bytes, ...], aspect: str | None, tier: str
) -> Asked:
    known = MODELS[model]
    if not prompt and not pictures:
        raise Refused("* GenerateContentRequest.contents: contents is not specified")
    if len(pictures) > known.pictures:
        raise Refused(f"At most {known.pictures} images are supported, got {len(pictures)}.")
    if aspect is not None and aspect not in known.aspects:
        raise Refused(f"aspect_ratio must be one of {', '.join(known.aspects)}")
    if tier and tier not in known.sizes:
        raise Refused(f"image_size {tier} is not supported for this model")
    return Asked(model, known, prompt, pictures, aspect or _nearest(known, pictures), tier)


def _nearest(known: Known, pictures: tuple[Bytes, ...]) -> str:
    """The aspect of the last picture, where none is asked for."""
    if not pictures:
        return "1:1"
    height, width = pictures[-1].shape[:2]
    sent = Size(width, height)

    def distance(aspect: str) -> float:
        return abs(known.size(aspect, "").ratio - sent.ratio)

    return min(known.aspects, key=distance)


def _thinking(known: Known, level: object) -> None:
    if level is None:
        return
    if level not in LEVELS:
        raise Refused(f"Invalid value at 'thinking_level': {level}")
    if level not in known.thinking:
        raise Refused(f"Thinking level {level} is not supported for this model.")


def _inline(data: Mapping[str, Any]) -> Bytes:
    if data.get("mimeType") not in MEDIA_TYPES:
        raise Refused(f"Unsupported MIME type: {data.get('mimeType')}")
    try:
        return read(base64.b64decode(_standard(str(data.get("data"))), validate=True))
    except binascii.Error as exc:
        raise Refused("Invalid value at 'inline_data.data' (TYPE_BYTES), Base64 failed") from exc
    except (UnidentifiedImageError, OSError) as exc:
        raise Refused("Unable to process input image. Please retry or report.") from exc


def _standard(text: str) -> str:
    """Both alphabets of base64 are taken."""
    return text.replace("-", "+").replace("_", "/")


def _blocks(given: object) -> list[Mapping[str, Any]]:
    """A string, a list of content blocks, or a list of steps that hold them."""
    if isinstance(given, str):
        return [{"type": "text", "text": given}]
    if not isinstance(given, list):
        raise Refused("input: must be a string or a list")
    blocks: list[Mapping[str, Any]] = []
    for item in given:
        step = item.get("type") == "user_input"
        blocks += _blocks(item["content"]) if step else [item]
    return blocks


def _list(body: Any, name: str) -> list[Any]:
    found = body.get(name)
    if not isinstance(found, list) or not found:
        raise Refused(f"* GenerateContentRequest.{name}: {name} is not specified")
    return found


def _camel(value: Any) -> Any:
    """Names in either spelling, as protocol buffers take them."""
    if isinstance(value, list):
        return [_camel(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {_camel_name(name): _camel(item) for name, item in value.items()}


def _camel_name(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def _only(value: Any, fields: Mapping[str, Any] | None, at: str = "") -> None:
    """Refused when there is a field that does not exist."""
    if fields is None:
        return
    if isinstance(value, list):
        for index, item in enumerate(value):
            _only(item, fields, f"{at}[{index}]")
        return
    if not isinstance(value, dict):
        raise Refused(f"Invalid value at '{at}', expected an object")
    for name, item in value.items():
        if name not in fields:
            raise Refused(
                "Invalid JSON payload received. "
                f"Unknown name \"{name}\" at '{at}': Cannot find field."
            )
        _only(item, fields[name], f"{at}.{name}".lstrip("."))
