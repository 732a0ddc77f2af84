"""ByteDance's Seedream models by Ark, at BytePlus or at Volcengine.

One request, answered when the picture is done by an address that serves it for a day and gets no
key; some gateways put the picture into the answer instead. A series of pictures is never asked
for: its pictures belong together and are charged each, so one request makes one picture.

`base` decides whose key and which names of the models are used: BytePlus, unless it lies with
Volcengine.

Facts of a catalogue row: volcengine (the model's id there), png (true: it answers in PNG), fixed
(fields that are always the same).
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, ClassVar

from bridge.engines import encode, fetch, refusals
from bridge.engines.answers import count, dig, json_object, maybe_json, rows, text
from bridge.engines.base import (
    Answer,
    Ask,
    Engine,
    Json,
    KeyIn,
    Listed,
    Received,
    Ref,
    Request,
    Response,
    Step,
    Steps,
    Submitted,
    Where,
    retry_after,
    send,
)
from bridge.engines.prompts import instruct
from bridge.engines.shrink import shrunk
from bridge.errors import Charged, EngineError, Unsupported

KEY = KeyIn("Authorization", "Bearer {}")
BASE = "https://ark.ap-southeast.bytepluses.com/api/v3"
VOLCENGINE = "volces.com"
AT_VOLCENGINE, AT_BYTEPLUS = "doubao-", "dola-"  # how names begin there; older ones here do not
MOST_BYTES = 9_000_000  # of one picture: 10 MB by the older pages, 30 by the newer ones
MOST_REFERENCE_PIXELS = 2048 * 2048
OVERLOAD_SECONDS = 5.0  # a short pause before an overloaded model is asked again

# What stands at the start of an error's code, and how it is said; the first that fits.
REFUSED = ("SensitiveContentDetected", "InputTextSensitive", "InputImageSensitive")
REFUSED_AFTER = "OutputImageSensitive"
NO_CREDIT = ("AccountOverdueError", "OperationDenied.ServiceOverdue")
GONE = ("InvalidEndpoint", "InvalidEndpointOrModel", "ModelNotOpen")
LASTING = ("QuotaExceeded", "SetLimitExceeded")


class Ark(Engine):
    id: ClassVar[str] = "ark"
    label: ClassVar[str] = "ByteDance"
    where: ClassVar[Where] = "hosted"
    usual_base: ClassVar[str] = BASE
    regions: ClassVar[Mapping[str, str]] = {
        "byteplus": BASE,
        "volcengine": "https://ark.cn-beijing.volces.com/api/v3",
    }
    other_hosts: ClassVar[tuple[str, ...]] = ("*.bytepluses.com", "*.volces.com")
    key_name: ClassVar[str] = "ark"

    def revise(self, ask: Ask, ref: Ref | None = None) -> Steps:
        if ref is None:
            response = yield from send(self._request(ask), usd=ask.usd)
            if response.status != 200:
                raise self._refusal(response, ask)
            picture = self._picture(json_object(response.body, self.label))
            if "url" not in picture:
                yield Received(response.body, "application/json", seed=ask.seed)
                return
            ref = {"url": picture["url"]}
            yield Submitted(ref)
        # Without the key, which is the API's.
        found = yield from fetch.picture(
            self.label, Request("GET", str(ref["url"])), "within a day that is free"
        )
        yield Received(found.raw, found.kind, seed=ask.seed)

    def live(self) -> Generator[Step, Any, Listed]:
        """Not every account is given a list. Volcengine's names stand for ours."""
        response = yield from send(Request("GET", f"{self.base}/models", key=KEY))
        if response.status == 404:
            raise Unsupported(
                f"{self.label} lists no models at this address; whether it takes the key is seen "
                "with the first revision."
            )
        if response.status != 200:
            raise refusals.not_listed(self.label, response)
        listed = {text(row, "id") for row in rows(maybe_json(response.body), "data")}
        plain = {name.removeprefix(AT_VOLCENGINE) for name in listed}
        return Listed(frozenset(listed | plain | {f"{AT_BYTEPLUS}{name}" for name in plain}))

    def decode(self, raw: bytes, media_type: str) -> Answer:
        if media_type == "application/json":
            data = text(json_object(raw, self.label, "yes"), "data", 0, "b64_json")
            raw = encode.from_base64(data, self.label)
        return Answer(encode.picture(raw, self.label), "re-rendered")

    def patience(self, response: Response) -> float | None:
        """Refused before work: too many at once, or overloaded; a used-up quota is neither."""
        code = _error(response.body)[0]
        if response.status != 429 or code.startswith(LASTING):
            return None
        return retry_after(response) or OVERLOAD_SECONDS

    # --- the request and the answer ------------------------------------------------------------

    def _request(self, ask: Ask) -> Request:
        at_volcengine = self.host.endswith(VOLCENGINE)
        model = str(ask.facts.get("volcengine") or ask.model) if at_volcengine else ask.model
        return Request(
            "POST",
            f"{self.base}/images/generations",
            json=_body(ask, model),
            key=KEY,
        )

    def _picture(self, found: dict[str, Any]) -> dict[str, str]:
        """As {"url": address} or {"b64_json": base64}."""
        first = dig(found, "data", 0)
        for name in ("url", "b64_json"):
            if text(first, name):
                return {name: text(first, name)}
        code = text(first, "error", "code") or text(found, "error", "code")
        charged: Charged = "yes" if count(found, "usage", "generated_images") else "no"
        if "Sensitive" in code:
            raise refusals.content_refused(self.label, _plain(code), charged)
        message = text(first, "error", "message") or text(found, "error", "message")
        if message:
            raise refusals.failed(self.label, message, charged)
        raise refusals.no_picture(self.label, charged=charged)

    # --- refusals --------------------------------------------------------------------------------

    def _refusal(self, response: Response, ask: Ask) -> EngineError:
        code, message = _error(response.body)
        if code.startswith((*REFUSED, REFUSED_AFTER)):
            return refusals.content_refused(self.label, _plain(code), "no")
        if code.startswith(NO_CREDIT):
            return refusals.no_credit(self.label)
        if code.startswith(GONE) or response.status == 404:
            return refusals.model_gone(self.label, ask.name, ask.successor)
        if code.startswith(LASTING):
            return refusals.too_many_today(self.label, ask.name)
        if code.startswith("ServerOverloaded"):
            return refusals.busy(self.label)
        match response.status:
            case 401:
                return refusals.key_wrong(self.label)
            case 403:
                return refusals.key_not_allowed(self.label, ask.name)
            case 413:
                return refusals.too_big(self.label)
            case 429:
                return refusals.too_many_now(self.label, retry_after(response))
        return refusals.not_accepted(self.label, message)


ENGINE = Ark


def _body(ask: Ask, model: str) -> Json:
    """One picture, without a watermark, at the exact size."""
    pictures: list[Json] = [encode.fitting(ask.picture, MOST_BYTES, Ark.label).data_url]
    pictures += [
        encode.fitting(shrunk(reference, MOST_REFERENCE_PIXELS), MOST_BYTES, Ark.label).data_url
        for reference in ask.references
    ]
    body: dict[str, Json] = {
        "model": model,
        "prompt": instruct(ask),
        "image": pictures if ask.references else pictures[0],
        "size": f"{ask.size.width}x{ask.size.height}",
        "response_format": "url",
        "watermark": False,
    }
    fixed = ask.facts.get("fixed")
    if isinstance(fixed, dict):
        body.update(fixed)
    if ask.facts.get("png"):
        body["output_format"] = "png"
    if ask.seed is not None:
        body["seed"] = ask.seed
    return body


def _error(body: bytes) -> tuple[str, str]:
    """Its code and message, "" when it has none."""
    found = maybe_json(body)
    return text(found, "error", "code"), text(found, "error", "message")


def _plain(code: str) -> str:
    """Which part was refused: "OutputImageSensitiveContentDetected" is about the output image."""
    where = {"InputText": "the words", "InputImage": "a picture sent", "OutputImage": "the result"}
    return next((said for start, said in where.items() if code.startswith(start)), "")
