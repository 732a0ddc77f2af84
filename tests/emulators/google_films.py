"""Google's film models: Omni by interactions, Veo by operations in both of its shapes.

Films are real (films.py). A film is charged when it was made and not filtered away.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any, ClassVar

from PIL import UnidentifiedImageError
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bridge.geometry import Size
from tests.emulators import gemini_replies as replies
from tests.emulators.emulator import Emulator, Kept
from tests.emulators.fal_rules import FILM_SIZES
from tests.emulators.films import FilmModel
from tests.emulators.gemini import PLATFORM, VERSIONS, read_body
from tests.emulators.gemini_rules import Refused
from tests.emulators.model import Bytes, Model, read
from tests.emulators.scenario import TRANSIT, in_transit

HOST = "https://generativelanguage.googleapis.com/v1beta/files"
WHEN = "2026-11-24T10:00:00Z"
TOKENS_PER_SECOND = {"360p": 1717, "720p": 5792, "1080p": 8689, "4k": 17377}
OMNI = {"gemini-omni-1.1-flash": (3, 10), "gemini-omni-1.2-flash": (3, 15)}
# USD per million tokens of film, by model: 1.2 is cheaper at the same tokens.
OMNI_USD = {"gemini-omni-1.1-flash": 17.26, "gemini-omni-1.2-flash": 12.0}
TOKENS_SENT, USD_SENT = 1120, 1.5  # of one picture, and per million of them
# USD of a second, with sound and without.
VEO = {
    "veo-3.1-generate-001": (0.4, 0.2),
    "veo-3.1-fast-generate-001": (0.15, 0.1),
    "veo-3.1-generate-preview": (0.4, 0.4),
}
ELSEWHERE = {
    "other_host": "https://storage.googleapis.com/bucket/{file}",
    "off_host": "https://pictures.example.com/{file}",
}
OF_FILES = frozenset(
    {"file_pending", "file_failed", "expired", "stale", "truncated", "wrong_type", *ELSEWHERE}
)
OF_JOBS = frozenset({"pending", "poll_error", "lost"})
FAILED = {
    "moderation_in": ("PROHIBITED_CONTENT", "The prompt could not be submitted."),
    "failed": ("INTERNAL", "The model could not complete the interaction."),
}
FILTERED = "17301594: the film was held back by a filter"


@dataclass
class Job:
    trouble: str
    model: str = ""
    film: bytes = b""
    tokens: int = 0
    sent: int = 0  # tokens of what it was given
    inline: bool = False
    status: str = "in_progress"
    polls: int = 0
    looks: int = 0  # at its file
    fetched: int = 0


class GoogleFilms(Emulator):
    """What the two share: files, keys, and films."""

    def __init__(self, key: str = "key-of-the-test", model: Model | None = None) -> None:
        super().__init__(key, model)
        self.films = FilmModel()
        self.films.made = self.model.made
        self.jobs: Kept[Job] = Kept()

    def file_routes(self) -> list[BaseRoute]:
        routes: list[BaseRoute] = [Route("/bucket/{file}", self.bucket)]
        for place in VERSIONS:
            routes += [
                Route(f"{place}/files/{{file}}:download", self.download),
                Route(f"{place}/files/{{file}}", self.file),
            ]
        return routes

    def knows(self, request: Request) -> bool:
        if request.url.path.startswith("/v1beta1/"):
            return request.headers.get("authorization") == f"Bearer {self.key}"
        return request.headers.get("x-goog-api-key") == self.key

    async def file(self, request: Request) -> Response:
        name = request.path_params["file"]
        job = self._of(name)
        if not self.knows(request):
            return replies.wrong_key()
        job.looks += 1
        state = "FAILED" if job.trouble == "file_failed" else "ACTIVE"
        if job.trouble == "file_pending" and job.looks <= 2:
            state = "PROCESSING"
        return JSONResponse({"name": f"files/{name}", "mimeType": "video/mp4", "state": state})

    async def download(self, request: Request) -> Response:
        name = request.path_params["file"]
        job = self._of(name)
        if not self.knows(request):
            return replies.wrong_key()
        job.fetched += 1
        if job.trouble == "expired" or (job.trouble == "stale" and job.fetched == 1):
            return replies.error(404, "NOT_FOUND", f"File {name} not found.")
        if job.trouble in ELSEWHERE:
            return RedirectResponse(ELSEWHERE[job.trouble].format(file=name), 302)
        if job.trouble == "wrong_type":
            return HTMLResponse("<html>be patient</html>")
        half = job.trouble == "truncated"
        film = job.film[: len(job.film) // 2] if half else job.film
        return Response(film, media_type="video/mp4")

    async def bucket(self, request: Request) -> Response:
        """A storage that knows no keys: its addresses are secret enough."""
        return Response(self._of(request.path_params["file"]).film, media_type="video/mp4")

    def uri(self, id: str) -> str:
        return f"{HOST}/film{id}:download?alt=media"

    def _of(self, file: str) -> Job:
        return self.jobs[file.removeprefix("film")]


class OmniEmulator(GoogleFilms):
    troubles: ClassVar[frozenset[str]] = (
        TRANSIT | replies.REFUSALS | OF_FILES | OF_JOBS | FAILED.keys()
        | {"not_json", "empty", "stopped"}
    )  # fmt: skip

    def routes(self) -> list[BaseRoute]:
        routes = self.file_routes()
        for place in (*VERSIONS, PLATFORM):
            routes += [
                Route(f"{place}/interactions", self.create, methods=["POST"]),
                Route(f"{place}/interactions/{{id}}", self.look),
                Route(f"{place}/interactions/{{id}}/cancel", self.cancel, methods=["POST"]),
            ]
        return routes

    async def create(self, request: Request) -> Response:
        trouble = self.script.next()
        if not self.knows(request):
            return replies.wrong_key()
        try:
            body = await read_body(request)
            if trouble in replies.REFUSALS:
                return replies.refusal(trouble, str(body.get("model")))
            id = self._begin(body, trouble)
        except Refused as reason:
            return replies.refused(reason)
        if trouble == "not_json":
            return HTMLResponse("<html>gateway</html>")
        return in_transit(trouble, JSONResponse(self._shown(id)))

    async def look(self, request: Request) -> Response:
        id = request.path_params["id"]
        job = self.jobs.get(id)
        if not self.knows(request):
            return replies.wrong_key()
        if job is None or job.trouble == "lost":
            return replies.error(404, "NOT_FOUND", f"Interaction {id} not found.")
        job.polls += 1
        if job.trouble == "poll_error" and job.polls == 1:
            return JSONResponse({}, 502)
        waits = job.trouble == "pending" and (self.held or job.polls <= 2)
        if not waits and job.status == "in_progress":
            job.status = {"stopped": "cancelled"}.get(job.trouble, "completed")
            job.status = "failed" if job.trouble in FAILED else job.status
        return JSONResponse(self._shown(id))

    async def cancel(self, request: Request) -> Response:
        id = request.path_params["id"]
        if self.jobs[id].status == "in_progress":
            self.jobs[id].status = "cancelled"
        return JSONResponse(self._shown(id))

    def _begin(self, body: dict[str, Any], trouble: str) -> str:
        model, answer = body.get("model"), body.get("response_format", {})
        if model not in OMNI:
            raise Refused(f"models/{model} is not found", 404)
        if answer.get("type") != "video" or answer.get("aspect_ratio") not in ("16:9", "9:16"):
            raise Refused("response_format is not valid")
        seconds = int(str(answer.get("duration", "8s")).removesuffix("s"))
        low, high = OMNI[model]
        if not low <= seconds <= high or answer.get("resolution") not in TOKENS_PER_SECOND:
            raise Refused("duration or resolution is not supported")
        content = body["input"][0]["content"]
        pictures = [_read(one["data"]) for one in content if one["type"] == "image"]
        words = " ".join(one["text"] for one in content if one["type"] == "text")
        task = body.get("generation_config", {}).get("video_config", {}).get("task")
        first, last, references = _roles(pictures, words, task)
        id = self.new_id("v1")
        job = self.jobs[id] = Job(trouble, model, inline=answer.get("delivery") == "inline")
        if trouble in FAILED or trouble in ("empty", "stopped"):
            return id
        short, wide = FILM_SIZES[answer["resolution"]], answer["aspect_ratio"] == "16:9"
        size = _size(short, wide)
        filmed = self.films.animate(first, size, seconds, last=last, references=references)
        job.film, job.sent = filmed.film, TOKENS_SENT * len(pictures)
        job.tokens = TOKENS_PER_SECOND[answer["resolution"]] * seconds
        usd = (job.tokens * OMNI_USD[model] + job.sent * USD_SENT) / 1e6
        self.ledger.charge(model, usd, id)
        return id

    def _shown(self, id: str) -> dict[str, Any]:
        job = self.jobs[id]
        shown: dict[str, Any] = {"id": id, "object": "interaction", "model": job.model}
        shown |= {"status": job.status, "created": WHEN, "updated": WHEN}
        if job.status == "completed":
            block: dict[str, Any] = {"type": "video", "mime_type": "video/mp4"}
            if job.inline:
                block["data"] = base64.b64encode(job.film).decode()
            else:
                block["uri"] = self.uri(id)
            content = [] if job.trouble == "empty" else [block]
            shown["steps"] = [{"type": "model_output", "content": content}]
            shown["usage"] = {
                "total_input_tokens": job.sent,
                "total_output_tokens": job.tokens,
                "total_tokens": job.sent + job.tokens,
            }
        if job.status == "failed":
            code, message = FAILED[job.trouble]
            shown["errors"] = [{"code": code, "message": message}]
        return shown


class VeoEmulator(GoogleFilms):
    """By path: the older shape under a version, the platform's under a project."""

    troubles: ClassVar[frozenset[str]] = (
        TRANSIT | replies.REFUSALS | OF_JOBS
        | (OF_FILES - {"file_pending", "file_failed"})
        | {"not_json", "filtered", "failed", "moderation_in"}
    )  # fmt: skip

    def routes(self) -> list[BaseRoute]:
        routes = self.file_routes()
        for place in VERSIONS:
            models = f"{place}/models/{{model}}"
            routes += [
                Route(f"{models}:predictLongRunning", self.begin, methods=["POST"]),
                Route(f"{models}/operations/{{id}}", self.look),
            ]
        models = f"{PLATFORM}/publishers/google/models/{{model}}"
        routes += [
            Route(f"{models}:predictLongRunning", self.begin, methods=["POST"]),
            Route(f"{models}:fetchPredictOperation", self.fetch, methods=["POST"]),
        ]
        return routes

    async def begin(self, request: Request) -> Response:
        trouble, model = self.script.next(), request.path_params["model"]
        if not self.knows(request):
            return replies.wrong_key()
        if trouble in replies.REFUSALS:
            return replies.refusal(trouble, model)
        platform = "project" in request.path_params
        try:
            id = self._begin(model, await read_body(request), trouble, platform)
        except Refused as reason:
            return replies.refused(reason)
        if trouble == "not_json":
            return HTMLResponse("<html>gateway</html>")
        path = request.url.path.partition(":")[0]
        start = path.removeprefix("/v1beta1/") if platform else f"models/{model}"
        return in_transit(trouble, JSONResponse({"name": f"{start}/operations/{id}"}))

    async def look(self, request: Request) -> Response:
        if not self.knows(request):
            return replies.wrong_key()
        name = f"models/{request.path_params['model']}/operations/{request.path_params['id']}"
        return self._operation(name, request.path_params["id"], platform=False)

    async def fetch(self, request: Request) -> Response:
        if not self.knows(request):
            return replies.wrong_key()
        name = str((await read_body(request)).get("operationName"))
        return self._operation(name, name.rpartition("/")[2], platform=True)

    def _begin(self, model: str, body: dict[str, Any], trouble: str, platform: bool) -> str:
        if model not in VEO:
            raise Refused(f"models/{model} is not found", 404)
        (instance,), told = body["instances"], body["parameters"]
        if not platform and told.keys() & {"seed", "generateAudio", "fps", "resizeMode"}:
            raise Refused("a parameter is not supported in this API")
        seconds, resolution = told.get("durationSeconds", 8), told.get("resolution", "720p")
        if seconds not in (4, 6, 8) or resolution not in ("720p", "1080p", "4k"):
            raise Refused("durationSeconds or resolution is not supported")
        picture = _read(instance["image"]["bytesBase64Encoded"])
        ends = instance.get("lastFrame")
        last = _read(ends["bytesBase64Encoded"]) if ends else None
        id = self.new_id("op")
        job = self.jobs[id] = Job(trouble, model)
        if trouble in ("filtered", "failed", "moderation_in"):
            return id
        size = _size(FILM_SIZES[resolution], told.get("aspectRatio", "16:9") == "16:9")
        sound = told.get("generateAudio", True)
        job.film = self.films.animate(picture, size, seconds, audio=sound, last=last).film
        self.ledger.charge(model, VEO[model][not sound] * seconds, id)
        return id

    def _operation(self, name: str, id: str, platform: bool) -> Response:
        job = self.jobs.get(id)
        if job is None or job.trouble == "lost":
            return replies.error(404, "NOT_FOUND", "Operation not found.")
        job.polls += 1
        if job.trouble == "poll_error" and job.polls == 1:
            return JSONResponse({}, 502)
        if job.trouble == "pending" and (self.held or job.polls <= 2):
            return JSONResponse({"name": name})
        done: dict[str, Any] = {"name": name, "done": True}
        if job.trouble == "failed":
            return JSONResponse({**done, "error": {"code": 13, "message": "Internal error"}})
        if job.trouble == "moderation_in":
            message = "The prompt violates the usage policy"
            return JSONResponse({**done, "error": {"code": 3, "message": message}})
        return JSONResponse({**done, "response": self._answer(id, job, platform)})

    def _answer(self, id: str, job: Job, platform: bool) -> dict[str, Any]:
        filtered: dict[str, Any] = {}
        if job.trouble == "filtered":
            filtered = {"raiMediaFilteredCount": 1, "raiMediaFilteredReasons": [FILTERED]}
        if platform:
            film = {"wrong_type": b"<html>", "truncated": job.film[: len(job.film) // 2]}
            data = base64.b64encode(film.get(job.trouble, job.film)).decode()
            videos = [] if filtered else [{"bytesBase64Encoded": data, "mimeType": "video/mp4"}]
            kind = "type.googleapis.com/cloud.ai.large_models.vision.GenerateVideoResponse"
            return {"@type": kind, "videos": videos, **filtered}
        samples = [] if filtered else [{"video": {"uri": self.uri(id)}}]
        shown = {"generatedSamples": samples, **filtered}
        kind = "type.googleapis.com/google.ai.generativelanguage.v1beta.PredictLongRunningResponse"
        return {"@type": kind, "generateVideoResponse": shown}


class VeoPlatformEmulator(VeoEmulator):
    """Its film comes in the answer, from no other address."""

    troubles: ClassVar[frozenset[str]] = VeoEmulator.troubles - {
        "expired", "stale", "wrong_type", *ELSEWHERE
    }  # fmt: skip


def _roles(
    pictures: list[Bytes], words: str, task: str | None
) -> tuple[Bytes, Bytes | None, tuple[Bytes, ...]]:
    """First frame, last frame, references: by the marks in the words, or by the task."""
    if task == "image_to_video":
        if not 1 <= len(pictures) <= 2:
            raise Refused("image_to_video takes one or two images")
        return pictures[0], pictures[1] if len(pictures) > 1 else None, ()
    marks = {name: int(at) - 1 for name, at in re.findall(r"<(\w+)>@Image(\d+)", words)}
    if task is not None or sorted(marks.values()) != list(range(len(pictures))):
        raise Refused("every image needs a role here")
    if "FIRST_FRAME" not in marks or len(pictures) > 6:
        raise Refused("emulated for films that begin with a picture, of at most six images")
    references = [pictures[at] for name, at in marks.items() if name.startswith("IMAGE_REF_")]
    last = pictures[marks["LAST_FRAME"]] if "LAST_FRAME" in marks else None
    return pictures[marks["FIRST_FRAME"]], last, tuple(references)


def _size(short: int, wide: bool) -> Size:
    long = round(short * 16 / 9 / 2) * 2
    return Size(long, short) if wide else Size(short, long)


def _read(data: str) -> Bytes:
    try:
        return read(base64.b64decode(data, validate=True))
    except (binascii.Error, UnidentifiedImageError, OSError) as exc:
        raise Refused("Unable to process input image.") from exc
