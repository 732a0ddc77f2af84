"""What Google's two picture routes share: where they are asked, how they refuse, what they take.

`base` ends in the version ("…/v1beta", "…/v1"), or for the Agent Platform in the location
("…/v1beta1/projects/p/locations/global"), where the key is a bearer token.

Facts of a catalogue row: image_size (false: the model takes no size), thinking (a level such as
"HIGH"), usd_per_million (of tokens: input, image, text).
"""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from bridge.engines import encode, refusals
from bridge.engines.answers import dig, json_object, maybe_json, rows, seconds, text
from bridge.engines.base import (
    Ask,
    Engine,
    Json,
    KeyIn,
    Listed,
    Request,
    Response,
    Step,
    Where,
    retry_after,
    send,
)
from bridge.engines.shrink import shrunk
from bridge.errors import Charged, EngineError, Unsupported
from bridge.geometry import Size

BASE = "https://generativelanguage.googleapis.com/v1beta"
# A request holds 100 MB, on the Agent Platform 20 MB; base64 adds a third to the pictures in it.
MOST_INLINE = 70_000_000  # bytes of all pictures together
MOST_INLINE_ON_PLATFORM = 14_000_000
REFERENCES_SHARE = 0.5  # of that, at most
REFERENCE_PIXELS = 1024 * 1024  # a picture costs the same tokens at any size: this is looked at
MOST_PAGES = 20  # of a list of models
OVERLOAD_SECONDS = 5.0  # a short pause before an overloaded model is asked again
ASPECTS = (
    *("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"),
    *("1:4", "4:1", "1:8", "8:1"),
)
SOUNDS_REFUSED = (
    "SAFETY",
    "PROHIBITED",
    "RECITATION",
    "BLOCKLIST",
    "BLOCKED",
    "SPII",
    "ESCALATION",
    "MODEL_ARMOR",
    "JAILBREAK",
    "POLICY",
    "MODERAT",
)


class Google(Engine):
    label: ClassVar[str] = "Google Gemini"
    where: ClassVar[Where] = "hosted"
    usual_base: ClassVar[str] = BASE
    other_hosts: ClassVar[tuple[str, ...]] = ("*.googleapis.com",)
    key_name: ClassVar[str] = "gemini"
    # 503 is "the model is overloaded". 500 and 504 may have begun.
    before_work: ClassVar[frozenset[int]] = frozenset({400, 401, 403, 404, 413, 429, 503})

    @property
    def on_platform(self) -> bool:
        return "/projects/" in urlsplit(self.base).path

    def request(self, method: str, path: str, body: Json = None) -> Request:
        key = KeyIn("Authorization", "Bearer {}") if self.on_platform else KeyIn("x-goog-api-key")
        return Request(method, f"{self.base}/{path}", json=body, key=key)

    def live(self) -> Generator[Step, Any, Listed]:
        """Every page of the list. The Agent Platform lists what it has elsewhere: not asked."""
        if self.on_platform:
            raise Unsupported(
                f"{self.label} was not asked, for at this address it lists no models; whether it "
                "takes the key is seen with the first revision."
            )
        ids: set[str] = set()
        page = ""
        for _ in range(MOST_PAGES):
            path = f"models?pageSize=1000{f'&pageToken={quote(page)}' if page else ''}"
            response = yield from send(self.request("GET", path))
            if response.status != 200:
                raise self._not_listed(response)
            found = json_object(response.body, self.label, "no")
            ids |= {text(row, "name").removeprefix("models/") for row in rows(found, "models")}
            page = text(found, "nextPageToken")
            if not page:
                break
        return Listed(frozenset(ids))

    def _not_listed(self, response: Response) -> EngineError:
        error = _error(response.body)
        if "API_KEY_INVALID" in _reasons(error) or "API key" in text(error, "message"):
            return refusals.key_wrong(self.label)
        return refusals.not_listed(self.label, response)

    def patience(self, response: Response) -> float | None:
        if response.status == 503:
            return retry_after(response) or OVERLOAD_SECONDS
        if response.status != 429:
            return None
        error = _error(response.body)
        if _daily(error) or _out_of_credit(error):
            return None
        return _retry_info(error) or retry_after(response)

    def pictures(self, ask: Ask) -> list[encode.Encoded]:
        """The picture and its references, small enough together; it gets what they leave."""
        most = MOST_INLINE_ON_PLATFORM if self.on_platform else MOST_INLINE
        each = round(most * REFERENCES_SHARE / max(1, len(ask.references)))
        references = [
            encode.fitting(shrunk(pixels, REFERENCE_PIXELS), each, self.label)
            for pixels in ask.references
        ]
        left = most - sum(len(reference.data) for reference in references)
        return [encode.fitting(ask.picture, left, self.label), *references]

    def refusal(self, response: Response, ask: Ask) -> EngineError:
        """What a status other than 200 means."""
        error = _error(response.body)
        message = text(error, "message")
        match response.status:
            case 401:
                return refusals.key_wrong(self.label)
            case 403:
                return refusals.key_not_allowed(self.label, ask.name)
            case 404:
                return refusals.model_gone(self.label, ask.name, _successor(message, ask))
            case 413:
                return refusals.too_big(self.label)
            case 429:
                return self._too_many(error, ask)
            case 503:
                return refusals.busy(self.label)
        return self._not_accepted(text(error, "status"), message, error, ask)

    def _too_many(self, error: Any, ask: Ask) -> EngineError:
        if _out_of_credit(error):
            return refusals.no_credit(self.label)
        if _daily(error):
            return refusals.too_many_today(self.label, ask.name)
        return refusals.too_many_now(self.label, _retry_info(error))

    def _not_accepted(self, status: str, message: str, error: Any, ask: Ask) -> EngineError:
        if "API_KEY_INVALID" in _reasons(error) or "API key" in message:
            return refusals.key_wrong(self.label)
        if status == "FAILED_PRECONDITION" and "billing" in message.lower():
            return refusals.no_credit(self.label)
        if status == "FAILED_PRECONDITION":
            return refusals.not_here(self.label, ask.name)
        if "exceeds" in message and "size" in message:
            return refusals.too_big(self.label)
        return refusals.not_accepted(self.label, message)

    def no_picture(self, reason: str, charged: Charged) -> EngineError:
        """`reason`: why the model says it stopped; "" when it does not."""
        if sounds_refused(reason):
            return refusals.content_refused(self.label, reason, charged)
        if reason == "MAX_TOKENS":
            return refusals.too_big(self.label)
        if reason == "PUP_LIMITED_DISABLED":
            return refusals.key_wrong(self.label)
        return refusals.no_picture(self.label, "" if reason == "STOP" else reason, charged)


# --- what is sent --------------------------------------------------------------------------------


def aspect(size: Size) -> str:
    """The name of the nearest aspect that the models know."""

    def distance(name: str) -> float:
        width, height = name.split(":")
        return abs(math.log(size.ratio * int(height) / int(width)))

    return min(ASPECTS, key=distance)


def takes_size(ask: Ask) -> bool:
    return bool(ask.tier) and ask.facts.get("image_size") is not False


# --- what comes back -----------------------------------------------------------------------------


def sounds_refused(said: str) -> bool:
    """Whether a reason, of which new ones appear, is one of content."""
    return any(word in said.upper() for word in SOUNDS_REFUSED)


def _error(body: bytes) -> Any:
    """The error object; streaming endpoints wrap it into a list."""
    found = maybe_json(body)
    return dig(found, 0, "error") or dig(found, "error")


def _reasons(error: Any) -> set[str]:
    return {text(detail, "reason") for detail in rows(error, "details")}


def _retry_info(error: Any) -> float | None:
    for detail in rows(error, "details"):
        delay = seconds(text(detail, "retryDelay").removesuffix("s"))
        if delay is not None:
            return delay
    return None


def _violations(error: Any) -> list[dict[str, Any]]:
    return [row for detail in rows(error, "details") for row in rows(detail, "violations")]


def _daily(error: Any) -> bool:
    return any("PerDay" in text(row, "quotaId") for row in _violations(error))


def _out_of_credit(error: Any) -> bool:
    nothing_allowed = any(text(row, "quotaValue") == "0" for row in _violations(error))
    return nothing_allowed or "depleted" in text(error, "message")


def _successor(message: str, ask: Ask) -> str:
    """What the catalogue knows; else the message may say "… use models/Y"."""
    _, named, rest = message.partition("use models/")
    words = rest.split()
    return ask.successor or (words[0].rstrip(".,") if named and words else "")
