"""OpenRouter: pictures in the answer, films as jobs that are fetched with the key.

The price is the maker's; what was charged is in every answer.
"""

from __future__ import annotations

import base64
import binascii
import math
from dataclasses import dataclass
from typing import Any, ClassVar

from PIL import UnidentifiedImageError
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bridge.geometry import Size
from tests.emulators.emulator import Emulator, Kept
from tests.emulators.fal_rules import FILM_SIZES
from tests.emulators.films import FilmModel
from tests.emulators.model import Bytes, Model, read, write
from tests.emulators.scenario import TRANSIT, in_transit

ROOT = "/api/v1"
RESOLUTIONS = {"512": 512, "1K": 1024, "2K": 2048, "4K": 4096}
# USD of a picture: by resolution, or one price for all.
PICTURES: dict[str, dict[str, float]] = {
    "google/gemini-3-pro-image": {"1K": 0.134, "2K": 0.134, "4K": 0.24},
    "google/gemini-3.1-flash-image": {"1K": 0.067, "2K": 0.101, "4K": 0.151},
    "bytedance-seed/seedream-4.5": {"2K": 0.04, "4K": 0.04},
    "black-forest-labs/flux.2-pro": {"1K": 0.045, "2K": 0.09},
    "black-forest-labs/flux.2-max": {"1K": 0.1, "2K": 0.19},
    "black-forest-labs/flux.2-flex": {"1K": 0.12, "2K": 0.3},
    "openai/gpt-image-2": {"1K": 0.053},
}
# USD of a second of film, with sound and without.
FILMS = {
    "google/veo-3.1": (0.4, 0.2),
    "google/veo-3.1-fast": (0.15, 0.1),
    "openai/sora-2-pro": (0.3, 0.3),
    "bytedance/seedance-2.0": (0.31, 0.31),
}
IMAGE_FIELDS = frozenset(
    {"model", "prompt", "input_references", "aspect_ratio", "resolution", "size", "n"}
    | {"output_format", "output_compression", "quality", "background", "seed", "stream"}
)
VIDEO_FIELDS = frozenset(
    {"model", "prompt", "frame_images", "input_references", "duration", "resolution", "seed"}
    | {"aspect_ratio", "size", "generate_audio"}
)
REFUSALS: dict[str, tuple[int, str]] = {
    "key": (401, "No auth credentials found"),
    "no_credit": (402, "Insufficient credits"),
    "moderation_in": (403, "Your input was flagged"),
    "gone": (404, "No endpoints found for this model"),
    "too_big": (413, "Payload too large"),
    "per_minute": (429, "Rate limit exceeded"),
    "bad_request": (400, "resolution is not supported by this model"),
    "overload": (503, "No instances available"),
    "error": (500, "Internal Server Error"),
}
ENDS = {
    "moderation_out": {"status": "failed", "error": "Blocked by content policy"},
    "failed": {"status": "failed", "error": "Worker lost"},
    "stopped": {"status": "cancelled"},
    "job_expired": {"status": "expired"},
}
OF_PICTURES = frozenset({"soft_refusal", "error_inside", "truncated", "wrong_type"})
OF_FILMS = frozenset(
    {"pending", "poll_error", "lost", "expired", "stale", "off_host", "other_host", *ENDS}
    | {"truncated", "wrong_type", "no_address"}
)


class Refused(Exception):
    """Answered with 400 and this."""


@dataclass
class Job:
    trouble: str
    usd: float = 0.0
    film: bytes = b""
    polls: int = 0
    fetched: int = 0


class OpenRouterEmulator(Emulator):
    """Pictures only: what can go wrong with them."""

    troubles: ClassVar[frozenset[str]] = TRANSIT | {"not_json"} | REFUSALS.keys() | OF_PICTURES

    def __init__(self, key: str = "key-of-the-test", model: Model | None = None) -> None:
        super().__init__(key, model)
        self.films = FilmModel()
        self.films.made = self.model.made
        self.jobs: Kept[Job] = Kept()

    def routes(self) -> list[BaseRoute]:
        return [
            Route(f"{ROOT}/images", self.image, methods=["POST"]),
            Route(f"{ROOT}/videos", self.video, methods=["POST"]),
            Route(f"{ROOT}/videos/{{job}}", self.look),
            Route(f"{ROOT}/videos/{{job}}/content", self.content),
            Route(f"{ROOT}/key", self.about_key),
            Route("/kept/{job}", self.kept),
        ]

    async def about_key(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {self.key}":
            return _refusal("key")
        about = {"label": "sk-or-v1-0…0", "limit": 100, "limit_remaining": 74.5, "usage": 25.5}
        return JSONResponse({"data": about})

    # --- pictures ----------------------------------------------------------------------------

    async def image(self, request: Request) -> Response:
        trouble = self.script.next()
        if not self._knows(request):
            return _refusal("key")
        if trouble in REFUSALS:
            return _refusal(trouble)
        if trouble == "error_inside":
            return JSONResponse({"error": {"code": 403, "message": "The output was flagged"}})
        body = await request.json()
        if body.get("model") not in PICTURES:
            return _refusal("gone")
        try:
            answer = self._picture(body, trouble)
        except Refused as refused:
            return _error(400, str(refused))
        if trouble == "not_json":
            return HTMLResponse("<html>gateway</html>")
        return in_transit(trouble, JSONResponse(answer))

    def _picture(self, body: dict[str, Any], trouble: str) -> dict[str, Any]:
        _check(body, IMAGE_FIELDS)
        pictures = [_read(one) for one in body.get("input_references") or ()]
        if not pictures:
            raise Refused("emulated for edits only: input_references is needed")
        resolution = body.get("resolution", "1K")
        prices = PICTURES[body["model"]]
        if resolution not in prices:
            raise Refused("resolution is not supported by this model")
        size = _size(body.get("aspect_ratio", "1:1"), RESOLUTIONS[resolution] ** 2)
        made = self.model.edit(pictures[0], size, references=tuple(pictures[1:]))
        media_type = f"image/{body.get('output_format', 'jpeg')}"
        picture = write(made.answer, media_type, quality=95)
        usd = prices[resolution]
        self.ledger.charge(body["model"], usd, self.new_id("gen-"))
        usage = {"prompt_tokens": 10, "completion_tokens": 4175, "total_tokens": 4185, "cost": usd}
        answer: dict[str, Any] = {"created": 1748372400, "data": [], "usage": usage}
        if trouble != "soft_refusal":
            held = {"truncated": picture[: len(picture) // 2], "wrong_type": b"<html>"}
            data = base64.b64encode(held.get(trouble, picture)).decode()
            answer["data"] = [{"b64_json": data, "media_type": media_type}]
        return answer

    # --- films -------------------------------------------------------------------------------

    async def video(self, request: Request) -> Response:
        trouble = self.script.next()
        if not self._knows(request):
            return _refusal("key")
        if trouble in REFUSALS:
            return _refusal(trouble)
        body = await request.json()
        if body.get("model") not in FILMS:
            return _refusal("gone")
        try:
            name = self._begin(body, trouble)
        except Refused as refused:
            return _error(400, str(refused))
        if trouble == "not_json":
            return HTMLResponse("<html>gateway</html>")
        poll = "https://[" if trouble == "no_address" else f"{ROOT}/videos/{name}"
        told = {"id": name, "polling_url": poll, "status": "pending"}
        return in_transit(trouble, JSONResponse(told, 202))

    async def look(self, request: Request) -> Response:
        name = request.path_params["job"]
        job = self.jobs.get(name)
        if not self._knows(request):
            return _refusal("key")
        if job is None or job.trouble == "lost":
            return _error(404, "Job not found")
        job.polls += 1
        if job.trouble == "poll_error" and job.polls == 1:
            return _error(502, "Bad gateway")
        told: dict[str, Any] = {"id": name, "polling_url": f"{ROOT}/videos/{name}"}
        if job.trouble == "pending" and (self.held or job.polls <= 2):
            status = "pending" if job.polls == 1 else "in_progress"
            return JSONResponse({**told, "status": status})
        if job.trouble in ENDS:
            return JSONResponse({**told, **ENDS[job.trouble]})
        url = f"https://openrouter.ai{ROOT}/videos/{name}/content?index=0"
        usage = {"cost": job.usd, "is_byok": False}
        done = {"status": "completed", "unsigned_urls": [url], "usage": usage}
        return JSONResponse({**told, **done})

    async def content(self, request: Request) -> Response:
        name = request.path_params["job"]
        job = self.jobs[name]
        if not self._knows(request):
            return _refusal("key")
        job.fetched += 1
        elsewhere = {
            "other_host": "https://media.openrouter.ai",
            "off_host": "https://films.example",
        }
        if job.trouble in elsewhere:
            return RedirectResponse(f"{elsewhere[job.trouble]}/kept/{name}", 302)
        if job.trouble == "expired" or (job.trouble == "stale" and job.fetched == 1):
            return _error(404, "Content not found")
        if job.trouble == "wrong_type":
            return HTMLResponse("<html>be patient</html>")
        half = job.trouble == "truncated"
        film = job.film[: len(job.film) // 2] if half else job.film
        return Response(film, media_type="video/mp4")

    async def kept(self, request: Request) -> Response:
        """A storage that knows no keys."""
        return Response(self.jobs[request.path_params["job"]].film, media_type="video/mp4")

    def _begin(self, body: dict[str, Any], trouble: str) -> str:
        _check(body, VIDEO_FIELDS)
        frames = {one.get("frame_type"): one for one in body.get("frame_images") or ()}
        if "first_frame" not in frames or frames.keys() - {"first_frame", "last_frame"}:
            raise Refused("frame_images needs a first_frame")
        pictures = {kind: _read(one) for kind, one in frames.items()}
        if not isinstance(body.get("duration"), int):
            raise Refused("duration must be a number")
        name = self.new_id("gen-vid-")
        job = self.jobs[name] = Job(trouble)
        if trouble in ENDS:
            return name
        short = FILM_SIZES[body.get("resolution", "720p")]
        wide = body.get("aspect_ratio", "16:9") == "16:9"
        long = round(short * 16 / 9 / 2) * 2
        size = Size(long, short) if wide else Size(short, long)
        sound = body.get("generate_audio", True)
        job.film = self.films.animate(
            pictures["first_frame"],
            size,
            body["duration"],
            audio=sound,
            last=pictures.get("last_frame"),
        ).film
        job.usd = FILMS[body["model"]][not sound] * body["duration"]
        self.ledger.charge(body["model"], job.usd, name)
        return name

    def _knows(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.key}"


class OpenRouterFilmEmulator(OpenRouterEmulator):
    """Films only: what can go wrong with them."""

    troubles: ClassVar[frozenset[str]] = TRANSIT | {"not_json"} | REFUSALS.keys() | OF_FILMS


def _check(body: dict[str, Any], known: frozenset[str]) -> None:
    unknown = body.keys() - known
    if unknown:
        raise Refused(f"{sorted(unknown)[0]} is not supported")
    if not body.get("prompt"):
        raise Refused("prompt is needed")


def _read(shown: dict[str, Any]) -> Bytes:
    try:
        url = shown["image_url"]["url"]
        return read(base64.b64decode(url.partition(";base64,")[2], validate=True))
    except (KeyError, TypeError, binascii.Error, UnidentifiedImageError, OSError) as exc:
        raise Refused("an image could not be read") from exc


def _size(aspect: str, pixels: int) -> Size:
    width, height = (int(part) for part in aspect.split(":"))
    unit = math.sqrt(pixels / (width * height))
    return Size(round(width * unit / 16) * 16, round(height * unit / 16) * 16)


def _refusal(trouble: str) -> Response:
    return _error(*REFUSALS[trouble])


def _error(status: int, message: str) -> Response:
    return JSONResponse({"error": {"code": status, "message": message}}, status)
