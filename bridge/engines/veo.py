"""Google's Veo film models: a long-running operation, in two shapes.

At the Agent Platform (`base` ends in ".../projects/p/locations/l") an operation is asked for by
fetchPredictOperation, and the film comes in it. By the older shape for developers, which Google
itself has switched off and gateways still speak, the operation is read where it lies, and the film
is a file that is fetched with the key.

Facts of a catalogue row: successor (the model to name when this one is gone).
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, ClassVar

from bridge.engines import encode, fetch, film, refusals
from bridge.engines.answers import dig, json_object, maybe_json, nothing_there, rows, text
from bridge.engines.base import (
    Answer,
    Ask,
    Json,
    Progress,
    Received,
    Ref,
    Request,
    Step,
    Steps,
    Submitted,
    Wait,
    send,
)
from bridge.engines.google import Google, sounds_refused
from bridge.errors import BridgeError, Unsupported
from bridge.pixels import Array

MOST_BYTES = 18_000_000  # of one picture
INVALID, DENIED, EXHAUSTED = 3, 7, 8  # google.rpc.Code


class Veo(Google):
    id: ClassVar[str] = "veo"
    label: ClassVar[str] = "Google Veo"

    def revise(self, ask: Ask, ref: Ref | None = None) -> Steps:
        if ref is None:
            ref = yield from self._submit(ask)
            yield Submitted(ref)
        found = yield from self._finished(ask, str(ref["operation"]))
        video = self._video(found)
        if text(video, "bytesBase64Encoded"):
            data = encode.from_base64(text(video, "bytesBase64Encoded"), self.label)
            yield Received(data, film.sniff(data) or film.MP4)
        elif text(video, "gcsUri"):
            raise Unsupported(
                f"{self.label} put the film into a bucket of yours, {text(video, 'gcsUri')}. "
                "Fetch it there."
            )
        else:
            # With the key where we ask everything; what it redirects to gets none.
            file = text(video, "uri").split("files/")[-1].split(":")[0]
            request = self.request("GET", f"files/{file}:download?alt=media")
            made = yield from fetch.movie(self.label, request)
            yield Received(made.raw, made.kind)

    def decode(self, raw: bytes, media_type: str) -> Answer:
        return Answer(film.first_frame(raw, self.label), "re-rendered")

    def _submit(self, ask: Ask) -> Generator[Step, Any, Ref]:
        request = self.request(
            "POST", f"{self._model(ask)}:predictLongRunning", _order(ask, self.on_platform)
        )
        response = yield from send(request, usd=ask.usd)
        if response.status != 200:
            raise self.refusal(response, ask)
        operation = text(json_object(response.body, self.label), "name")
        if not operation:
            raise film.no_film(self.label)
        return {"operation": operation}

    def _finished(self, ask: Ask, operation: str) -> Generator[Step, Any, dict[str, Any]]:
        """What the operation answers, once it is done."""
        for _ in range(film.POLLS):
            response = yield from send(self._look(ask, operation))
            if nothing_there(response.status):
                raise refusals.job_lost(self.label)
            if response.status in (401, 403):
                raise self.refusal(response, ask)
            found = maybe_json(response.body)
            if response.status == 200 and dig(found, "done") is True:
                if dig(found, "error"):
                    raise self._failed(dig(found, "error"))
                answer = dig(found, "response")
                return answer if isinstance(answer, dict) else {}
            yield Progress(note="being made")
            yield Wait(film.POLL_SECONDS)
        raise refusals.still_working(self.label, film.POLLS * film.POLL_SECONDS / 60)

    def _look(self, ask: Ask, operation: str) -> Request:
        if not self.on_platform:
            return self.request("GET", operation)
        body: Json = {"operationName": operation}
        return self.request("POST", f"{self._model(ask)}:fetchPredictOperation", body)

    def _model(self, ask: Ask) -> str:
        models = "publishers/google/models" if self.on_platform else "models"
        return f"{models}/{ask.model}"

    def _video(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The film of either shape. A film that was filtered away is not charged."""
        inner = dig(answer, "generateVideoResponse")
        told = inner if isinstance(inner, dict) else answer
        for row in rows(told, "generatedSamples"):
            video = dig(row, "video")
            if isinstance(video, dict) and text(video, "uri"):
                return video
        for video in rows(told, "videos"):
            if text(video, "bytesBase64Encoded") or text(video, "gcsUri"):
                return video
        reasons = dig(told, "raiMediaFilteredReasons")
        if dig(told, "raiMediaFilteredCount") or reasons:
            first = str(reasons[0]) if isinstance(reasons, list) and reasons else ""
            raise refusals.content_refused(self.label, first, "no")
        raise film.no_film(self.label)

    def _failed(self, error: Any) -> BridgeError:
        message = text(error, "message")
        if sounds_refused(message) or dig(error, "code") == INVALID:
            return refusals.content_refused(self.label, message, "no")
        if dig(error, "code") == EXHAUSTED:
            return refusals.too_many_now(self.label)
        return refusals.failed(self.label, message)


ENGINE = Veo


def _order(ask: Ask, on_platform: bool) -> Json:
    motion = film.motion_of(ask)
    instance: dict[str, Json] = {"prompt": film.words(ask), "image": _shown(ask.picture)}
    if motion.last is not None:
        instance["lastFrame"] = _shown(motion.last)
    parameters: dict[str, Json] = {
        "sampleCount": 1,
        "durationSeconds": motion.seconds,
        "aspectRatio": film.aspect(ask.size),
        "resolution": ask.tier or "720p",
        "personGeneration": "allow_adult",
    }
    if motion.negative:
        parameters["negativePrompt"] = motion.negative
    if on_platform:  # the older shape refuses these
        parameters["generateAudio"] = motion.audio
        if ask.seed is not None:
            parameters["seed"] = ask.seed
    return {"instances": [instance], "parameters": parameters}


def _shown(pixels: Array) -> Json:
    one = encode.fitting(pixels, MOST_BYTES, Veo.label)
    return {"bytesBase64Encoded": one.base64, "mimeType": one.media_type}
