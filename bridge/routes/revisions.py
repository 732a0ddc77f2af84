"""Revisions: asked for, followed, found again, cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from bridge.estimate import Elsewhere
from bridge.jobs import Jobs
from bridge.receive import receive_revision
from bridge.wire import Message, RevisionReply

FRAME = "application/octet-stream"
TAKES_FRAME = {
    "requestBody": {
        "required": True,
        "content": {FRAME: {"schema": {"type": "string", "format": "binary"}}},
    }
}


class Revisions(Message):
    """Newest first."""

    revisions: tuple[RevisionReply, ...]


def revision_routes(jobs: Jobs) -> APIRouter:
    routes = APIRouter()

    @routes.post("/v1/revisions", status_code=201, openapi_extra=TAKES_FRAME)
    async def revise(request: Request) -> RevisionReply:
        revision, admission, parts = await receive_revision(request, jobs.consider)
        return await jobs.look(await jobs.submit(revision, admission, parts))

    @routes.get("/v1/revisions")
    async def of_document(document: str) -> Revisions:
        rows = await asyncio.to_thread(jobs.history.of_document, document)
        return Revisions(revisions=tuple([await jobs.look(row.id) for row in rows]))

    @routes.get("/v1/revisions/{revision}")
    async def one(revision: str) -> RevisionReply:
        return await jobs.look(revision)

    @routes.get("/v1/revisions/{revision}/events", response_class=StreamingResponse)
    async def events(revision: str) -> StreamingResponse:
        await jobs.look(revision)  # NotFound while it can still be said
        return StreamingResponse(_events(jobs, revision), media_type="text/event-stream")

    @routes.delete("/v1/revisions/{revision}")
    async def cancel(revision: str) -> RevisionReply:
        await jobs.look(revision)
        await jobs.cancel(revision)
        return await jobs.look(revision)

    @routes.post("/v1/revisions/{revision}/instead", status_code=201)
    async def instead(revision: str, wanted: Elsewhere) -> RevisionReply:
        """What failed, asked of another model; the pixels are in the history."""
        return await jobs.look(await jobs.instead(revision, wanted))

    return routes


async def _events(jobs: Jobs, revision: str) -> AsyncIterator[str]:
    async for reply in jobs.changes(revision):
        yield f"event: revision\ndata: {reply.model_dump_json()}\n\n" if reply else ": quiet\n\n"
