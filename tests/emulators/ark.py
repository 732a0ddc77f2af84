"""Ark's image generation as its contract says: one request, a picture to fetch for a day.

Only pictures that were made are charged. A key the client does not set comes as null, as the
official client sends it. Without `watermark: false` a picture is stamped, as the real one is.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any, ClassVar

from PIL import UnidentifiedImageError
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bridge.geometry import Size
from tests.emulators.emulator import Emulator, Kept
from tests.emulators.model import Bytes, Model, read, write
from tests.emulators.scenario import TRANSIT, in_transit

MOST_BYTES = 10_000_000  # of one picture
DELIVERY = "https://ark-content-generation-v2-ap-southeast-1.tos-ap-southeast-1.bytepluses.com"
FIELDS = frozenset(
    [
        "model",
        "prompt",
        "image",
        "size",
        "seed",
        "guidance_scale",
        "watermark",
        "response_format",
        "output_format",
        "sequential_image_generation",
        "sequential_image_generation_options",
        "optimize_prompt",
        "optimize_prompt_options",
        "tools",
        "layer_decomposition",
        "stream",
        "background",
    ]
)


@dataclass(frozen=True)
class Rules:
    """least, most: pixels of one picture. usd: up to 2.36 megapixels, and above."""

    least: int
    most: int
    pictures: int  # that are sent
    usd: tuple[float, float]
    usd_input: float = 0.0  # for each picture sent after the first
    png: bool = False
    series: bool = False
    tiers: tuple[str, ...] = ()


PRO = Rules(921_600, 4_624_220, 10, (0.045, 0.09), 0.003, png=True, tiers=("1K", "2K"))
FLASH = Rules(921_600, 4_624_220, 10, (0.018, 0.018), png=True, tiers=("1K", "2K"))
LITE = Rules(3_686_400, 16_777_216, 14, (0.035, 0.035), png=True, series=True, tiers=("2K", "4K"))
FOUR_FIVE = Rules(3_686_400, 16_777_216, 14, (0.04, 0.04), series=True, tiers=("2K", "4K"))
FOUR = Rules(921_600, 16_777_216, 10, (0.03, 0.03), series=True, tiers=("1K", "2K", "4K"))
TIERS = {"1K": Size(1024, 1024), "2K": Size(2048, 2048), "4K": Size(4096, 4096)}
BYTEPLUS = {
    "dola-seedream-5-0-pro-260628": PRO,
    "dola-seedream-5-0-flash-260915": FLASH,
    "seedream-5-0-260128": LITE,
    "seedream-4-5-251128": FOUR_FIVE,
    "seedream-4-0-250828": FOUR,
}
VOLCENGINE = {
    "doubao-seedream-5-0-pro-260628": PRO,
    "doubao-seedream-5-0-flash-260915": FLASH,
    "doubao-seedream-5-0-260128": LITE,
    "doubao-seedream-4-5-251128": FOUR_FIVE,
    "doubao-seedream-4-0-250828": FOUR,
}

REFUSALS = {
    "key": (401, "AuthenticationError", "The API key in the request is missing or invalid"),
    "denied": (403, "AccessDenied", "The request is denied"),
    "no_credit": (403, "AccountOverdueError", "The account has an overdue balance"),
    "gone": (404, "InvalidEndpointOrModel.NotFound", "The model does not exist"),
    "per_minute": (429, "ModelAccountIpmRateLimitExceeded", "Images per minute exceeded"),
    "per_day": (429, "QuotaExceeded", "The free quota is used up"),
    "overload": (429, "ServerOverloaded", "The service is overloaded"),
    "too_big": (413, "RequestEntityTooLarge", "The request is too large"),
    "bad_request": (400, "InvalidParameter", "The parameter size is not valid"),
    "moderation_in": (400, "InputImageSensitiveContentDetected", "May be sensitive"),
    "moderation_out": (400, "OutputImageSensitiveContentDetected", "May be sensitive"),
    "error": (500, "InternalServiceError", "The service met an unexpected error"),
}
NO_PICTURE = {
    "partial": {"error": {"code": "OutputImageSensitiveContentDetected", "message": "Refused"}},
    "failed": {"error": {"code": "InternalServiceError", "message": "Worker lost"}},
}
OF_THE_PICTURE = frozenset({"expired", "stale", "other_host", "off_host", "truncated"})


class Refused(Exception):
    """Answered with 400 and this."""


class ArkEmulator(Emulator):
    """delivery: where pictures are fetched; "" = where it was asked."""

    troubles: ClassVar[frozenset[str]] = (
        TRANSIT | REFUSALS.keys() | NO_PICTURE.keys() | OF_THE_PICTURE
    ) | {"not_json", "wrong_type", "inline"}

    def __init__(
        self, key: str = "key-of-the-test", model: Model | None = None, delivery: str = ""
    ) -> None:
        super().__init__(key, model)
        self.delivery = delivery
        self.pictures: Kept[tuple[str, bytes, str]] = Kept()  # trouble, bytes, type
        self.fetched: dict[str, int] = {}

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/api/v3/images/generations", self.generate, methods=["POST"]),
            Route("/api/v3/models", self.listed),
            Route("/pictures/{name}", self.picture),
        ]

    async def listed(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {self.key}":
            return _refusal("key")
        here = VOLCENGINE if str(request.url.hostname).endswith("volces.com") else BYTEPLUS
        rows = [{"id": name, "object": "model"} for name in sorted(here.keys() - self.delisted)]
        return JSONResponse({"object": "list", "data": rows})

    async def generate(self, request: Request) -> Response:
        trouble = self.script.next()
        if request.headers.get("authorization") != f"Bearer {self.key}":
            return _refusal("key")
        if trouble in REFUSALS:
            return _refusal(trouble)
        body = {name: item for name, item in (await request.json()).items() if item is not None}
        if body.get("model") not in BYTEPLUS | VOLCENGINE:
            return _refusal("gone")
        try:
            answer = self._answer(body, trouble, str(request.base_url))
        except Refused as refused:
            return _error(400, "InvalidParameter", str(refused))
        if trouble == "not_json":
            return HTMLResponse("<html>gateway</html>")
        if body.get("stream"):
            return Response(_events(answer), media_type="text/event-stream")
        return in_transit(trouble, JSONResponse(answer))

    async def picture(self, request: Request) -> Response:
        name = request.path_params["name"]
        trouble, picture, media_type = self.pictures[name]
        self.fetched[name] = self.fetched.get(name, 0) + 1
        if trouble == "expired" or (trouble == "stale" and self.fetched[name] == 1):
            return Response("<Error><Code>AccessDenied</Code></Error>", 403)
        if trouble == "wrong_type":
            return HTMLResponse("<html>be patient</html>")
        half = trouble == "truncated"
        return Response(picture[: len(picture) // 2] if half else picture, media_type=media_type)

    def _answer(self, body: dict[str, Any], trouble: str, here: str) -> dict[str, Any]:
        rules = (BYTEPLUS | VOLCENGINE)[body["model"]]
        _check_fields(body, rules)
        pictures, size = _pictures(body, rules), _size(body, rules)
        answer: dict[str, Any] = {"model": body["model"], "created": 1757321139}
        if trouble in NO_PICTURE:
            return {**answer, "data": [NO_PICTURE[trouble]], "usage": _usage(0, len(pictures))}
        made = self.model.edit(pictures[0], size, references=tuple(pictures[1:])).answer
        if body.get("watermark", True):
            made[-32:, -96:] = 255
        media_type = f"image/{body.get('output_format', 'jpeg')}"
        picture, name = write(made, media_type), self.new_id("picture-")
        usd = rules.usd[size.pixels > 2_360_000] + rules.usd_input * (len(pictures) - 1)
        self.ledger.charge(body["model"], usd, name)
        item: dict[str, Any] = {"size": str(size)}
        if body.get("response_format") == "b64_json" or trouble == "inline":
            held = b"<html>" if trouble == "wrong_type" else picture
            item["b64_json"] = base64.b64encode(held).decode()
        else:
            self.pictures[name] = (trouble, picture, media_type)
            item["url"] = f"{self._delivery(trouble, here)}/pictures/{name}?X-Tos-Expires=86400"
        return {**answer, "data": [item], "usage": _usage(1, len(pictures))}

    def _delivery(self, trouble: str, here: str) -> str:
        named = {"off_host": "https://pictures.example", "other_host": DELIVERY}
        return named.get(trouble) or self.delivery or here.rstrip("/")


def _check_fields(body: dict[str, Any], rules: Rules) -> None:
    unknown = body.keys() - FIELDS
    if unknown:
        raise Refused(f"unknown parameter {sorted(unknown)[0]}")
    if not isinstance(body.get("prompt"), str) or not body["prompt"]:
        raise Refused("the parameter prompt is missing")
    if "guidance_scale" in body:
        raise Refused("the parameter guidance_scale is not supported by this model")
    if "output_format" in body and not rules.png:
        raise Refused("the parameter output_format is not supported by this model")
    if "sequential_image_generation" in body and not rules.series:
        raise Refused("the parameter sequential_image_generation is not supported by this model")
    if body.get("stream") and not rules.series:
        raise Refused("the parameter stream is not supported by this model")


def _size(body: dict[str, Any], rules: Rules) -> Size:
    asked = body.get("size", "2048x2048")
    if asked in rules.tiers:
        return TIERS[asked]
    try:
        width, height = (int(edge) for edge in asked.split("x"))
    except ValueError as exc:
        raise Refused("the parameter size is not valid") from exc
    if not (rules.least <= width * height <= rules.most and 1 / 16 <= width / height <= 16):
        raise Refused(f"the parameter size must have {rules.least} to {rules.most} pixels")
    return Size(width, height)


def _pictures(body: dict[str, Any], rules: Rules) -> list[Bytes]:
    sent = body.get("image")
    if not sent:
        raise Refused("emulated for edits only: image is needed")
    urls = sent if isinstance(sent, list) else [sent]
    if len(urls) > rules.pictures:
        raise Refused(f"at most {rules.pictures} images")
    return [_picture(url) for url in urls]


def _picture(url: str) -> Bytes:
    start, _, data = url.partition(";base64,")
    if start not in ("data:image/png", "data:image/jpeg"):
        raise Refused("image must be a data URL with a lower-case format")
    try:
        raw = base64.b64decode(data, validate=True)
        picture = read(raw)
    except (binascii.Error, UnidentifiedImageError, OSError) as exc:
        raise Refused("image could not be decoded") from exc
    height, width = picture.shape[:2]
    if len(raw) > MOST_BYTES or min(width, height) <= 14 or not 1 / 3 <= width / height <= 3:
        raise Refused("image is too big, too small or too long")
    return picture


def _usage(made: int, sent: int) -> dict[str, int]:
    tokens = 16384 * made
    return {
        "generated_images": made,
        "output_tokens": tokens,
        "total_tokens": tokens,
        "input_images": sent,
    }


def _events(answer: dict[str, Any]) -> str:
    """The same answer, told as it comes about."""
    told = []
    for index, item in enumerate(answer["data"]):
        kind = "partial_failed" if "error" in item else "partial_succeeded"
        told.append({"type": f"image_generation.{kind}", "image_index": index, **item})
    told.append({"type": "image_generation.completed", "usage": answer["usage"]})
    common = {"model": answer["model"], "created": answer["created"]}
    lines = [f"event: {one['type']}\ndata: {json.dumps({**common, **one})}\n\n" for one in told]
    return "".join(lines) + "data: [DONE]\n\n"


def _refusal(trouble: str) -> Response:
    return _error(*REFUSALS[trouble])


def _error(status: int, code: str, message: str) -> Response:
    error = {"code": code, "message": message, "param": "", "type": "Error"}
    return JSONResponse({"error": error}, status, {"X-Request-Id": "request-of-the-test"})
