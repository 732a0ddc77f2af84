"""Google's image models by the Interactions route: a job in the background that is found again.

A large picture arrives as a file of its own.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, ClassVar

from bridge.engines import encode, fetch, refusals
from bridge.engines.answers import count, dig, json_object, maybe_json, nothing_there, rows, text
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
from bridge.engines.google import Google, aspect, sounds_refused, takes_size
from bridge.engines.prompts import instruct
from bridge.engines.tokens import usd
from bridge.errors import BridgeError, Charged

# An answer holds 4 MB; a grainy JPEG takes up to 2 bytes a pixel. What is larger comes as a file.
MOST_INLINE_PIXELS = 2_000_000
POLL_SECONDS = 1.0
POLLS = 900  # a quarter of an hour
READY_SECONDS = 600.0  # for what was made to become a file
UNFINISHED = frozenset({"queued", "in_progress"})


class Interactions(Google):
    id: ClassVar[str] = "interactions"
    polls: ClassVar[int] = POLLS
    poll_seconds: ClassVar[float] = POLL_SECONDS

    def revise(self, ask: Ask, ref: Ref | None = None) -> Steps:
        if ref is None:
            ref = yield from self._submit(ask)
        raw = yield from self._finished(ask, str(ref["interaction"]))
        yield from self._deliver(ask, raw)

    def cancel(self, ref: Ref) -> Steps:
        yield from send(self.request("POST", f"interactions/{ref['interaction']}/cancel"))

    def decode(self, raw: bytes, media_type: str) -> Answer:
        if media_type == "application/json":
            data = _picture(json_object(raw, self.label, "yes")).get("data", "")
            raw = encode.from_base64(data, self.label)
        return Answer(encode.picture(raw, self.label), "re-rendered")

    def _submit(self, ask: Ask) -> Generator[Step, Any, Ref]:
        body = _interaction(ask, self.pictures(ask))
        request = self.request("POST", "interactions", body)
        response = yield from send(request, usd=ask.usd)
        if response.status != 200:
            raise self.refusal(response, ask)
        interaction = text(json_object(response.body, self.label), "id")
        if not interaction:
            raise refusals.no_picture(self.label)
        ref: Ref = {"interaction": interaction}
        yield Submitted(ref)
        return ref

    def _finished(self, ask: Ask, interaction: str) -> Generator[Step, Any, bytes]:
        """The interaction, once it is completed."""
        for _ in range(self.polls):
            response = yield from send(self.request("GET", f"interactions/{interaction}"))
            if nothing_there(response.status):
                raise refusals.job_lost(self.label)
            if response.status in (401, 403):
                raise self.refusal(response, ask)
            found = maybe_json(response.body) if response.status == 200 else None
            status = text(found, "status")
            if status and status not in UNFINISHED:  # what cannot be read says nothing
                self._check(status, found or {})
                return response.body
            yield Progress(note=status.replace("_", " "))
            yield Wait(self.poll_seconds)
        raise refusals.still_working(self.label, self.polls * self.poll_seconds / 60)

    def _check(self, status: str, found: dict[str, Any]) -> None:
        if status == "cancelled":
            raise refusals.cancelled(self.label)
        if status == "budget_exceeded":
            raise refusals.no_credit(self.label)
        if status != "completed":
            raise self._job_failed(found, status)

    def _job_failed(self, found: dict[str, Any], status: str) -> BridgeError:
        error = (rows(found, "errors") or [{}])[0]
        code, message = text(error, "code"), text(error, "message")
        if sounds_refused(code) or sounds_refused(message):
            return refusals.content_refused(self.label, code, _charged(found))
        said = message or status.replace("_", " ")
        return refusals.failed(self.label, said, _charged(found))

    def _deliver(self, ask: Ask, raw: bytes) -> Steps:
        found = json_object(raw, self.label)
        picture, spent = _picture(found), usd(_tokens(found), ask)
        if "data" in picture:
            yield Received(raw, "application/json", spent)
        elif "uri" in picture:
            file = yield from self.file_of(picture["uri"])
            delivered = yield from fetch.picture(self.label, file)
            yield Received(delivered.raw, delivered.kind, spent)
        else:
            raise self.no_picture("", _charged(found))

    def file_of(self, uri: str) -> Generator[Step, Any, Request]:
        """Where a delivered file is fetched, once it is ready.

        It is asked for where we ask everything; what that redirects to gets no key.
        """
        file = uri.split("files/")[-1].split(":")[0]
        yield from self._ready(file)
        return self.request("GET", f"files/{file}:download?alt=media")

    def _ready(self, file: str) -> Generator[Step, Any, None]:
        for _ in range(round(READY_SECONDS / self.poll_seconds)):
            state = yield from send(self.request("GET", f"files/{file}"))
            stands = text(maybe_json(state.body), "state")
            if nothing_there(state.status):
                raise refusals.expired(self.label)
            if stands == "FAILED":
                raise refusals.failed(self.label, charged="yes")
            if stands == "ACTIVE":
                return
            yield Progress(note="being delivered")
            yield Wait(self.poll_seconds)


ENGINE = Interactions


def _interaction(ask: Ask, pictures: Sequence[encode.Encoded]) -> Json:
    """It is stored there, or it could not be found again."""
    shown: list[Json] = [
        {"type": "image", "mime_type": picture.media_type, "data": picture.base64}
        for picture in pictures
    ]
    content: list[Json] = [{"type": "text", "text": instruct(ask)}, *shown]
    answer: dict[str, Json] = {
        "type": "image",
        "mime_type": "image/jpeg",  # the only one that this route offers
        "aspect_ratio": aspect(ask.size),
        "delivery": "uri" if ask.size.pixels > MOST_INLINE_PIXELS else "inline",
    }
    if takes_size(ask):
        answer["image_size"] = ask.tier
    config: dict[str, Json] = {}
    if ask.facts.get("thinking"):
        config["thinking_level"] = str(ask.facts["thinking"]).lower()
    if ask.seed is not None:
        config["seed"] = ask.seed
    body: dict[str, Json] = {
        "model": ask.model,
        "input": [{"type": "user_input", "content": content}],
        "response_format": answer,
        "background": True,
        "store": True,
    }
    return {**body, "generation_config": config} if config else body


def _picture(found: dict[str, Any]) -> dict[str, str]:
    """The last picture, as {"data": base64} or {"uri": address}; {} when there is none."""
    for step in reversed(rows(found, "steps")):
        if step.get("type") != "model_output":
            continue
        for block in reversed(rows(step, "content")):
            for name in ("data", "uri") if block.get("type") == "image" else ():
                if text(block, name):
                    return {name: text(block, name)}
    return {}


def _charged(found: dict[str, Any]) -> Charged:
    """Whether tokens were made, as far as the answer says."""
    usage = dig(found, "usage")
    if not isinstance(usage, dict):
        return "unknown"
    made = count(usage, "total_output_tokens") + count(usage, "total_thought_tokens")
    return "yes" if made else "no"


def _tokens(found: dict[str, Any]) -> dict[str, int]:
    """{} when the answer does not say how many the picture took."""
    usage = dig(found, "usage")
    image = sum(
        count(row, "tokens")
        for row in rows(usage, "output_tokens_by_modality")
        if text(row, "modality") == "image"
    )
    if not image:
        return {}
    words = count(usage, "total_output_tokens") - image + count(usage, "total_thought_tokens")
    return {"input": count(usage, "total_input_tokens"), "image": image, "text": words}
