"""The routes. What they do lives elsewhere; how a refusal looks lives here, once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.exceptions import HTTPException

from bridge import __version__
from bridge.errors import BridgeError, NotFound
from bridge.hello import Hello, Spent, hello
from bridge.jobs import Jobs
from bridge.quote import quote
from bridge.receive import receive_revision
from bridge.replies import fault_of
from bridge.wire import (
    WIRE,
    EdgeChoice,
    ErrorReply,
    Fault,
    Message,
    PlanReply,
    PlanRequest,
    RevisionReply,
    first_complaint,
    write_frame,
)

FRAME = "application/octet-stream"
REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorReply}
    for status in (400, 401, 402, 403, 404, 405, 409, 410, 411, 413, 422, 429, 502, 503, 504, 507)
}
TAKES_FRAME = {
    "requestBody": {
        "required": True,
        "content": {FRAME: {"schema": {"type": "string", "format": "binary"}}},
    }
}
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


class Alive(Message):
    wire: int


class Revisions(Message):
    """Newest first."""

    revisions: tuple[RevisionReply, ...]


def create_app(jobs: Jobs, lifespan: Lifespan | None = None) -> FastAPI:
    """The bridge as an application, to be put behind the guard."""
    app = FastAPI(
        title="Redraft",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,  # their pages would load scripts from elsewhere
        redoc_url=None,
        responses=REFUSALS,
    )
    _explain_errors(app)
    _routes(app, jobs)
    _variant_routes(app, jobs)
    return app


def _routes(app: FastAPI, jobs: Jobs) -> None:
    @app.get("/v1/alive")
    async def alive() -> Alive:
        return Alive(wire=WIRE)

    @app.get("/v1/hello")
    async def greet() -> Hello:
        return await asyncio.to_thread(lambda: hello(jobs.chooser, _spent(jobs)))

    @app.post("/v1/plan")
    async def plan(asked: PlanRequest) -> PlanReply:
        return await asyncio.to_thread(quote, jobs.chooser, asked)

    @app.post("/v1/revisions", status_code=201, openapi_extra=TAKES_FRAME)
    async def revise(request: Request) -> RevisionReply:
        revision, admission, parts = await receive_revision(request, jobs.consider)
        return jobs.reply(await jobs.submit(revision, admission, parts))

    @app.get("/v1/revisions")
    async def of_document(document: str) -> Revisions:
        rows = await asyncio.to_thread(jobs.history.of_document, document)
        return Revisions(revisions=tuple([jobs.reply(row.id) for row in rows]))

    @app.get("/v1/revisions/{revision}")
    async def one(revision: str) -> RevisionReply:
        return jobs.reply(revision)

    @app.get("/v1/revisions/{revision}/events", response_class=StreamingResponse)
    async def events(revision: str) -> StreamingResponse:
        jobs.reply(revision)  # NotFound while it can still be said
        return StreamingResponse(_events(jobs, revision), media_type="text/event-stream")

    @app.delete("/v1/revisions/{revision}")
    async def cancel(revision: str) -> RevisionReply:
        jobs.reply(revision)
        await jobs.cancel(revision)
        return jobs.reply(revision)


def _variant_routes(app: FastAPI, jobs: Jobs) -> None:
    variant = "/v1/revisions/{revision}/variants/{number}"

    @app.get(f"{variant}/preview", response_class=Response)
    async def preview(revision: str, number: int) -> Response:
        picture = jobs.preview(revision, number)
        if picture is None:
            raise NotFound("There is no preview of this variant; wait for its layer.")
        return Response(picture, media_type=FRAME)

    @app.get(f"{variant}/layer", response_class=StreamingResponse)
    async def layer(revision: str, number: int) -> StreamingResponse:
        from bridge.finish import kept_layer

        header, parts = await asyncio.to_thread(kept_layer, jobs.history, revision, number)
        return StreamingResponse(write_frame(header, parts), media_type=FRAME)

    @app.post(f"{variant}/delivered")
    async def delivered(revision: str, number: int) -> RevisionReply:
        await jobs.delivered(revision, number)
        return jobs.reply(revision)

    @app.post(f"{variant}/edge")
    async def edge(revision: str, number: int, wanted: EdgeChoice) -> RevisionReply:
        await jobs.recompose(revision, number, wanted)
        return jobs.reply(revision)

    @app.post(f"{variant}/again")
    async def again(revision: str, number: int) -> RevisionReply:
        await jobs.again(revision, number)
        return jobs.reply(revision)

    @app.post(f"{variant}/give_up")
    async def give_up(revision: str, number: int) -> RevisionReply:
        await jobs.give_up(revision, number)
        return jobs.reply(revision)


async def _events(jobs: Jobs, revision: str) -> AsyncIterator[str]:
    async for reply in jobs.changes(revision):
        yield f"event: revision\ndata: {reply.model_dump_json()}\n\n" if reply else ": quiet\n\n"


def _spent(jobs: Jobs) -> Spent:
    today = datetime.fromtimestamp(time.time()).replace(hour=0, minute=0, second=0, microsecond=0)
    return Spent(
        day=jobs.history.spent_since(today.timestamp()),
        month=jobs.history.spent_since(today.replace(day=1).timestamp()),
    )


# --- one shape for every refusal -----------------------------------------------------------


def _explain_errors(app: FastAPI) -> None:
    @app.exception_handler(BridgeError)
    async def explained(request: Request, exc: BridgeError) -> JSONResponse:
        return _refusal(exc.status, fault_of(exc))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, exc: RequestValidationError) -> JSONResponse:
        return _refusal(422, Fault(code="bad_request", sentence=first_complaint(exc.errors())))

    @app.exception_handler(HTTPException)
    async def unrouted(request: Request, exc: HTTPException) -> JSONResponse:
        sentence = f"The bridge has no {request.method} {request.url.path[:200]}."
        return _refusal(exc.status_code, Fault(code="not_found", sentence=sentence))

    @app.exception_handler(Exception)
    async def mistaken(request: Request, exc: Exception) -> JSONResponse:
        sentence = "Redraft made a mistake here; its log says more. Try again."
        return _refusal(500, Fault(code="error", sentence=sentence))


def _refusal(status: int, fault: Fault) -> JSONResponse:
    return JSONResponse(ErrorReply(error=fault).model_dump(mode="json"), status)
