"""Black Forest Labs as its contract says: submit, poll where told, fetch from a delivery host.

What a request may hold is read from the provider's own OpenAPI file. A job is charged when its
work is done, moderated afterwards or not: the dearer reading of a contract that does not say.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from PIL import UnidentifiedImageError
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bridge.geometry import Size
from tests.emulators.bfl_schema import bodies, problems
from tests.emulators.emulator import Emulator, Kept
from tests.emulators.model import Bytes, Drift, Model, read, write
from tests.emulators.scenario import TRANSIT, in_transit

MEGAPIXEL = 1024 * 1024
MOST_OUT = 4 * MEGAPIXEL
BUDGET = 9 * MEGAPIXEL  # of all pictures, in and out
# Credits (US cents): the first megapixel out, every further one in or out.
PRICES = {
    "flux-2-pro": (3.0, 1.5),
    "flux-2-max": (7.0, 3.0),
    "flux-2-flex": (6.0, 6.0),
    "flux-2-klein-9b": (1.5, 0.2),
    "flux-2-klein-4b": (1.4, 0.1),
    "flux-pro-1.0-fill": (5.0, 0.0),
    "flux-tools/erase-v1": (3.0, 0.4),
    "flux-tools/outpainting-v1": (5.0, 0.0),
    "flux-kontext-pro": (4.0, 0.0),
    "flux-kontext-max": (8.0, 0.0),
}
# What is not repainted stays where it is, through an autoencoder that shifts colours a little.
IN_PLACE = Drift(1.0, (0.0, 0.0), (1.004, 1.0, 0.997), (0.5, 0.0, -0.5))

REFUSALS: dict[str, tuple[int, Any]] = {
    "key": (403, {"detail": "Not authenticated - Invalid Authentication"}),
    "no_credit": (402, {"detail": "Insufficient credits"}),
    "per_minute": (429, {"detail": "Too many active tasks"}),
    "gone": (404, {"detail": "Not Found"}),
    "too_big": (413, {"detail": "Request Entity Too Large"}),
    "bad_request": (400, {"error": "Bad Request", "message": "Image too small", "details": None}),
    "overload": (503, {"detail": "Service temporarily unavailable"}),
    "error": (500, {"detail": "Internal Server Error"}),
}
# How the job ends, and how its picture is delivered.
OF_THE_JOB = frozenset({"moderation_in", "moderation_out", "failed", "failed_503", "lost"})
OF_THE_WAY = frozenset({"pending", "poll_error", "no_sample", "no_polling_url", "no_cost"})
OF_THE_PICTURE = frozenset(
    {"expired", "stale", "other_host", "off_host", "truncated", "wrong_type"}
)


class Wrong(Exception):
    """Answered with 422 and this."""

    def __init__(self, detail: Any) -> None:
        super().__init__(detail)
        self.detail = detail


@dataclass
class Job:
    trouble: str
    model: str
    seed: int
    picture: bytes = b""
    media_type: str = "image/png"
    polls: int = 0
    links: list[str] = field(default_factory=list)


class BflEmulator(Emulator):
    """cluster, delivery: the addresses it names for polling and fetching; "" = as it was asked."""

    troubles: ClassVar[frozenset[str]] = (
        TRANSIT | {"not_json", *REFUSALS} | OF_THE_JOB | OF_THE_WAY | OF_THE_PICTURE
    )

    def __init__(
        self,
        key: str = "key-of-the-test",
        model: Model | None = None,
        cluster: str = "",
        delivery: str = "",
    ) -> None:
        super().__init__(key, model)
        self.in_place = Model(IN_PLACE)
        self.cluster, self.delivery = cluster, delivery
        self.jobs: Kept[Job] = Kept()
        self.credits = 1000.0

    def let_go(self) -> None:
        super().let_go()
        self.in_place.made.clear()
        self.jobs.clear()

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/v1/credits", self.balance),
            Route("/v1/get_result", self.result),
            Route("/v1/{model:path}", self.submit, methods=["POST"]),
            Route("/results/{job}/{link}/sample.png", self.sample),
        ]

    # --- the routes --------------------------------------------------------------------------

    async def balance(self, request: Request) -> Response:
        if request.headers.get("x-key") != self.key:
            return _refusal("key")
        return JSONResponse({"credits": self.credits})

    async def submit(self, request: Request) -> Response:
        trouble = self.script.next()
        if request.headers.get("x-key") != self.key:
            return _refusal("key")
        if trouble in REFUSALS:
            return _refusal(trouble)
        model = request.path_params["model"]
        if model not in bodies():
            return _refusal("gone")
        try:
            answer = self._accept(model, await request.json(), trouble, str(request.base_url))
        except Wrong as wrong:
            return JSONResponse({"detail": wrong.detail}, 422)
        if trouble == "not_json":
            return HTMLResponse("<html>gateway</html>")
        return in_transit(trouble, JSONResponse(answer))

    async def result(self, request: Request) -> Response:
        name = request.query_params.get("id")
        if name is None:
            missing = {"loc": ["query", "id"], "msg": "Field required", "type": "missing"}
            return JSONResponse({"detail": [missing]}, 422)
        job = self.jobs.get(name)
        if job is None or job.trouble == "lost":
            return JSONResponse(_told(name, "Task not found"), 404)
        job.polls += 1
        if job.trouble == "poll_error" and job.polls == 1:
            return JSONResponse({"detail": "Internal Server Error"}, 500)
        if job.trouble == "pending" and job.polls <= 2:
            return JSONResponse(_told(name, "Pending", progress=job.polls / 4))
        if job.trouble in ("moderation_in", "moderation_out"):
            asked = job.trouble == "moderation_in"
            status = "Request Moderated" if asked else "Content Moderated"
            return JSONResponse(_told(name, status, details={"Moderation Reasons": ["Violence"]}))
        if job.trouble in ("failed", "failed_503"):
            code = 503 if job.trouble == "failed_503" else 200
            return JSONResponse(_told(name, "Error", details={"error": "Worker lost"}), code)
        found = {
            "prompt": "",
            "seed": job.seed,
            "start_time": 1.0,
            "end_time": 4.2,
            "duration": 3.2,
        }
        if job.trouble != "no_sample":
            found["sample"] = self._link(name, job, str(request.base_url))
        return JSONResponse(_told(name, "Ready", result=found))

    async def sample(self, request: Request) -> Response:
        job = self.jobs[request.path_params["job"]]
        named = request.path_params["link"]
        if named not in job.links:
            return Response("<Error><Code>AuthenticationFailed</Code></Error>", 403)
        link = job.links.index(named)
        if job.trouble == "expired" or (job.trouble == "stale" and link == 0):
            return Response("<Error><Code>AuthenticationFailed</Code></Error>", 403)
        if job.trouble == "wrong_type":
            return HTMLResponse("<html>be patient</html>")
        half = job.trouble == "truncated"
        picture = job.picture[: len(job.picture) // 2] if half else job.picture
        return Response(picture, media_type=job.media_type)

    # --- a job -------------------------------------------------------------------------------

    def _accept(self, model: str, body: Any, trouble: str, here: str) -> dict[str, Any]:
        """Wrong when the body is not what the contract says."""
        wrong = list(problems(bodies()[model], body))
        if wrong:
            raise Wrong(wrong)
        sent, made, size = WAYS[model](self, body)
        name = self.new_id("job-")
        job = Job(trouble, model, body.get("seed") or 42)
        job.media_type = f"image/{body.get('output_format') or 'jpeg'}"
        job.picture = write(made, job.media_type)
        credits = _credits(model, sent, size)
        if trouble not in ("moderation_in", "failed", "failed_503"):
            self.ledger.charge(model, credits / 100, name)
            self.credits -= credits
        self.jobs[name] = job
        answer = {
            "id": name,
            "polling_url": f"{self.cluster or here.rstrip('/')}/v1/get_result?id={name}",
            "cost": None if trouble == "no_cost" else credits,
            "input_mp": round(sent / MEGAPIXEL, 2),
            "output_mp": round(size.pixels / MEGAPIXEL, 2),
        }
        if trouble == "no_polling_url":
            del answer["polling_url"]
        return answer

    def _link(self, name: str, job: Job, here: str) -> str:
        job.links.append(self.new_id("link-"))
        host = {"off_host": "https://pictures.example", "other_host": "https://delivery.us.bfl.ai"}
        base = host.get(job.trouble) or self.delivery or here.rstrip("/")
        return f"{base}/results/{name}/{job.links[-1]}/sample.png?se=2026-11-24&sig=abc"

    # --- what each model does with what it is sent: pixels sent, the picture, its size ----------

    def edit(self, body: dict[str, Any]) -> tuple[int, Bytes, Size]:
        """FLUX.2 and Kontext: the whole picture anew."""
        pictures = [_picture(body, name) for name in _pictures_in(body)]
        if not pictures:
            raise Wrong("emulated for edits only: input_image is needed")
        size = _size_out(body, pictures[0])
        sent = sum(picture.shape[0] * picture.shape[1] for picture in pictures)
        if sent + size.pixels > BUDGET:
            raise Wrong("Total input and output megapixels exceed the limit of 9 MP")
        made = self.model.edit(pictures[0], size, references=tuple(pictures[1:]))
        return sent, made.answer, size

    def fill(self, body: dict[str, Any]) -> tuple[int, Bytes, Size]:
        """Fill and Erase: white of the mask is repainted, the rest stays in place."""
        picture, mask = _picture(body, "image"), _picture(body, "mask")
        if picture.shape != mask.shape:
            raise Wrong("Mask and image must have the same dimensions")
        size = Size(picture.shape[1], picture.shape[0])
        made = self.in_place.edit(picture, size, mask[..., 0] > 127)
        return size.pixels, made.answer, size

    def outpaint(self, body: dict[str, Any]) -> tuple[int, Bytes, Size]:
        picture, size = _picture(body, "input_image"), Size(body["width"], body["height"])
        height, width = picture.shape[:2]
        if size.pixels > MOST_OUT:
            raise Wrong("Canvas exceeds 4 MP")
        left = body.get("reference_offset_x", (size.width - width) // 2)
        top = body.get("reference_offset_y", (size.height - height) // 2)
        inside = left >= 0 and top >= 0 and left + width <= size.width
        if not (inside and top + height <= size.height):
            raise Wrong("Reference image must lie inside the canvas")
        canvas = np.full((size.height, size.width, 3), 127, np.uint8)
        canvas[top : top + height, left : left + width] = picture
        beyond = np.ones((size.height, size.width), bool)
        beyond[top : top + height, left : left + width] = False
        made = self.in_place.edit(canvas, size, beyond)
        return width * height, made.answer, size


WAYS: dict[str, Callable[[BflEmulator, dict[str, Any]], tuple[int, Bytes, Size]]] = {
    "flux-pro-1.0-fill": BflEmulator.fill,
    "flux-tools/erase-v1": BflEmulator.fill,
    "flux-tools/outpainting-v1": BflEmulator.outpaint,
    **{
        model: BflEmulator.edit
        for model in PRICES
        if model.startswith(("flux-2-", "flux-kontext-"))
    },
}


def _refusal(trouble: str) -> Response:
    status, body = REFUSALS[trouble]
    return JSONResponse(body, status)


def _told(name: str, status: str, **more: Any) -> dict[str, Any]:
    told = {"id": name, "status": status, "result": None, "progress": None}
    return {**told, "details": None, "preview": None, **more}


def _pictures_in(body: dict[str, Any]) -> list[str]:
    names = ["input_image", *(f"input_image_{number}" for number in range(2, 9))]
    return [name for name in names if body.get(name)]


def _picture(body: dict[str, Any], name: str) -> Bytes:
    """From raw base64; a data URL is not read."""
    try:
        return read(base64.b64decode(body[name], validate=True))
    except (binascii.Error, UnidentifiedImageError, OSError) as exc:
        raise Wrong(f"{name}: could not decode image") from exc


def _size_out(body: dict[str, Any], picture: Bytes) -> Size:
    if body.get("aspect_ratio"):
        width, height = (int(part) for part in body["aspect_ratio"].split(":"))
        if not 3 / 7 - 0.01 <= width / height <= 7 / 3 + 0.01:
            raise Wrong("aspect_ratio must be between 3:7 and 7:3")
        unit = math.sqrt(MEGAPIXEL / (width * height))
        return Size(round(width * unit / 32) * 32, round(height * unit / 32) * 32)
    size = Size(body.get("width") or picture.shape[1], body.get("height") or picture.shape[0])
    if size.pixels > MOST_OUT:
        scale = math.sqrt(MOST_OUT / size.pixels)
        size = Size(int(size.width * scale), int(size.height * scale))
    return Size(max(64, size.width // 16 * 16), max(64, size.height // 16 * 16))


def _credits(model: str, sent: int, size: Size) -> float:
    """Begun megapixels count whole: the dearer reading."""
    first, further = PRICES[model]
    out, into = math.ceil(size.pixels / MEGAPIXEL), math.ceil(sent / MEGAPIXEL)
    return round(first + further * (out - 1 + into), 3)
