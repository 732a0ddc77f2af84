"""No body is larger than its route can need: refused by its announced length, or as it comes."""

from __future__ import annotations

import json
import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bridge.errors import BridgeError, TooBig
from bridge.wire import MAX_FRAME

# The two routes that take pixels; they check each of their parts.
FRAMES = re.compile(r"POST /v1/revisions(/[^/]+/variants/[^/]+/film/frames)?")
MOST_BYTES = 8_000_000  # of any other message; the largest holds a sample of 512x512 pixels


class SizeLimit:
    """Plain ASGI: answers itself when there is too much, whatever the application makes of it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        takes_pixels = FRAMES.fullmatch(f"{scope['method']} {scope['path']}")
        most = MAX_FRAME if takes_pixels else MOST_BYTES
        refusal = TooBig(f"The message is larger than {most} bytes; send less.")
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > most:
            await refuse(send, refusal)
            return
        taken, answered = 0, False

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise refusal
            return message

        async def checked(message: Message) -> None:
            nonlocal answered
            if taken <= most:
                await send(message)
            elif not answered:
                answered = True
                await refuse(send, refusal)

        try:
            await self.app(scope, counted, checked)
        except TooBig as exc:
            if exc is not refusal:
                raise
            if not answered:
                await refuse(send, refusal)


async def refuse(send: Send, refusal: BridgeError) -> None:
    """In the one shape of all refusals."""
    body = json.dumps({"error": {"code": refusal.code, "sentence": refusal.sentence}}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
