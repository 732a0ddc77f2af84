"""Google as its contracts say: generateContent here, interactions and files beside it."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from tests.emulators import gemini_replies as replies
from tests.emulators import gemini_rules as rules
from tests.emulators.emulator import Emulator
from tests.emulators.gemini_models import MODELS, Usage
from tests.emulators.model import Bytes, write
from tests.emulators.scenario import TRANSIT, in_transit

VERSIONS = ("/v1", "/v1beta")
PLATFORM = "/v1beta1/projects/{project}/locations/{location}"
TOKEN_CHARS = 4  # characters of a prompt to a token, about
MOST_LISTED = 4  # models on a page: the real one gives 1000, these few shall need several
THOUGHT = "The light falls from the left; the edit should keep that."
WORDS = "I am sorry, but I can only describe this picture."
DRAFT_COLOR = 128


class GeminiEmulator(Emulator):
    """Answers under every version and under the Agent Platform's paths alike."""

    troubles: ClassVar[frozenset[str]] = (
        TRANSIT
        | replies.REFUSALS
        | {"moderation_in", "moderation_out", "soft_refusal", "no_image", "too_long", "thoughts"}
        | {"truncated", "wrong_type", "mislabelled", "not_json"}
    )

    def routes(self) -> list[BaseRoute]:
        places = [*(f"{version}/models" for version in VERSIONS)]
        places.append(f"{PLATFORM}/publishers/google/models")
        asked = [
            Route(f"{place}/{{model}}:generateContent", self.generate, methods=["POST"])
            for place in places
        ]
        return [*asked, *(Route(f"{version}/models", self.listed) for version in VERSIONS)]

    async def listed(self, request: Request) -> Response:
        """In pages, however many the client asks for."""
        if not self.knows(request):
            return replies.wrong_key()
        size = min(int(request.query_params.get("pageSize", 50)), MOST_LISTED)
        start = int(request.query_params.get("pageToken", 0))
        names = sorted(MODELS.keys() - self.delisted)
        shown = [replies.listed(name) for name in names[start : start + size]]
        more = {"nextPageToken": str(start + size)} if start + size < len(names) else {}
        return JSONResponse({"models": shown, **more})

    def knows(self, request: Request) -> bool:
        """A key for the developers' API, a bearer token for the platform."""
        if request.url.path.startswith("/v1beta1/"):
            return request.headers.get("authorization") == f"Bearer {self.key}"
        return request.headers.get("x-goog-api-key") == self.key

    async def generate(self, request: Request) -> Response:
        trouble, model = self.script.next(), str(request.path_params["model"])
        if not self.knows(request):
            return replies.wrong_key()
        if trouble in replies.REFUSALS:
            return replies.refusal(trouble, model)
        try:
            asked = rules.content(model, await read_body(request))
        except rules.Refused as reason:
            return replies.refused(reason)
        if trouble == "not_json":
            return HTMLResponse("<html>gateway</html>")
        return in_transit(trouble, JSONResponse(self._answer(asked, trouble)))

    # --- the answer --------------------------------------------------------------------------

    def _answer(self, asked: rules.Asked, trouble: str) -> dict[str, Any]:
        match trouble:
            case "moderation_in":
                feedback = {"blockReason": "PROHIBITED_CONTENT"}
                return self._whole(asked, usage_of(asked), promptFeedback=feedback)
            case "moderation_out":
                thought = usage_of(asked, thought=asked.known.thinks)
                ended = replies.candidate([], "IMAGE_SAFETY")
                return self._whole(asked, thought, candidates=[ended])
            case "no_image" | "too_long":
                reason = {"no_image": "NO_IMAGE", "too_long": "MAX_TOKENS"}[trouble]
                ended = replies.candidate([], reason)
                return self._whole(asked, usage_of(asked), candidates=[ended])
            case "soft_refusal":
                usage = usage_of(asked, words=len(WORDS) // TOKEN_CHARS)
                return self._whole(asked, usage, candidates=[replies.candidate([{"text": WORDS}])])
        parts = [*_thoughts(asked, trouble), self._picture(asked, trouble)]
        return self._whole(asked, usage_for(asked), candidates=[replies.candidate(parts)])

    def _whole(self, asked: rules.Asked, usage: Usage, **more: Any) -> dict[str, Any]:
        id = self.new_id("r")
        if usage.usd(asked.known):
            self.ledger.charge(asked.model, usage.usd(asked.known), id)
        return replies.whole(asked.model, id, usage, **more)

    def _picture(self, asked: rules.Asked, trouble: str) -> dict[str, Any]:
        data = write(self.paint(asked), "image/jpeg", quality=95)
        if trouble == "mislabelled":
            return replies.picture_part(data, "image/png")
        data = spoiled(data, trouble)
        return replies.picture_part(data, "image/jpeg", thoughtSignature="c2lnbmVk")

    def paint(self, asked: rules.Asked) -> Bytes:
        first, *references = asked.pictures
        size = asked.known.size(asked.aspect, asked.tier)
        return self.model.edit(first, size, references=tuple(references)).answer


async def read_body(request: Request) -> Any:
    """Refused when it is too large or no JSON."""
    body = await request.body()
    if len(body) > rules.MOST_BYTES:
        raise rules.Refused("Request payload size exceeds the limit", 413)
    try:
        return json.loads(body)
    except ValueError as exc:
        raise rules.Refused("Invalid JSON payload received.") from exc


def usage_of(asked: rules.Asked, words: int = 0, picture: int = 0, thought: int = 0) -> Usage:
    sent = len(asked.pictures) * asked.known.tokens_in
    return Usage(len(asked.prompt) // TOKEN_CHARS, sent, words, picture, thought)


def usage_for(asked: rules.Asked) -> Usage:
    """Of a picture that was made."""
    tokens = asked.known.out[asked.tier or "1K"]
    return usage_of(asked, picture=tokens, thought=asked.known.thinks)


def spoiled(data: bytes, trouble: str) -> bytes:
    if trouble == "truncated":
        return data[: len(data) // 2]
    return replies.NO_PICTURE_HERE if trouble == "wrong_type" else data


def _thoughts(asked: rules.Asked, trouble: str) -> list[dict[str, Any]]:
    """Words and drafts come first where a model thinks, and are marked as such."""
    shown: list[dict[str, Any]] = []
    if asked.includes_thoughts:
        shown.append({"text": THOUGHT, "thought": True})
    if trouble == "thoughts":
        draft = write((asked.pictures[0] // 2 + DRAFT_COLOR // 2), "image/png")
        shown.append(replies.picture_part(draft, "image/png", thought=True))
        shown.append({"text": "Here is the revised picture."})
    return shown
