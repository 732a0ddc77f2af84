"""Google's Interactions route: jobs that are asked for again, and files that pictures lie in."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from tests.emulators import gemini_replies as replies
from tests.emulators import gemini_rules as rules
from tests.emulators.emulator import Kept
from tests.emulators.gemini import (
    PLATFORM,
    TOKEN_CHARS,
    VERSIONS,
    WORDS,
    GeminiEmulator,
    read_body,
    spoiled,
    usage_for,
    usage_of,
)
from tests.emulators.gemini_models import Usage
from tests.emulators.model import write
from tests.emulators.scenario import TRANSIT, in_transit

MOST_INLINE = 4_000_000  # bytes of a picture in the answer itself
WHEN = "2026-11-24T10:00:00Z"
ELSEWHERE = {
    "other_host": "https://storage.googleapis.com/bucket/{file}",
    "off_host": "https://pictures.example.com/{file}",
}
FAILED = {
    "moderation_in": ("PROHIBITED_CONTENT", "The prompt could not be submitted."),
    "moderation_out": ("IMAGE_SAFETY", "Unable to show the generated image."),
    "failed": ("INTERNAL", "The model could not complete the interaction."),
}
# How a job ends when it neither completes nor fails.
ENDS = {"stopped": "cancelled", "over_budget": "budget_exceeded", "incomplete": "incomplete"}


@dataclass
class Job:
    asked: rules.Asked
    trouble: str
    delivery: str
    stored: bool
    usage: Usage
    picture: bytes = b""
    status: str = "queued"
    polls: int = 0
    fetched: int = 0


class InteractionsEmulator(GeminiEmulator):
    """What GeminiEmulator answers, and interactions. `jobs` by id, `files` by name."""

    troubles: ClassVar[frozenset[str]] = (
        TRANSIT
        | replies.REFUSALS
        | FAILED.keys()
        | ENDS.keys()
        | ELSEWHERE.keys()
        | {"soft_refusal", "thoughts", "truncated", "wrong_type", "not_json"}
        | {"pending", "poll_error", "expired", "file_pending", "file_failed", "file_gone", "stale"}
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.jobs: Kept[Job] = Kept()

    def routes(self) -> list[BaseRoute]:
        routes: list[BaseRoute] = [*super().routes()]
        for place in (*VERSIONS, PLATFORM):
            jobs = f"{place}/interactions"
            routes += [
                Route(jobs, self.create, methods=["POST"]),
                Route(f"{jobs}/{{id}}", self.look),
                Route(f"{jobs}/{{id}}", self.forget, methods=["DELETE"]),
                Route(f"{jobs}/{{id}}/cancel", self.cancel, methods=["POST"]),
                Route(f"{place}/files/{{file}}:download", self.download),
                Route(f"{place}/files/{{file}}", self.file),
            ]
        return [*routes, Route("/bucket/{file}", self.bucket)]

    # --- jobs --------------------------------------------------------------------------------

    async def create(self, request: Request) -> Response:
        trouble = self.script.next()
        if not self.knows(request):
            return replies.wrong_key()
        try:
            body = await read_body(request)
            if trouble in replies.REFUSALS:
                return replies.refusal(trouble, str(body.get("model")))
            asked = rules.interaction(body)
            delivery = body["response_format"].get("delivery", "inline")
            job = self._begin(asked, trouble, delivery, body.get("store", True))
        except rules.Refused as reason:
            return replies.refused(reason)
        id = self.new_id("v1")
        self.jobs[id] = job
        if job.usage.usd(asked.known):
            self.ledger.charge(asked.model, job.usage.usd(asked.known), id)
        if trouble == "not_json":
            return HTMLResponse("<html>gateway</html>")
        if not body.get("background"):
            job.status = _end(job)
        return in_transit(trouble, JSONResponse(self._shown(id, job)))

    async def look(self, request: Request) -> Response:
        id = request.path_params["id"]
        job = self.jobs.get(id)
        if not self.knows(request):
            return replies.wrong_key()
        if job is None or not job.stored or job.trouble == "expired":
            return replies.error(404, "NOT_FOUND", f"Interaction {id} not found.")
        job.polls += 1
        if job.trouble == "poll_error" and job.polls == 1:
            return JSONResponse({}, 502)
        if job.trouble == "pending" and job.polls <= 2:
            job.status = ("queued", "in_progress")[job.polls - 1]
        elif job.status in ("queued", "in_progress"):
            job.status = _end(job)
        return JSONResponse(self._shown(id, job))

    async def cancel(self, request: Request) -> Response:
        id = request.path_params["id"]
        job = self.jobs[id]
        if job.status in ("queued", "in_progress"):
            job.status = "cancelled"
        return JSONResponse(self._shown(id, job))

    async def forget(self, request: Request) -> Response:
        del self.jobs[request.path_params["id"]]
        return JSONResponse({})

    def _begin(self, asked: rules.Asked, trouble: str, delivery: str, stored: bool) -> Job:
        """The work is done at once, and shown when it is asked for often enough."""
        if trouble in ("moderation_in", "failed", *ENDS):
            return Job(asked, trouble, delivery, stored, usage_of(asked))
        if trouble == "moderation_out":
            thought = usage_of(asked, thought=asked.known.thinks)
            return Job(asked, trouble, delivery, stored, thought)
        if trouble == "soft_refusal":
            words = usage_of(asked, words=len(WORDS) // TOKEN_CHARS)
            return Job(asked, trouble, delivery, stored, words)
        picture = write(self.paint(asked), "image/jpeg", quality=95)
        if delivery == "inline" and len(picture) > MOST_INLINE:
            raise rules.Refused("The generated image exceeds the inline limit; use delivery uri.")
        picture = spoiled(picture, trouble)
        return Job(asked, trouble, delivery, stored, usage_for(asked), picture)

    def _shown(self, id: str, job: Job) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "id": id,
            "object": "interaction",
            "model": job.asked.model,
            "status": job.status,
            "created": WHEN,
            "updated": WHEN,
        }
        if job.status == "completed":
            shown["steps"] = _steps(id, job)
        if job.status == "failed":
            code, message = FAILED[job.trouble]
            shown["errors"] = [{"code": code, "message": message}]
        if job.status not in ("queued", "in_progress"):
            shown["usage"] = replies.interaction_usage(job.usage)
        return shown

    # --- files -------------------------------------------------------------------------------

    async def file(self, request: Request) -> Response:
        name = request.path_params["file"]
        job = self._of(name)
        if not self.knows(request):
            return replies.wrong_key()
        if job.trouble == "file_gone":
            return replies.error(404, "NOT_FOUND", f"File {name} not found.")
        job.polls += 1
        state = "ACTIVE"
        if job.trouble == "file_pending" and job.polls <= 3:  # one of them asked for the job
            state = "PROCESSING"
        if job.trouble == "file_failed":
            state = "FAILED"
        uri = f"https://generativelanguage.googleapis.com/v1beta/files/{name}"
        found = {"name": f"files/{name}", "mimeType": "image/jpeg", "state": state, "uri": uri}
        return JSONResponse({**found, "sizeBytes": str(len(job.picture)), "source": "GENERATED"})

    async def download(self, request: Request) -> Response:
        name = request.path_params["file"]
        job = self._of(name)
        if not self.knows(request):
            return replies.wrong_key()
        job.fetched += 1
        if job.trouble == "stale" and job.fetched == 1:
            return replies.error(404, "NOT_FOUND", f"File {name} not found.")
        if job.trouble in ELSEWHERE:
            return RedirectResponse(ELSEWHERE[job.trouble].format(file=name), 302)
        return Response(job.picture, media_type="image/jpeg")

    async def bucket(self, request: Request) -> Response:
        """A storage that knows no keys: its addresses are secret enough."""
        return Response(self._of(request.path_params["file"]).picture, media_type="image/jpeg")

    def _of(self, file: str) -> Job:
        return next(job for id, job in self.jobs.items() if _file(id) == file)


def _end(job: Job) -> str:
    if job.trouble in FAILED:
        return "failed"
    return ENDS.get(job.trouble, "completed")


def _steps(id: str, job: Job) -> list[dict[str, Any]]:
    thought: dict[str, Any] = {"type": "thought", "signature": "c2lnbmVk"}
    if job.trouble == "thoughts":
        draft = {"type": "image", "mime_type": "image/jpeg", "data": _encoded(b"draft")}
        thought = {**thought, "summary": [draft]}
    if job.trouble == "soft_refusal":
        return [thought, {"type": "model_output", "content": [{"type": "text", "text": WORDS}]}]
    block = {"type": "image", "mime_type": "image/jpeg"}
    if job.delivery == "uri":
        uri = f"https://generativelanguage.googleapis.com/v1beta/files/{_file(id)}:download"
        block["uri"] = f"{uri}?alt=media"
    else:
        block["data"] = _encoded(job.picture)
    return [thought, {"type": "model_output", "content": [block]}]


def _file(id: str) -> str:
    """Names of files are lower-case letters and digits only."""
    return f"file{id}"


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()
