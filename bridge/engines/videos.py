"""The /v1/videos dialect: a form with the first frame, a job with progress, a film to fetch.

OpenAI spoke it until it switched Sora off; gateways and self-hosted servers still do (own_videos.py
asks the artist's own). The first frame must have exactly the film's size.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, ClassVar

from bridge.engines import encode, fetch, film, refusals
from bridge.engines.answers import amount, json_object, maybe_json, nothing_there, text
from bridge.engines.base import (
    Answer,
    Ask,
    Engine,
    KeyIn,
    Part,
    Progress,
    Received,
    Ref,
    Request,
    Response,
    Step,
    Steps,
    Submitted,
    Wait,
    Where,
    retry_after,
    send,
)
from bridge.errors import BridgeError, Charged, EngineError

BASE = "https://api.openai.com/v1"
READY_POLLS = 30  # times a finished film is asked for that is not there yet
FULL_SECONDS = 5.0
MISMATCH = "must match the requested"


class Videos(Engine):
    id: ClassVar[str] = "videos"
    label: ClassVar[str] = "OpenAI"
    where: ClassVar[Where] = "hosted"
    usual_base: ClassVar[str] = BASE
    key_name: ClassVar[str] = "openai"

    def revise(self, ask: Ask, ref: Ref | None = None) -> Steps:
        if ref is None:
            ref = yield from self._submit(ask)
            yield Submitted(ref)
        yield from self._wait(str(ref["video"]))
        # A film that is said to be there may take a moment to be.
        file = self._request("GET", f"videos/{ref['video']}/content?variant=video")
        made = yield from fetch.movie(self.label, file, READY_POLLS, gone=_gone)
        yield Received(made.raw, made.kind)

    def cancel(self, ref: Ref) -> Steps:
        yield from send(self._request("DELETE", f"videos/{ref['video']}"))

    def decode(self, raw: bytes, media_type: str) -> Answer:
        return Answer(film.first_frame(raw, self.label), "re-rendered")

    def patience(self, response: Response) -> float | None:
        if response.status != 429 or _error(response.body)[0] == "insufficient_quota":
            return None
        return retry_after(response) or FULL_SECONDS

    # --- submit, poll, download ----------------------------------------------------------------

    def _submit(self, ask: Ask) -> Generator[Step, Any, Ref]:
        response = yield from send(self._request("POST", "videos", _form(ask)), usd=ask.usd)
        if response.status not in (200, 201, 202):
            raise self._refusal(response, ask)
        video = text(json_object(response.body, self.label), "id")
        if not video:
            raise film.no_film(self.label)
        return {"video": video}

    def _wait(self, video: str) -> Generator[Step, Any, None]:
        for _ in range(film.POLLS):
            response = yield from send(self._request("GET", f"videos/{video}"))
            if nothing_there(response.status):
                raise refusals.job_lost(self.label)
            if response.status in (401, 403):
                raise refusals.key_wrong(self.label)
            found = maybe_json(response.body)
            status = text(found, "status")
            if status == "completed":
                return
            if status == "failed":
                raise self._failed(found)
            done = amount(found, "progress")
            yield Progress(done / 100 if done else None, note=status.replace("_", " "))
            yield Wait(film.POLL_SECONDS)
        raise refusals.still_working(self.label, film.POLLS * film.POLL_SECONDS / 60)

    def _request(self, method: str, path: str, form: tuple[Part, ...] = ()) -> Request:
        key = KeyIn("Authorization", "Bearer {}") if self.key_name else None
        return Request(method, f"{self.base}/{path}", form=form, key=key)

    # --- refusals --------------------------------------------------------------------------------

    def _refusal(self, response: Response, ask: Ask) -> EngineError:
        code, message = _error(response.body)
        if code in ("insufficient_quota", "billing_hard_limit_reached"):
            return refusals.no_credit(self.label)
        if code == "moderation_blocked":
            return refusals.content_refused(self.label, message, "no")
        if MISMATCH in message:
            return EngineError(
                f"{self.label} wants the first frame in exactly the film's size, {ask.size}, and "
                "did not find it so. Choose another size; nothing was charged.",
                charged="no",
            )
        match response.status:
            case 401:
                return refusals.key_wrong(self.label)
            case 403:
                return refusals.key_not_allowed(self.label, ask.name)
            case 404 | 410:
                return refusals.model_gone(self.label, ask.name, ask.successor)
            case 413:
                return refusals.too_big(self.label)
            case 429:
                return refusals.too_many_now(self.label, retry_after(response))
        return refusals.not_accepted(self.label, message)

    def _failed(self, found: Any) -> BridgeError:
        code, message = text(found, "error", "code"), text(found, "error", "message")
        charged: Charged = "unknown"
        if code == "moderation_blocked":
            return refusals.content_refused(self.label, message or code, charged)
        return refusals.failed(self.label, message, charged)


ENGINE = Videos


def _form(ask: Ask) -> tuple[Part, ...]:
    motion = film.motion_of(ask)
    first = encode.png(ask.picture)
    fields = {
        "prompt": film.words(ask),
        "model": ask.model,
        "seconds": str(motion.seconds),
        "size": str(ask.size),
    }
    parts = [Part(name, value) for name, value in fields.items() if value]
    picture = Part("input_reference", first.data, first.filename, first.media_type)
    return (*parts, picture)


def _gone(response: Response) -> bool:
    return response.status == 410 or _error(response.body)[0] in ("video_expired", "expired")


def _error(body: bytes) -> tuple[str, str]:
    """Its code and message, "" where it has none."""
    found = maybe_json(body)
    code = text(found, "error", "code") or text(found, "error", "type")
    return code, text(found, "error", "message") or text(found, "detail")
