"""A paid job at a server: submitted, polled, fetched, cancelled. Its server is `PolledServer`."""

from __future__ import annotations

import itertools

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bridge.engines.base import (
    Answer,
    Ask,
    Engine,
    KeyIn,
    Progress,
    Received,
    Ref,
    Request,
    Send,
    Steps,
    Submitted,
    Wait,
    send,
)
from bridge.engines.encode import picture, png
from bridge.errors import ContentRefused

KEY = KeyIn("Authorization", "Bearer {}")


class Polled(Engine):
    id = "polled"
    label = "Polled"
    where = "hosted"
    key_name = "polled"
    before_work = Engine.before_work | {451}

    def revise(self, ask: Ask, ref: Ref | None = None) -> Steps:
        if ref is None:
            body = png(ask.picture).data
            request = Request("POST", f"{self.base}/jobs", content=body, key=KEY)
            response = yield from send(request, usd=ask.usd)
            if response.status == 451:
                raise ContentRefused("Polled does not paint this; say it in other words.")
            ref = {"job": response.headers["location"]}
            yield Submitted(ref)
        while True:
            state = yield from send(Request("GET", f"{self.base}{ref['job']}", key=KEY))
            if state.status == 200:
                break
            yield Progress(note="waiting")
            yield Wait(0.02)
        yield Received(state.body, "image/png", usd=ask.usd)

    def cancel(self, ref: Ref) -> Steps:
        yield Send(Request("DELETE", f"{self.base}{ref['job']}", key=KEY))

    def decode(self, raw: bytes, media_type: str) -> Answer:
        return Answer(picture(raw, self.label), "in place")


class PolledServer(Starlette):
    """`submitted` counts charges; a job is done after `polls` looks, or when `hold` ends."""

    def __init__(self, polls: int = 2) -> None:
        self.url = ""  # where it is served, for whoever starts it
        self.polls = polls
        self.hold = False
        self.done: set[str] = set()  # jobs that are done although others are held
        self.refuse = False
        self.lose = False  # what was submitted is charged, and nobody is told its name
        self.submitted = 0
        self.cancelled: list[str] = []
        self.keys: set[str] = set()
        self._jobs: dict[str, bytes] = {}
        self._looks: dict[str, int] = {}
        self._numbers = itertools.count(1)
        super().__init__(
            routes=[
                Route("/jobs", self._submit, methods=["POST"]),
                Route("/jobs/{job}", self._look, methods=["GET"]),
                Route("/jobs/{job}", self._cancel, methods=["DELETE"]),
            ]
        )

    async def _submit(self, request: HttpRequest) -> Response:
        self.keys.add(request.headers.get("authorization", ""))
        if self.refuse:
            return Response(status_code=451)
        self.submitted += 1
        job = f"job{next(self._numbers)}"
        self._jobs[job], self._looks[job] = await request.body(), 0
        if self.lose:
            return Response(status_code=502)
        return Response(status_code=202, headers={"location": f"/jobs/{job}"})

    async def _look(self, request: HttpRequest) -> Response:
        job = request.path_params["job"]
        if job not in self._jobs:
            return JSONResponse({"error": "no such job"}, 404)
        self._looks[job] += 1
        held = self.hold and job not in self.done
        if held or self._looks[job] <= self.polls:
            return Response(status_code=202)
        return Response(self._jobs[job], media_type="image/png")

    async def _cancel(self, request: HttpRequest) -> Response:
        self.cancelled.append(request.path_params["job"])
        return Response(status_code=204)


ENGINE = Polled
