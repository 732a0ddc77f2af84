"""OpenRouter: many makers' models behind one key; pictures at once, films as jobs.

A picture comes in the answer itself. A film is submitted, polled and fetched from OpenRouter, with
the key; it has no way to cancel one. What was charged is in every answer.

Facts of a catalogue row, all optional: size ("aspect", the usual one: aspect_ratio and resolution;
"edges": size), png (true: it answers in PNG when asked to), audio (true: it can be switched), last
(true: takes a last frame), fixed (fields that are always the same), successor (the model to name
when this one is gone).
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, ClassVar

from bridge.engines import encode, fetch, film, refusals
from bridge.engines.addresses import host_of, joined
from bridge.engines.answers import amount, dig, json_object, maybe_json, nothing_there, text
from bridge.engines.base import (
    Answer,
    Ask,
    Engine,
    Json,
    KeyIn,
    Listed,
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
from bridge.engines.google import aspect, sounds_refused
from bridge.engines.prompts import instruct
from bridge.engines.shrink import shrunk
from bridge.errors import BridgeError, Charged, EngineError
from bridge.pixels import Array

BASE = "https://openrouter.ai/api/v1"
MOST_BYTES = 12_000_000  # of one picture; base64 adds a third
MOST_REFERENCE_PIXELS = 1024 * 1024  # what the price before the click counts for each
POLL_SECONDS = 10.0  # as often as it wants to be asked
POLLS = 360  # an hour
LOST_AFTER = 3
FULL_SECONDS = 5.0
ENDED_BADLY = frozenset({"failed", "cancelled", "expired"})


class OpenRouter(Engine):
    id: ClassVar[str] = "openrouter"
    label: ClassVar[str] = "OpenRouter"
    where: ClassVar[Where] = "hosted"
    usual_base: ClassVar[str] = BASE
    other_hosts: ClassVar[tuple[str, ...]] = ("*.openrouter.ai",)
    key_name: ClassVar[str] = "openrouter"

    def revise(self, ask: Ask, ref: Ref | None = None) -> Steps:
        if ask.motion is None:
            yield from self._picture(ask)
            return
        if ref is None:
            ref = yield from self._submit(ask)
            yield Submitted(ref)
        found = yield from self._finished(ref)
        # With the key, from OpenRouter only; what it redirects to gets none.
        file = self._request("GET", f"videos/{ref['id']}/content?index=0")
        made = yield from fetch.movie(self.label, file, pause_seconds=POLL_SECONDS)
        yield Received(made.raw, made.kind, _usd(found))

    def decode(self, raw: bytes, media_type: str) -> Answer:
        if media_type.startswith("video/"):
            return Answer(film.first_frame(raw, self.label), "re-rendered")
        data = text(json_object(raw, self.label, "yes"), "data", 0, "b64_json")
        return Answer(
            encode.picture(encode.from_base64(data, self.label), self.label), "re-rendered"
        )

    def live(self) -> Generator[Step, Any, Listed]:
        """Its lists of models are everybody's; what it says of the key tests that."""
        response = yield from send(self._request("GET", "key"))
        if response.status != 200:
            raise refusals.not_listed(self.label, response)
        left = amount(json_object(response.body, self.label, "no"), "data", "limit_remaining")
        if left is None:  # null: the key has no limit of its own
            return Listed()
        return Listed(note=f"${left:.2f} of this key's limit are left.")

    def patience(self, response: Response) -> float | None:
        if response.status != 429:
            return None
        return retry_after(response) or FULL_SECONDS

    # --- a picture -----------------------------------------------------------------------------

    def _picture(self, ask: Ask) -> Steps:
        response = yield from send(self._request("POST", "images", _image(ask)), usd=ask.usd)
        if response.status != 200:
            raise self._refusal(response.status, response, ask)
        found = json_object(response.body, self.label)
        spent = _usd(found)
        if not text(found, "data", 0, "b64_json"):
            code = dig(found, "error", "code")
            if code is not None:
                raise self._refusal(code if isinstance(code, int) else 400, response, ask, spent)
            raise refusals.no_picture(self.label, charged="yes" if spent else "unknown")
        yield Received(response.body, "application/json", spent, ask.seed)

    # --- a film --------------------------------------------------------------------------------

    def _submit(self, ask: Ask) -> Generator[Step, Any, Ref]:
        response = yield from send(self._request("POST", "videos", _video(ask)), usd=ask.usd)
        if response.status not in (200, 201, 202):
            raise self._refusal(response.status, response, ask)
        found = json_object(response.body, self.label)
        job = text(found, "id")
        if not job:
            raise film.no_film(self.label)
        named = text(found, "polling_url")
        poll = joined(f"{self.base}/", named) if named else None
        if poll is None or poll.host != self.host:  # that must not lose a film that is being made
            return {"id": job, "poll": f"{self.base}/videos/{job}"}
        return {"id": job, "poll": str(poll)}

    def _finished(self, ref: Ref) -> Generator[Step, Any, dict[str, Any]]:
        lost = 0
        for _ in range(POLLS):
            response = yield from send(self._with_key("GET", str(ref["poll"])))
            found = maybe_json(response.body)
            status = text(found, "status")
            if response.status == 200 and status == "completed":
                return dict(found)
            if status in ENDED_BADLY:
                raise self._job_ended(status, found)
            if response.status in (401, 403):
                raise refusals.key_wrong(self.label)
            lost = lost + 1 if nothing_there(response.status) else 0
            if lost == LOST_AFTER:
                raise refusals.job_lost(self.label)
            yield Progress(note=status.replace("_", " "))
            yield Wait(POLL_SECONDS)
        raise refusals.still_working(self.label, POLLS * POLL_SECONDS / 60)

    def _request(self, method: str, path: str, body: Json = None) -> Request:
        return self._with_key(method, f"{self.base}/{path}", body)

    def _with_key(self, method: str, url: str, body: Json = None) -> Request:
        ours = host_of(url) == self.host  # another host's would not get the key
        key = KeyIn("Authorization", "Bearer {}") if ours else None
        return Request(method, url, json=body, key=key)

    # --- refusals --------------------------------------------------------------------------------

    def _refusal(
        self, status: int, response: Response, ask: Ask, spent: float | None = None
    ) -> EngineError:
        said = text(maybe_json(response.body), "error", "message")
        match status:
            case 401:
                return refusals.key_wrong(self.label)
            case 402:
                return refusals.no_credit(self.label)
            case 403:  # this provider's word for moderation
                charged: Charged = "yes" if spent else "no"
                return refusals.content_refused(self.label, said, charged)
            case 404:
                return refusals.model_gone(self.label, ask.name, ask.successor)
            case 413:
                return refusals.too_big(self.label)
            case 429:
                return refusals.too_many_now(self.label, retry_after(response))
        return refusals.not_accepted(self.label, said)

    def _job_ended(self, status: str, found: Any) -> BridgeError:
        charged: Charged = "yes" if _usd(found) else "no"
        said = text(found, "error") or text(found, "error", "message")
        if status == "cancelled":
            return refusals.cancelled(self.label)
        if status == "expired":
            return refusals.expired(self.label)
        if sounds_refused(said):
            return refusals.content_refused(self.label, said, charged)
        return refusals.failed(self.label, said, charged)


ENGINE = OpenRouter


# --- what is sent --------------------------------------------------------------------------------


def _image(ask: Ask) -> Json:
    pictures = [ask.picture, *(shrunk(one, MOST_REFERENCE_PIXELS) for one in ask.references)]
    body: dict[str, Json] = {
        "model": ask.model,
        "prompt": instruct(ask),
        "input_references": [_shown(one) for one in pictures],
        "n": 1,
        **_size(ask),
        **_common(ask),
    }
    if ask.facts.get("png"):
        body["output_format"] = "png"
    return body


def _video(ask: Ask) -> Json:
    motion = film.motion_of(ask)
    frames: list[Json] = [{**_shown(ask.picture), "frame_type": "first_frame"}]
    if motion.last is not None and ask.facts.get("last"):
        frames.append({**_shown(motion.last), "frame_type": "last_frame"})
    body: dict[str, Json] = {
        "model": ask.model,
        "prompt": film.words(ask),
        "frame_images": list(frames),
        "duration": motion.seconds,
        **_size(ask),
        **_common(ask),
    }
    if ask.references:
        body["input_references"] = [
            _shown(shrunk(one, MOST_REFERENCE_PIXELS)) for one in ask.references
        ]
    if ask.facts.get("audio"):
        body["generate_audio"] = motion.audio
    return body


def _common(ask: Ask) -> dict[str, Json]:
    fixed = ask.facts.get("fixed")
    told: dict[str, Json] = dict(fixed) if isinstance(fixed, dict) else {}
    if ask.seed is not None:
        told["seed"] = ask.seed
    return told


def _size(ask: Ask) -> dict[str, Json]:
    if ask.facts.get("size") == "edges":
        return {"size": str(ask.size)}
    told: dict[str, Json] = {
        "aspect_ratio": film.aspect(ask.size) if ask.motion else aspect(ask.size)
    }
    if ask.tier:
        told["resolution"] = ask.tier
    return told


def _shown(pixels: Array) -> dict[str, Json]:
    url = encode.fitting(pixels, MOST_BYTES, OpenRouter.label).data_url
    return {"type": "image_url", "image_url": {"url": url}}


def _usd(found: Any) -> float | None:
    """What was charged, where it says so."""
    return amount(found, "usage", "cost")
