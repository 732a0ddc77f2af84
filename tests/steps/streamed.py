"""A paid answer event by event: two previews, then the picture. Its server is `StreamedServer`."""

from __future__ import annotations

import base64

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from bridge.engines.base import (
    Answer,
    Ask,
    Engine,
    Progress,
    Received,
    Ref,
    Request,
    Steps,
    following,
    listen,
)
from bridge.engines.encode import picture, png
from bridge.errors import Nonsense


class Streamed(Engine):
    id = "streamed"
    label = "Streamed"
    where = "own network"

    def revise(self, ask: Ask, ref: Ref | None = None) -> Steps:
        body = png(ask.picture).data
        event = yield from listen(Request("POST", f"{self.base}/paint", content=body), ask.usd)
        while event is not None and event.name == "preview":
            yield Progress(preview=base64.b64decode(event.data))
            event = yield from following()
        if event is None or event.name != "done":
            raise Nonsense("Streamed ended without a picture. Try again.")
        yield Received(base64.b64decode(event.data), "image/png")

    def decode(self, raw: bytes, media_type: str) -> Answer:
        return Answer(picture(raw, self.label), "in place")


class StreamedServer(Starlette):
    """With `cut` it ends after the previews."""

    def __init__(self) -> None:
        self.cut = False
        super().__init__(routes=[Route("/paint", self._paint, methods=["POST"])])

    async def _paint(self, request: HttpRequest) -> Response:
        data = base64.b64encode(await request.body()).decode()
        names = ["preview", "preview"] + ([] if self.cut else ["done"])
        events = [f"event: {name}\ndata: {data}\n\n" for name in names]
        return StreamingResponse(iter(events), media_type="text/event-stream")


ENGINE = Streamed
