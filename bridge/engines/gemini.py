"""Google's image models by generateContent: one request, one answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from bridge.engines import encode
from bridge.engines.answers import count, dig, json_object, rows, text
from bridge.engines.base import Answer, Ask, Json, Received, Ref, Steps, send
from bridge.engines.google import Google, aspect, takes_size
from bridge.engines.prompts import instruct
from bridge.engines.tokens import usd
from bridge.errors import Charged


class Gemini(Google):
    id: ClassVar[str] = "gemini"

    def revise(self, ask: Ask, ref: Ref | None = None) -> Steps:
        models = "publishers/google/models" if self.on_platform else "models"
        content = _content(ask, self.pictures(ask))
        request = self.request("POST", f"{models}/{ask.model}:generateContent", content)
        response = yield from send(request, usd=ask.usd)
        if response.status != 200:
            raise self.refusal(response, ask)
        found = json_object(response.body, self.label)
        if not _picture(found):
            blocked = text(found, "promptFeedback", "blockReason")
            reason = blocked or text(found, "candidates", 0, "finishReason")
            raise self.no_picture(reason, _charged(found))
        yield Received(response.body, "application/json", usd(_tokens(found), ask))

    def decode(self, raw: bytes, media_type: str) -> Answer:
        data = encode.from_base64(_picture(json_object(raw, self.label, "yes")), self.label)
        return Answer(encode.picture(data, self.label), "re-rendered")


ENGINE = Gemini


def _content(ask: Ask, pictures: Sequence[encode.Encoded]) -> Json:
    inline: list[Json] = [
        {"inlineData": {"mimeType": picture.media_type, "data": picture.base64}}
        for picture in pictures
    ]
    image: dict[str, Json] = {"aspectRatio": aspect(ask.size)}
    if takes_size(ask):
        image["imageSize"] = ask.tier
    config: dict[str, Json] = {"responseModalities": ["IMAGE"], "imageConfig": image}
    if ask.facts.get("thinking"):
        config["thinkingConfig"] = {"thinkingLevel": ask.facts["thinking"]}
    if ask.seed is not None:
        config["seed"] = ask.seed
    parts: list[Json] = [{"text": instruct(ask)}, *inline]
    return {"contents": [{"role": "user", "parts": parts}], "generationConfig": config}


def _picture(found: dict[str, Any]) -> str:
    """The last picture that is not a draft, in base64; "" when there is none."""
    parts = rows(found, "candidates", 0, "content", "parts")
    last = [text(part, "inlineData", "data") for part in parts if not part.get("thought")]
    return next((data for data in reversed(last) if data), "")


def _charged(found: dict[str, Any]) -> Charged:
    """Whether tokens were made, as far as the answer says."""
    usage = dig(found, "usageMetadata")
    if not isinstance(usage, dict):
        return "unknown"
    made = count(usage, "candidatesTokenCount") + count(usage, "thoughtsTokenCount")
    return "yes" if made else "no"


def _tokens(found: dict[str, Any]) -> dict[str, int]:
    """{} when the answer does not say how many the picture took."""
    usage = dig(found, "usageMetadata")
    image = sum(
        count(row, "tokenCount")
        for row in rows(usage, "candidatesTokensDetails")
        if text(row, "modality") == "IMAGE"
    )
    if not image:
        return {}
    words = count(usage, "candidatesTokenCount") - image + count(usage, "thoughtsTokenCount")
    return {"input": count(usage, "promptTokenCount"), "image": image, "text": words}
