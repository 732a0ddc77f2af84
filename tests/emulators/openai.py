"""OpenAI's image edits as its contract says: one multipart request, JSON or a stream."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from tests.emulators import openai_rules as rules
from tests.emulators.emulator import Emulator
from tests.emulators.gemini import spoiled
from tests.emulators.model import Bytes, write
from tests.emulators.multipart import fields
from tests.emulators.openai_rules import error
from tests.emulators.scenario import TRANSIT, in_transit

WHEN = 1795514400
USER_ERROR = "image_generation_user_error"
BLOCKED = (
    "Your request was rejected by the safety system. If you believe this is an error, contact us "
    "at help.openai.com and include the request ID req_000001."
)


def _blocked(stage: str) -> dict[str, Any]:
    details = {"moderation_stage": stage, "categories": ["violence"]}
    return error(BLOCKED, USER_ERROR, "", "moderation_blocked", moderation_details=details)


REFUSALS: dict[str, tuple[int, dict[str, Any]]] = {
    "key": (
        401,
        error("Incorrect API key provided.", "invalid_request_error", "", "invalid_api_key"),
    ),
    "denied": (
        403,
        error("Your organization must be verified to use the model.", "invalid_request_error"),
    ),
    "gone": (
        404,
        error("The model has been shut down.", "invalid_request_error", "model", "model_not_found"),
    ),
    "too_big": (413, error("Request body is too large.", "invalid_request_error")),
    "per_minute": (
        429,
        error("Rate limit reached for images.", "requests", "", "rate_limit_exceeded"),
    ),
    "no_credit": (
        429,
        error(
            "You exceeded your current quota, please check your plan and billing details.",
            "insufficient_quota",
            "",
            "insufficient_quota",
        ),
    ),
    "limit": (
        400,
        error("Billing hard limit has been reached.", USER_ERROR, "", "billing_hard_limit_reached"),
    ),
    "moderation_in": (400, _blocked("input")),
    "bad_request": (400, error("Invalid image file or mode.", USER_ERROR, "image")),
    "overload": (503, error("The engine is currently overloaded.", "server_error")),
    "error": (500, error("The server had an error while processing.", "server_error")),
}
HEADERS = {"x-request-id": "req_000001", "openai-processing-ms": "9000"}


class OpenAIEmulator(Emulator):
    troubles: ClassVar[frozenset[str]] = (
        TRANSIT
        | REFUSALS.keys()
        | {"moderation_out", "failed", "unfinished", "not_json", "truncated", "wrong_type"}
        | {"no_usage"}
    )

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/v1/images/edits", self.edits, methods=["POST"]),
            Route("/v1/models", self.listed),
        ]

    async def listed(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {self.key}":
            return _refusal("key")
        names = sorted({*rules.MODELS, "gpt-6-mini"} - self.delisted)
        row = {"object": "model", "created": WHEN, "owned_by": "system"}
        return JSONResponse({"object": "list", "data": [{"id": name, **row} for name in names]})

    async def edits(self, request: Request) -> Response:
        trouble = self.script.next()
        if request.headers.get("authorization") != f"Bearer {self.key}":
            return _refusal("key")
        if trouble in REFUSALS:
            return _refusal(trouble)
        try:
            kind = request.headers.get("content-type", "")
            asked = rules.edit(fields(kind, await request.body()))
        except rules.Refused as wrong:
            body = error(wrong.message, "invalid_request_error", wrong.param, wrong.code)
            return JSONResponse(body, wrong.status, HEADERS)
        except ValueError as wrong:
            return JSONResponse(error(str(wrong), "invalid_request_error"), 400, HEADERS)
        if trouble == "not_json":
            return HTMLResponse("<html>gateway</html>")
        answer = self._stream(asked, trouble) if asked.stream else self._json(asked, trouble)
        return in_transit(trouble, answer)

    def _json(self, asked: rules.Asked, trouble: str) -> Response:
        if trouble == "moderation_out":
            return JSONResponse(_blocked("output"), 400, HEADERS)
        pictures = [{"b64_json": _encoded(self._paint(asked, trouble))} for _ in range(asked.n)]
        self.ledger.charge(asked.model, asked.usd(), self.new_id("img-"))
        body = {"created": WHEN, **_facts(asked), "data": pictures, "usage": _usage(asked)}
        return JSONResponse(body, 200, HEADERS)

    def _stream(self, asked: rules.Asked, trouble: str) -> Response:
        body = b"".join(self._events(asked, trouble))
        return Response(body, media_type="text/event-stream", headers=HEADERS)

    def _events(self, asked: rules.Asked, trouble: str) -> Iterator[bytes]:
        facts = {"created_at": WHEN, **_facts(asked)}
        for index in range(asked.partial_images):
            draft = write(asked.pictures[0] // 2 + 40 * (index + 1), "image/png")
            yield _event(
                "partial_image", b64_json=_encoded(draft), partial_image_index=index, **facts
            )
        if trouble == "moderation_out":
            yield _wire("error", {"type": "error", **_blocked("output")})
            return
        if trouble == "failed":
            body = error("The model produced an invalid image.", "server_error")
            yield _wire("error", {"type": "error", **body})
            return
        self.ledger.charge(asked.model, asked.usd(asked.partial_images), self.new_id("img-"))
        if trouble == "unfinished":
            return
        usage = {} if trouble == "no_usage" else {"usage": _usage(asked, asked.partial_images)}
        yield _event("completed", b64_json=_encoded(self._paint(asked, trouble)), **facts, **usage)

    def _paint(self, asked: rules.Asked, trouble: str) -> bytes:
        first, *references = asked.pictures
        made: Bytes = self.model.edit(first, asked.size, asked.mask, tuple(references)).answer
        return spoiled(write(made, f"image/{asked.output_format}"), trouble)


def _refusal(trouble: str) -> Response:
    status, body = REFUSALS[trouble]
    return JSONResponse(body, status, HEADERS)


def _facts(asked: rules.Asked) -> dict[str, Any]:
    return {
        "background": "opaque" if asked.background == "auto" else asked.background,
        "output_format": asked.output_format,
        "quality": asked.quality,
        "size": str(asked.size),
    }


def _usage(asked: rules.Asked, partials: int = 0) -> dict[str, Any]:
    sent, made = asked.text_tokens + asked.image_tokens, asked.out_tokens(partials)
    details = {"text_tokens": asked.text_tokens, "image_tokens": asked.image_tokens}
    return {
        "input_tokens": sent,
        "input_tokens_details": details,
        "output_tokens": made,
        "total_tokens": sent + made,
    }


def _event(name: str, **data: Any) -> bytes:
    return _wire(f"image_edit.{name}", {"type": f"image_edit.{name}", **data})


def _wire(name: str, data: dict[str, Any]) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()
