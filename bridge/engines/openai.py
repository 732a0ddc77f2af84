"""OpenAI's image models: one multipart request, answered as a stream with previews.

`base` ends in the version, such as "https://eu.api.openai.com/v1".

Facts of a catalogue row: qualities (which a tier may name), quality (the usual one), previews
(partial pictures, each charged), usd_per_million (of tokens: text, image, out).
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any, ClassVar

from bridge.engines import encode, refusals
from bridge.engines.answers import count, dig, json_object, maybe_json, rows, text
from bridge.engines.base import (
    Answer,
    Ask,
    Engine,
    Event,
    KeyIn,
    Listed,
    Part,
    Progress,
    Received,
    Ref,
    Request,
    Step,
    Steps,
    Where,
    following,
    listen,
    send,
)
from bridge.engines.prompts import instruct
from bridge.engines.shrink import shrunk
from bridge.engines.tokens import usd
from bridge.errors import Charged, EngineError

BASE = "https://api.openai.com/v1"
MOST_BYTES = 50_000_000  # of one picture
REFERENCE_PIXELS = 1024 * 1024  # pictures that are sent are charged by their size


class OpenAI(Engine):
    id: ClassVar[str] = "openai"
    label: ClassVar[str] = "OpenAI"
    where: ClassVar[Where] = "hosted"
    usual_base: ClassVar[str] = BASE
    key_name: ClassVar[str] = "openai"

    def revise(self, ask: Ask, ref: Ref | None = None) -> Steps:
        key = KeyIn("Authorization", "Bearer {}")
        request = Request("POST", f"{self.base}/images/edits", form=_form(ask), key=key)
        event = yield from listen(request, usd=ask.usd)
        while event is not None:
            match event.name:
                case "image_edit.completed":
                    found = json_object(event.data, self.label, "yes")
                    yield Received(event.data, "application/json", usd(_tokens(found), ask))
                    return
                case "image_edit.partial_image":
                    yield _preview(event, ask)
                case "http_error":
                    raise self._refusal(event, ask)
                case "error":
                    raise self._failure(event)
            event = yield from following()
        raise refusals.unfinished(self.label)

    def live(self) -> Generator[Step, Any, Listed]:
        key = KeyIn("Authorization", "Bearer {}")
        response = yield from send(Request("GET", f"{self.base}/models", key=key))
        if response.status != 200:
            raise refusals.not_listed(self.label, response)
        found = rows(json_object(response.body, self.label, "no"), "data")
        return Listed(frozenset(text(row, "id") for row in found))

    def decode(self, raw: bytes, media_type: str) -> Answer:
        data = text(json_object(raw, self.label, "yes"), "b64_json")
        pixels = encode.picture(encode.from_base64(data, self.label), self.label)
        return Answer(pixels, "re-rendered")

    # --- refusals ----------------------------------------------------------------------------

    def _refusal(self, event: Event, ask: Ask) -> EngineError:
        """Of a request that was answered with a status other than 200."""
        status, _, body = event.data.partition(b" ")
        error = dig(maybe_json(body), "error")
        code = text(error, "code") or text(error, "type")
        if code in ("insufficient_quota", "billing_hard_limit_reached"):
            return refusals.no_credit(self.label)
        match int(status):
            case 401:
                return refusals.key_wrong(self.label)
            case 403:
                return refusals.key_not_allowed(self.label, ask.name)
            case 404:
                return refusals.model_gone(self.label, ask.name, ask.successor)
            case 413:
                return refusals.too_big(self.label)
            case 429:
                return refusals.too_many_now(self.label)
        if code == "moderation_blocked":
            return self._blocked(error)
        return refusals.not_accepted(self.label, text(error, "message"))

    def _failure(self, event: Event) -> EngineError:
        """Of a request that was taken and went wrong on the way."""
        error = dig(maybe_json(event.data), "error")
        if text(error, "code") == "moderation_blocked":
            return self._blocked(error)
        return refusals.failed(self.label, text(error, "message"))

    def _blocked(self, error: Any) -> EngineError:
        """What was painted before it was blocked may be charged; nobody says so."""
        stage = text(error, "moderation_details", "moderation_stage")
        charged: Charged = "no" if stage == "input" else "unknown"
        category = text(error, "moderation_details", "categories", 0)
        return refusals.content_refused(self.label, category, charged)


ENGINE = OpenAI


def _form(ask: Ask) -> tuple[Part, ...]:
    fields = {
        "prompt": instruct(ask, masked=ask.mask is not None),
        "model": ask.model,
        "size": str(ask.size),
        "background": "opaque",
        "output_format": "png",
        "stream": "true",
        "partial_images": str(_previews(ask)),
    }
    if ask.facts.get("quality"):
        fields["quality"] = _quality(ask)
    return (*(Part(name, value) for name, value in fields.items()), *_files(ask))


def _files(ask: Ask) -> Iterator[Part]:
    """The picture as PNG, since the mask is one and both must be of a kind."""
    name = "image[]" if ask.references else "image"
    picture = encode.png(ask.picture)
    yield Part(name, picture.data, picture.filename, picture.media_type)
    for pixels in ask.references:
        lent = encode.fitting(shrunk(pixels, REFERENCE_PIXELS), MOST_BYTES, OpenAI.label)
        yield Part(name, lent.data, lent.filename, lent.media_type)
    if ask.mask is not None:
        mask = encode.alpha_mask(ask.mask)
        yield Part("mask", mask.data, "mask.png", mask.media_type)


def _quality(ask: Ask) -> str:
    qualities = ask.facts.get("qualities")
    named = isinstance(qualities, list | tuple) and ask.tier in qualities
    return ask.tier if named else str(ask.facts["quality"])


def _previews(ask: Ask) -> int:
    return count(dict(ask.facts), "previews")


def _preview(event: Event, ask: Ask) -> Progress:
    found = maybe_json(event.data)
    shown = 1 + count(found, "partial_image_index")
    data = encode.from_base64(text(found, "b64_json"), OpenAI.label)
    return Progress(fraction=shown / (1 + max(shown, _previews(ask))), preview=data)


def _tokens(found: dict[str, Any]) -> dict[str, int]:
    """{} when the answer does not count them."""
    usage = dig(found, "usage")
    if not count(usage, "output_tokens"):
        return {}
    return {
        "text": count(usage, "input_tokens_details", "text_tokens"),
        "image": count(usage, "input_tokens_details", "image_tokens"),
        "out": count(usage, "output_tokens"),
    }
