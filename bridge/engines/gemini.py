"""Google Gemini's image models, by generateContent or by the Interactions route.

generateContent answers in one breath. An interaction runs in the background and can be found
again; a large picture then arrives as a file with an address of its own.

`base` ends in the version ("…/v1beta", "…/v1"), or for the Agent Platform in the location
("…/v1beta1/projects/p/locations/global"), where the key is a bearer token.

Facts of a catalogue row: route ("generateContent" | "interactions"), image_size (false: the model
takes no size), thinking (a level such as "HIGH"), usd_per_million (tokens: input, text, image),
successor.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Any, ClassVar
from urllib.parse import urlsplit

from bridge.engines import encode, refusals
from bridge.engines.answers import count, dig, json_object, maybe_json, rows, text
from bridge.engines.base import (
    Answer,
    Ask,
    Engine,
    Json,
    KeyIn,
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
from bridge.engines.prompts import instruct
from bridge.errors import BridgeError, Charged, EngineError
from bridge.geometry import Size

BASE = "https://generativelanguage.googleapis.com/v1beta"
# 20 MB was the oldest limit of a request, and still is on the Agent Platform; base64 adds a third.
MOST_INLINE = 14_000_000  # bytes of all pictures together
REFERENCES_SHARE = 0.5  # of that, at most
MOST_INLINE_ANSWER = 4_000_000  # bytes; an interaction delivers larger pictures as files
POLL_SECONDS = 2.0
POLLS = 450  # a quarter of an hour
OVERLOAD_SECONDS = 5.0  # a short pause before an overloaded model is asked again
ASPECT_NAMES = "1:1 2:3 3:2 3:4 4:3 4:5 5:4 9:16 16:9 21:9 1:4 4:1 1:8 8:1"
ASPECTS = ASPECT_NAMES.split()

REFUSED = frozenset(
    [
        "SAFETY",
        "PROHIBITED_CONTENT",
        "RECITATION",
        "BLOCKLIST",
        "SPII",
        "ESCALATION",
        "IMAGE_SAFETY",
        "MODEL_ARMOR",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
        "JAILBREAK",
    ]
)
UNFINISHED = frozenset({"queued", "in_progress"})


class Gemini(Engine):
    id: ClassVar[str] = "gemini"
    label: ClassVar[str] = "Google Gemini"
    where: ClassVar[Where] = "hosted"
    key_name: ClassVar[str] = "gemini"
    # 503 is "the model is overloaded". 500 and 504 may have begun.
    before_work: ClassVar[frozenset[int]] = frozenset({400, 401, 403, 404, 413, 429, 503})

    def __init__(self, base: str = "") -> None:
        super().__init__((base or BASE).rstrip("/"))

    @property
    def hosts(self) -> tuple[str, ...]:
        return (urlsplit(self.base).hostname or "", "*.googleapis.com")

    def revise(self, ask: Ask, ref: Ref | None = None) -> Steps:
        if ref is not None:
            yield from self._await(ask, str(ref["interaction"]), {})
        elif ask.facts.get("route") == "interactions":
            yield from self._interact(ask)
        else:
            yield from self._generate(ask)

    def cancel(self, ref: Ref) -> Steps:
        yield from send(self._request("POST", f"interactions/{ref['interaction']}/cancel"))

    def decode(self, raw: bytes, media_type: str) -> Answer:
        if media_type == "application/json":
            data = text(_picture(json_object(raw, self.label, "yes")), "data")
            raw = encode.from_base64(data, self.label)
        return Answer(encode.picture(raw, self.label), "re-rendered")

    def patience(self, response: Response) -> float | None:
        if response.status == 503:
            return retry_after(response) or OVERLOAD_SECONDS
        if response.status != 429:
            return None
        error = _error(response.body)
        if _lasting(error):
            return None
        return _retry_info(error) or retry_after(response)

    # --- generateContent ---------------------------------------------------------------------

    def _generate(self, ask: Ask) -> Steps:
        place = "publishers/google/models" if self._on_platform else "models"
        request = self._request("POST", f"{place}/{ask.model}:generateContent", _content(ask))
        response = yield from send(request, usd=ask.usd)
        if response.status != 200:
            raise self._refusal(response, ask)
        yield from self._deliver(ask, response.body)

    # --- interactions ------------------------------------------------------------------------

    def _interact(self, ask: Ask) -> Steps:
        response = yield from send(
            self._request("POST", "interactions", _interaction(ask)), usd=ask.usd
        )
        if response.status != 200:
            raise self._refusal(response, ask)
        found = json_object(response.body, self.label)
        if not text(found, "id"):
            raise refusals.no_picture(self.label)
        yield Submitted({"interaction": text(found, "id")})
        yield from self._await(ask, text(found, "id"), found, response.body)

    def _await(self, ask: Ask, interaction: str, found: dict[str, Any], raw: bytes = b"") -> Steps:
        """From what is known of the interaction ({} = nothing) to the answer."""
        for _ in range(POLLS):
            status = text(found, "status")
            if status and status not in UNFINISHED:
                yield from self._finish(ask, status, found, raw)
                return
            if status:
                yield Progress(note=status.replace("_", " "))
                yield Wait(POLL_SECONDS)
            response = yield from send(self._request("GET", f"interactions/{interaction}"))
            if response.status == 404:
                raise refusals.job_lost(self.label)
            if response.status == 200:
                raw, found = response.body, json_object(response.body, self.label)
            elif response.status in (401, 403):
                raise self._refusal(response, ask)
            else:  # a poll that fails says nothing about the job
                found = {"status": "in_progress"}
        raise refusals.still_working(self.label, POLLS * POLL_SECONDS / 60)

    def _finish(self, ask: Ask, status: str, found: dict[str, Any], raw: bytes) -> Steps:
        if status == "completed":
            yield from self._deliver(ask, raw)
        elif status == "cancelled":
            raise refusals.cancelled(self.label)
        elif status == "budget_exceeded":
            raise refusals.no_credit(self.label)
        else:
            raise self._job_failed(found, status)

    def _job_failed(self, found: dict[str, Any], status: str) -> BridgeError:
        error = (rows(found, "errors") or [{}])[0]
        code, message = text(error, "code"), text(error, "message")
        if _sounds_refused(code) or _sounds_refused(message):
            return refusals.content_refused(self.label, code, _charged(found))
        return refusals.failed(self.label, message or status.replace("_", " "), _charged(found))

    # --- the answer --------------------------------------------------------------------------

    def _deliver(self, ask: Ask, raw: bytes) -> Steps:
        found = json_object(raw, self.label)
        picture, usd = _picture(found), _usd(found, ask)
        if picture is None:
            raise self._no_picture(found)
        if "uri" not in picture:
            yield Received(raw, "application/json", usd)
            return
        data = yield from self._download(picture["uri"])
        yield Received(data, encode.sniff(data) or "application/octet-stream", usd)

    def _no_picture(self, found: dict[str, Any]) -> EngineError:
        charged = _charged(found)
        blocked = text(found, "promptFeedback", "blockReason")
        if blocked:
            return refusals.content_refused(self.label, blocked, charged)
        reason = text(found, "candidates", 0, "finishReason")
        if reason in REFUSED:
            return refusals.content_refused(self.label, reason, charged)
        if reason == "MAX_TOKENS":
            return refusals.too_big(self.label)
        if reason == "PUP_LIMITED_DISABLED":
            return refusals.key_wrong(self.label)
        return refusals.no_picture(self.label, "" if reason == "STOP" else reason, charged)

    def _download(self, uri: str) -> Generator[Step, Any, bytes]:
        """The bytes of a delivered file, once it is ready. The key only goes where we asked."""
        file = uri.split("/files/")[-1].removeprefix("files/").split(":")[0]
        for _ in range(POLLS):
            state = yield from send(self._request("GET", f"files/{file}"))
            stands = text(maybe_json(state.body), "state")
            if state.status == 404:
                raise refusals.job_lost(self.label)
            if stands == "FAILED":
                raise refusals.failed(self.label, charged="yes")
            if stands != "PROCESSING":
                break
            yield Progress(note="being delivered")
            yield Wait(POLL_SECONDS)
        response = yield from send(self._request("GET", f"files/{file}:download?alt=media"))
        if response.status != 200:
            raise refusals.job_lost(self.label)
        return response.body

    # --- requests and refusals ---------------------------------------------------------------

    @property
    def _on_platform(self) -> bool:
        return "/projects/" in urlsplit(self.base).path

    def _request(self, method: str, path: str, body: Json = None) -> Request:
        key = KeyIn("Authorization", "Bearer {}") if self._on_platform else KeyIn("x-goog-api-key")
        return Request(method, f"{self.base}/{path}", json=body, key=key)

    def _refusal(self, response: Response, ask: Ask) -> EngineError:
        error = _error(response.body)
        status, message = text(error, "status"), text(error, "message")
        match response.status:
            case 401:
                return refusals.key_wrong(self.label)
            case 403:
                return refusals.key_not_allowed(self.label, ask.model)
            case 404:
                return refusals.model_gone(self.label, ask.model, _successor(message, ask))
            case 413:
                return refusals.too_big(self.label)
            case 429:
                return self._too_many(error, ask)
            case 503:
                return refusals.busy(self.label)
        if "API_KEY_INVALID" in _reasons(error) or "API key" in message:
            return refusals.key_wrong(self.label)
        if status == "FAILED_PRECONDITION" and "billing" in message.lower():
            return refusals.no_credit(self.label)
        if status == "FAILED_PRECONDITION":
            return refusals.not_here(self.label, ask.model)
        if "exceeds" in message and "size" in message:
            return refusals.too_big(self.label)
        return refusals.not_accepted(self.label, message)

    def _too_many(self, error: Any, ask: Ask) -> EngineError:
        if _out_of_credit(error):
            return refusals.no_credit(self.label)
        if _lasting(error):
            return refusals.too_many_today(self.label, ask.model)
        return refusals.too_many_now(self.label, _retry_info(error))


ENGINE = Gemini


# --- what is sent --------------------------------------------------------------------------------


def _content(ask: Ask) -> Json:
    """The body of generateContent."""
    pictures: list[Json] = [
        {"inlineData": {"mimeType": picture.media_type, "data": picture.base64}}
        for picture in _pictures(ask)
    ]
    image: dict[str, Json] = {"aspectRatio": aspect(ask.size)}
    if _takes_size(ask):
        image["imageSize"] = ask.tier
    config: dict[str, Json] = {"responseModalities": ["IMAGE"], "imageConfig": image}
    if ask.facts.get("thinking"):
        config["thinkingConfig"] = {"thinkingLevel": ask.facts["thinking"]}
    if ask.seed is not None:
        config["seed"] = ask.seed
    parts: list[Json] = [{"text": instruct(ask)}, *pictures]
    return {"contents": [{"role": "user", "parts": parts}], "generationConfig": config}


def _interaction(ask: Ask) -> Json:
    """The body of an interaction. It is stored there, or it could not be found again."""
    pictures: list[Json] = [
        {"type": "image", "mime_type": picture.media_type, "data": picture.base64}
        for picture in _pictures(ask)
    ]
    content: list[Json] = [{"type": "text", "text": instruct(ask)}, *pictures]
    answer: dict[str, Json] = {
        "type": "image",
        "mime_type": "image/jpeg",  # the only one that this route offers
        "aspect_ratio": aspect(ask.size),
        "delivery": "uri" if ask.size.pixels > MOST_INLINE_ANSWER else "inline",
    }
    if _takes_size(ask):
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


def _pictures(ask: Ask) -> list[encode.Encoded]:
    """The picture and its references, small enough together; the picture gets what is left."""
    most_each = round(MOST_INLINE * REFERENCES_SHARE / max(1, len(ask.references)))
    references = [encode.fitting(pixels, most_each, Gemini.label) for pixels in ask.references]
    left = MOST_INLINE - sum(len(reference.data) for reference in references)
    return [encode.fitting(ask.picture, left, Gemini.label), *references]


def aspect(size: Size) -> str:
    """The name of the nearest aspect that the models know."""

    def distance(name: str) -> float:
        width, height = name.split(":")
        return abs(math.log(size.ratio * int(height) / int(width)))

    return min(ASPECTS, key=distance)


def _takes_size(ask: Ask) -> bool:
    return bool(ask.tier) and ask.facts.get("image_size") is not False


# --- what comes back -----------------------------------------------------------------------------


def _picture(found: dict[str, Any]) -> dict[str, str] | None:
    """The last picture that is not a draft, as {"data": base64} or {"uri": address}."""
    pictures = [*_of_candidate(found), *_of_steps(found)]
    return pictures[-1] if pictures else None


def _of_candidate(found: dict[str, Any]) -> list[dict[str, str]]:
    pictures = []
    for part in rows(found, "candidates", 0, "content", "parts"):
        if part.get("thought"):
            continue
        if data := text(part, "inlineData", "data"):
            pictures.append({"data": data})
        if uri := text(part, "fileData", "fileUri"):
            pictures.append({"uri": uri})
    return pictures


def _of_steps(found: dict[str, Any]) -> list[dict[str, str]]:
    pictures = []
    for step in rows(found, "steps"):
        for block in rows(step, "content") if step.get("type") == "model_output" else []:
            if block.get("type") != "image":
                continue
            pictures += [{name: text(block, name)} for name in ("data", "uri") if text(block, name)]
    return pictures


def _charged(found: dict[str, Any]) -> Charged:
    """Whether tokens were produced, as far as the answer says."""
    usage = dig(found, "usageMetadata") or dig(found, "usage")
    if not isinstance(usage, dict):
        return "unknown"
    made = ("candidatesTokenCount", "thoughtsTokenCount", "total_output_tokens")
    return "yes" if any(count(usage, name) for name in (*made, "total_thought_tokens")) else "no"


def _usd(found: dict[str, Any], ask: Ask) -> float | None:
    """From the tokens reported and the row's prices; None when either says too little."""
    prices = ask.facts.get("usd_per_million")
    tokens = _tokens(found)
    if not isinstance(prices, dict) or not tokens:
        return None
    usd = 0.0
    for kind, number in tokens.items():
        price = prices.get(kind)
        if not isinstance(price, (int, float)):
            return None
        usd += number * price / 1e6
    return usd


def _tokens(found: dict[str, Any]) -> dict[str, int]:
    """{} when the answer does not say how many tokens the picture took."""
    usage, made = dig(found, "usageMetadata"), "candidatesTokensDetails"
    names = ("promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "tokenCount")
    if usage is None:
        usage, made = dig(found, "usage"), "output_tokens_by_modality"
        names = ("total_input_tokens", "total_output_tokens", "total_thought_tokens", "tokens")
    sent, all_made, thought, each = names
    image = sum(
        count(row, each) for row in rows(usage, made) if text(row, "modality").upper() == "IMAGE"
    )
    if not image:
        return {}
    words = count(usage, all_made) - image + count(usage, thought)
    return {"input": count(usage, sent), "image": image, "text": words}


def _error(body: bytes) -> Any:
    """The error object; streaming endpoints wrap it into a list."""
    found = maybe_json(body)
    return dig(found, 0, "error") or dig(found, "error")


def _reasons(error: Any) -> set[str]:
    return {text(detail, "reason") for detail in rows(error, "details")}


def _retry_info(error: Any) -> float | None:
    for detail in rows(error, "details"):
        delay = text(detail, "retryDelay").removesuffix("s")
        if delay.replace(".", "", 1).isdigit():
            return float(delay)
    return None


def _violations(error: Any) -> list[dict[str, Any]]:
    return [row for detail in rows(error, "details") for row in rows(detail, "violations")]


def _lasting(error: Any) -> bool:
    """A quota that a pause does not cure."""
    daily = any("PerDay" in text(row, "quotaId") for row in _violations(error))
    return daily or _out_of_credit(error)


def _out_of_credit(error: Any) -> bool:
    nothing_allowed = any(text(row, "quotaValue") == "0" for row in _violations(error))
    return nothing_allowed or "depleted" in text(error, "message")


def _sounds_refused(said: str) -> bool:
    loud = said.upper()
    return any(word in loud for word in ("SAFETY", "PROHIBITED", "BLOCKED", "POLICY", "MODERAT"))


def _successor(message: str, ask: Ask) -> str:
    """The message may say "… use models/Y"; else what the catalogue knows."""
    _, named, rest = message.partition("use models/")
    words = rest.split()
    return words[0].rstrip(".,") if named and words else str(ask.facts.get("successor") or "")
