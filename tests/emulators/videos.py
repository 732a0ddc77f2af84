"""The /v1/videos dialect as OpenAI's contract says, for it and for servers that speak it.

A film is charged when it was made. Its content may be asked for too early.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, ClassVar

from PIL import Image, UnidentifiedImageError
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bridge.geometry import Size
from tests.emulators.emulator import Emulator, Kept
from tests.emulators.films import FilmModel
from tests.emulators.model import Model, read, write
from tests.emulators.multipart import fields
from tests.emulators.scenario import TRANSIT, in_transit

USD = {"sora-2": 0.1, "sora-2-pro": 0.3, "": 0.0}
SECONDS = ("4", "8", "12")
SIZES = ("720x1280", "1280x720", "1024x1792", "1792x1024", "640x360")
REFUSALS: dict[str, tuple[int, str, str]] = {
    "key": (401, "invalid_api_key", "Incorrect API key provided"),
    "denied": (403, "model_not_allowed", "Your organization must be verified"),
    "gone": (404, "model_not_found", "The model does not exist"),
    "too_big": (413, "", "Payload too large"),
    "per_minute": (429, "rate_limit_exceeded", "Too many running tasks"),
    "no_credit": (429, "insufficient_quota", "You exceeded your current quota"),
    "moderation_in": (400, "moderation_blocked", "The prompt was blocked"),
    "mismatch": (400, "invalid_value", "Inpaint image must match the requested width and height"),
    "bad_request": (400, "invalid_value", "Invalid value for seconds"),
    "overload": (503, "server_error", "The server is overloaded"),
    "error": (500, "server_error", "The server had an error"),
}
FAILED = {
    "moderation_out": ("moderation_blocked", "The film was blocked"),
    "failed": ("generation_failed", "Worker lost"),
}


@dataclass
class Job:
    trouble: str
    asked: dict[str, str]
    film: bytes = b""
    polls: int = 0
    fetched: int = 0
    deleted: bool = False


class VideosEmulator(Emulator):
    troubles: ClassVar[frozenset[str]] = (
        TRANSIT | REFUSALS.keys() | FAILED.keys()
        | {"not_json", "pending", "poll_error", "lost", "not_ready", "expired"}
        | {"truncated", "wrong_type", "off_host"}
    )  # fmt: skip

    def __init__(self, key: str = "key-of-the-test", model: Model | None = None) -> None:
        super().__init__(key, model)
        self.films = FilmModel()
        self.films.made = self.model.made
        self.jobs: Kept[Job] = Kept()

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/v1/videos", self.create, methods=["POST"]),
            Route("/v1/videos/{id}", self.look),
            Route("/v1/videos/{id}", self.delete, methods=["DELETE"]),
            Route("/v1/videos/{id}/content", self.content),
        ]

    def knows(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.key}"

    async def create(self, request: Request) -> Response:
        trouble = self.script.next()
        if not self.knows(request):
            return _refusal("key")
        if trouble in REFUSALS:
            return _refusal(trouble)
        asked, picture = await _form(request)
        if asked.get("model", "") not in USD:
            return _refusal("gone")
        if asked.get("seconds", "4") not in SECONDS or asked.get("size") not in SIZES:
            return _refusal("bad_request")
        try:
            with Image.open(io.BytesIO(picture)) as shown:
                if f"{shown.width}x{shown.height}" != asked["size"]:
                    return _refusal("mismatch")
        except UnidentifiedImageError:
            return _refusal("bad_request")
        id = self._begin(asked, picture, trouble)
        if trouble == "not_json":
            return HTMLResponse("<html>gateway</html>")
        return in_transit(trouble, JSONResponse(self._shown(id, "queued", 0)))

    async def look(self, request: Request) -> Response:
        id = request.path_params["id"]
        job = self.jobs.get(id)
        if not self.knows(request):
            return _refusal("key")
        if job is None or job.deleted or job.trouble == "lost":
            return _error(404, "not_found", "Video not found")
        job.polls += 1
        if job.trouble == "poll_error" and job.polls == 1:
            return _error(502, "server_error", "Bad gateway")
        if job.trouble == "pending" and (self.held or job.polls <= 2):
            return JSONResponse(self._shown(id, "in_progress", min(80, 40 * job.polls)))
        if job.trouble in FAILED:
            code, message = FAILED[job.trouble]
            failed = self._shown(id, "failed", 0)
            return JSONResponse({**failed, "error": {"code": code, "message": message}})
        return JSONResponse(self._shown(id, "completed", 100))

    async def content(self, request: Request) -> Response:
        job = self.jobs[request.path_params["id"]]
        if not self.knows(request):
            return _refusal("key")
        job.fetched += 1
        if job.trouble == "expired":
            return _error(404, "video_expired", "The video has expired")
        if job.trouble == "not_ready" and job.fetched <= 2:
            return _error(404, "not_ready", "The video is not ready yet")
        if job.trouble == "off_host":
            return RedirectResponse("https://films.example/kept", 302)
        if job.trouble == "wrong_type":
            return HTMLResponse("<html>be patient</html>")
        if request.query_params.get("variant") == "thumbnail":
            picture = write(self.films.filmed[-1].sent, "image/webp")
            return Response(picture, media_type="image/webp")
        half = job.trouble == "truncated"
        film = job.film[: len(job.film) // 2] if half else job.film
        return Response(film, media_type="video/mp4")

    async def delete(self, request: Request) -> Response:
        id = request.path_params["id"]
        self.jobs[id].deleted = True
        return JSONResponse({"id": id, "object": "video.deleted", "deleted": True})

    def _begin(self, asked: dict[str, str], picture: bytes, trouble: str) -> str:
        id = self.new_id("video_")
        job = self.jobs[id] = Job(trouble, asked)
        if trouble in FAILED:
            return id
        width, height = (int(edge) for edge in asked["size"].split("x"))
        seconds = int(asked.get("seconds", "4"))
        job.film = self.films.animate(read(picture), Size(width, height), seconds).film
        model = asked.get("model", "")
        self.ledger.charge(model, USD[model] * seconds, id)
        return id

    def _shown(self, id: str, status: str, progress: int) -> dict[str, Any]:
        asked = self.jobs[id].asked
        done = status == "completed"
        return {
            "id": id,
            "object": "video",
            "created_at": 1790000000,
            "completed_at": 1790000090 if done else None,
            "expires_at": 1790086490 if done else None,
            "error": None,
            "model": asked.get("model", ""),
            "progress": progress,
            "prompt": asked.get("prompt"),
            "remixed_from_video_id": None,
            "seconds": asked.get("seconds", "4"),
            "size": asked["size"],
            "status": status,
        }


class OwnVideosEmulator(VideosEmulator):
    """A server of the artist's own: it knows no keys and costs nothing."""

    def knows(self, request: Request) -> bool:
        return "authorization" not in request.headers


async def _form(request: Request) -> tuple[dict[str, str], bytes]:
    found = fields(request.headers["content-type"], await request.body())
    asked = {one.name: one.content.decode() for one in found if not one.filename}
    pictures = [one.content for one in found if one.name == "input_reference"]
    return asked, pictures[0] if pictures else b""


def _refusal(trouble: str) -> Response:
    return _error(*REFUSALS[trouble])


def _error(status: int, code: str, message: str) -> Response:
    error = {"message": message, "type": "video_error", "param": None, "code": code}
    return JSONResponse({"error": error}, status)
