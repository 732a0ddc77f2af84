"""fal as its client knows it: storage, queue, addresses that are its own, a delivery host.

A job is charged when its work is done, whatever a filter says of it afterwards. What was made lies
at a host of its own, which knows no keys.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any, ClassVar

from PIL import UnidentifiedImageError
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bridge.geometry import Size
from tests.emulators.emulator import Emulator, Kept
from tests.emulators.fal_rules import ENDPOINTS, Endpoint, Refused
from tests.emulators.films import FilmModel
from tests.emulators.model import Bytes, Drift, Model, read, write
from tests.emulators.scenario import TRANSIT, in_transit

QUEUE, STORAGE = "https://queue.fal.run", "https://v3.fal.media"
DELIVERY = "https://v3b.fal.media"
TOKEN = "token-of-the-storage"
IN_PLACE = Drift(1.0, (0.0, 0.0), (1.004, 1.0, 0.997), (0.5, 0.0, -0.5))

REFUSALS: dict[str, tuple[int, Any]] = {
    "key": (401, {"detail": "Cannot access application. Authentication is required."}),
    "denied": (403, {"detail": "User is not allowed to use this application"}),
    "no_credit": (403, {"detail": "User is locked. Reason: Exhausted balance."}),
    "per_minute": (429, {"detail": "Too many concurrent requests"}),
    "gone": (404, {"detail": "Application not found"}),
    "too_big": (413, {"detail": "Payload too large"}),
    "overload": (503, {"detail": "Service unavailable"}),
    "error": (500, {"detail": "Internal server error"}),
}
MODERATED = {
    "loc": ["body", "prompt"],
    "msg": "The content could not be processed because it contained material flagged by a "
    "content checker.",
    "type": "content_policy_violation",
}
NOTHING = {"loc": ["body"], "msg": "No media generated", "type": "no_media_generated"}
# How a job ends that does not end well: the status and the body of its result.
ENDS: dict[str, tuple[int, Any]] = {
    "moderation_out": (422, {"detail": [MODERATED]}),
    "soft_refusal": (422, {"detail": [NOTHING]}),
    "failed": (500, {"detail": "Worker lost", "error_type": "internal_server_error"}),
}
OF_THE_JOB = frozenset({"pending", "poll_error", "lost", "no_media", *ENDS})
OF_THE_DELIVERY = frozenset({"expired", "stale", "off_host", "truncated", "wrong_type"})


@dataclass
class Job:
    trouble: str
    endpoint: Endpoint
    made: bytes = b""
    media_type: str = "image/png"
    seed: int = 42
    polls: int = 0
    fetched: int = 0
    cancelled: bool = False
    names: list[str] = field(default_factory=list)


class FalEmulator(Emulator):
    """here: the address it names for everything of its own, "" = its real ones."""

    troubles: ClassVar[frozenset[str]] = (
        TRANSIT | {"not_json", "bad_request", "moderation_in"} | REFUSALS.keys() | OF_THE_JOB
        | OF_THE_DELIVERY
    )  # fmt: skip

    def __init__(self, key: str = "key-of-the-test", model: Model | None = None) -> None:
        super().__init__(key, model)
        self.films = FilmModel()
        self.films.made = self.model.made
        self.in_place = Model(IN_PLACE)
        self.in_place.made = self.model.made
        self.here = ""
        self.stalls = False  # the first fetch of anything made gets no answer
        self.jobs: Kept[Job] = Kept()
        self.handed: dict[str, bytes] = {}

    def routes(self) -> list[BaseRoute]:
        job = "/{app:path}/requests/{job}"
        return [
            Route("/storage/auth/token", self.storage, methods=["POST"]),
            Route("/files/upload", self.hand_over, methods=["POST"]),
            Route("/files/{name}", self.delivery),
            Route(f"{job}/status", self.status),
            Route(f"{job}/cancel", self.cancel, methods=["PUT"]),
            Route(job, self.result),
            Route("/{app:path}", self.submit, methods=["POST"]),
        ]

    # --- storage -----------------------------------------------------------------------------

    async def storage(self, request: Request) -> Response:
        if not self._knows(request):
            return _refusal("key")
        token = {"token": TOKEN, "token_type": "Bearer", "base_url": self.here or STORAGE}
        return JSONResponse({**token, "expires_at": "2099-01-01T00:00:00+00:00"})

    async def hand_over(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _refusal("key")
        name = f"{self.new_id('handed-')}.png"
        self.handed[name] = await request.body()
        return JSONResponse({"access_url": f"{self.here or DELIVERY}/files/{name}"})

    # --- the queue ---------------------------------------------------------------------------

    async def submit(self, request: Request) -> Response:
        trouble = self.script.next()
        if not self._knows(request):
            return _refusal("key")
        if trouble in REFUSALS:
            return _refusal(trouble)
        app = request.path_params["app"]
        endpoint = ENDPOINTS.get(app)
        if endpoint is None:
            return _refusal("gone")
        try:
            if trouble == "bad_request":
                raise Refused("image_size", "Input should be smaller")
            name = self._begin(app, endpoint, await request.json(), trouble)
        except Refused as refused:
            return _wrong(refused)
        if trouble == "moderation_in":
            return JSONResponse({"detail": [MODERATED]}, 422)
        if trouble == "not_json":
            return HTMLResponse("<html>gateway</html>")
        return in_transit(trouble, JSONResponse(self._told(app, name)))

    async def status(self, request: Request) -> Response:
        job = self.jobs.get(request.path_params["job"])
        if not self._knows(request):
            return _refusal("key")
        if job is None or job.trouble == "lost":
            return JSONResponse({"detail": "Request not found"}, 404)
        job.polls += 1
        if job.trouble == "poll_error" and job.polls == 1:
            return JSONResponse({"detail": "Internal server error"}, 500)
        if job.trouble == "pending" and (self.held or job.polls <= 2) and not job.cancelled:
            waiting = {"status": "IN_QUEUE", "queue_position": 3}
            working = {"status": "IN_PROGRESS", "logs": []}
            return JSONResponse(waiting if job.polls == 1 else working, 202)
        done: dict[str, Any] = {"status": "COMPLETED", "logs": [], "metrics": {}}
        if job.trouble in ENDS or job.cancelled:
            done |= {"error": "The job failed", "error_type": "request_error"}
        return JSONResponse(done)

    async def result(self, request: Request) -> Response:
        name = request.path_params["job"]
        job = self.jobs[name]
        if not self._knows(request):
            return _refusal("key")
        if job.cancelled:  # its client is told no more than this; nobody has recorded the words
            return JSONResponse({"detail": "Request was cancelled"}, 400)
        if job.trouble in ENDS:
            status, body = ENDS[job.trouble]
            return JSONResponse(body, status)
        file = {"url": self._link(job), "content_type": job.media_type, "file_size": len(job.made)}
        if job.trouble == "no_media":
            return JSONResponse({"images": [], "description": ""})
        if job.endpoint.film:
            return JSONResponse({"video": file})
        return JSONResponse({"images": [file], "description": "", "seed": job.seed})

    async def cancel(self, request: Request) -> Response:
        job = self.jobs[request.path_params["job"]]
        if not self._knows(request):
            return _refusal("key")
        if job.polls and job.trouble != "pending":
            return JSONResponse({"status": "ALREADY_COMPLETED"}, 400)
        job.cancelled = True
        return JSONResponse({"status": "CANCELLATION_REQUESTED"}, 202)

    async def delivery(self, request: Request) -> Response:
        name = request.path_params["name"]
        job = next(one for one in self.jobs.values() if name in one.names)
        job.fetched += 1
        if self.stalls and job.fetched == 1:
            return in_transit("hang", Response(job.made))
        if job.trouble == "expired" or (job.trouble == "stale" and job.fetched == 1):
            return Response("<Error><Code>NoSuchKey</Code></Error>", 404)
        if job.trouble == "wrong_type":
            return HTMLResponse("<html>be patient</html>")
        half = job.trouble == "truncated"
        made = job.made[: len(job.made) // 2] if half else job.made
        return Response(made, media_type=job.media_type)

    # --- a job -------------------------------------------------------------------------------

    def _begin(self, app: str, endpoint: Endpoint, body: dict[str, Any], trouble: str) -> str:
        """The work is done at once, and shown when it is asked for often enough."""
        endpoint.check(body)
        pictures = self._pictures(endpoint, body)
        size = endpoint.size(body, pictures[0])
        sent = sum(picture.shape[0] * picture.shape[1] for picture in pictures)
        name = self.new_id("job-")
        job = self.jobs[name] = Job(trouble, endpoint, seed=body.get("seed", 42))
        if trouble in ("moderation_in", "failed"):
            return name
        job.media_type = _media_type(endpoint, body)
        job.made = self._make(endpoint, body, pictures, size, job.media_type)
        self.ledger.charge(app, endpoint.usd(body, sent, size), name)
        return name

    def _make(
        self,
        endpoint: Endpoint,
        body: dict[str, Any],
        pictures: list[Bytes],
        size: Size,
        media_type: str,
    ) -> bytes:
        if endpoint.film:
            seconds = int(str(body.get("duration", 8)).removesuffix("s"))
            ends = body.get(endpoint.last) if endpoint.last else None
            last = self._read(endpoint.last, ends) if ends else None
            sound = body.get("generate_audio", True)
            return self.films.animate(pictures[0], size, seconds, audio=sound, last=last).film
        if endpoint.mask:
            mask = self._read(endpoint.mask, body[endpoint.mask])
            if mask.shape != pictures[0].shape:
                raise Refused("mask_url", "Mask and image must have the same dimensions")
            return write(
                self.in_place.edit(pictures[0], size, mask[..., 0] > 127).answer, media_type
            )
        made = self.model.edit(pictures[0], size, references=tuple(pictures[1:]))
        return write(made.answer, media_type)

    def _pictures(self, endpoint: Endpoint, body: dict[str, Any]) -> list[Bytes]:
        sent = body[endpoint.picture]
        urls = sent if isinstance(sent, list) else [sent]
        if len(urls) > endpoint.pictures:
            raise Refused(endpoint.picture, f"At most {endpoint.pictures} images")
        return [self._read(endpoint.picture, url) for url in urls]

    def _read(self, place: str, url: str) -> Bytes:
        try:
            if url.startswith("data:image/"):
                return read(base64.b64decode(url.partition(";base64,")[2], validate=True))
            return read(self.handed[url.rpartition("/")[2]])
        except (binascii.Error, UnidentifiedImageError, OSError, KeyError) as exc:
            raise Refused(place, "Failed to load the image") from exc

    def _told(self, app: str, name: str) -> dict[str, Any]:
        own = f"{self.here or QUEUE}/{'/'.join(app.split('/')[:2])}/requests/{name}"
        urls = {"response_url": own, "status_url": f"{own}/status", "cancel_url": f"{own}/cancel"}
        return {"status": "IN_QUEUE", "request_id": name, "queue_position": 0, **urls}

    def _link(self, job: Job) -> str:
        ending = job.media_type.rpartition("/")[2]
        job.names.append(f"{self.new_id('made-')}.{ending}")
        base = "https://pictures.example" if job.trouble == "off_host" else self.here or DELIVERY
        return f"{base}/files/{job.names[-1]}"

    def _knows(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Key {self.key}"


def _media_type(endpoint: Endpoint, body: dict[str, Any]) -> str:
    if endpoint.film:
        return "video/mp4"
    usual = "png" if "output_format" not in endpoint.choices else "jpeg"
    return f"image/{body.get('output_format', usual)}"


def _refusal(trouble: str) -> Response:
    status, body = REFUSALS[trouble]
    return JSONResponse(body, status, {"x-fal-request-id": "request-of-the-test"})


def _wrong(refused: Refused) -> Response:
    detail = {"loc": ["body", refused.place], "msg": refused.said, "type": "value_error"}
    return JSONResponse({"detail": [detail]}, 422, {"x-fal-request-id": "request-of-the-test"})
