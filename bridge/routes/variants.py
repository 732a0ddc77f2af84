"""One variant of a revision: its preview, its layer, its edge, and what the artist decides."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response, StreamingResponse

from bridge.errors import NotFound
from bridge.estimate import Elsewhere, FinishReply
from bridge.frame import write_frame
from bridge.jobs import Jobs
from bridge.quote import quote_finish
from bridge.routes.revisions import FRAME
from bridge.wire import MAX_NUMBER, EdgeChoice, LayerHeader, Name, RevisionReply

Number = Annotated[int, Path(ge=0, le=MAX_NUMBER)]
VARIANT = "/v1/revisions/{revision}/variants/{number}"


def variant_routes(jobs: Jobs) -> APIRouter:
    routes = APIRouter(prefix=VARIANT)

    @routes.get("/preview", response_class=Response)
    async def preview(revision: str, number: Number) -> Response:
        picture = jobs.preview(revision, number)
        if picture is None:
            raise NotFound("There is no preview of this variant; wait for its layer.")
        return Response(picture, media_type=FRAME)

    @routes.get("/layer", response_class=StreamingResponse)
    async def layer(revision: str, number: Number) -> StreamingResponse:
        def kept() -> tuple[LayerHeader, dict[str, bytes]]:
            from bridge.finish import kept_layer  # with the image libraries

            return kept_layer(jobs.history, revision, number)

        header, parts = await asyncio.to_thread(kept)
        return StreamingResponse(write_frame(header, parts), media_type=FRAME)

    @routes.get("/finish")
    async def price_of_finish(revision: str, number: Number, model: Name = "") -> FinishReply:
        """What it would cost to have it painted out; model "" = the best for detail."""
        return await asyncio.to_thread(
            quote_finish, jobs.chooser, jobs.history, jobs.told, revision, number, model
        )

    @routes.post("/finish", status_code=201)
    async def finish(revision: str, number: Number, wanted: Elsewhere) -> RevisionReply:
        return await jobs.look(await jobs.finish(revision, number, wanted))

    @routes.post("/delivered")
    async def delivered(revision: str, number: Number) -> RevisionReply:
        await jobs.delivered(revision, number)
        return await jobs.look(revision)

    @routes.post("/edge")
    async def edge(revision: str, number: Number, wanted: EdgeChoice) -> RevisionReply:
        await jobs.recompose(revision, number, wanted)
        return await jobs.look(revision)

    @routes.post("/again")
    async def again(revision: str, number: Number, anew: bool = False) -> RevisionReply:
        await jobs.again(revision, number, anew=anew)
        return await jobs.look(revision)

    @routes.post("/give_up")
    async def give_up(revision: str, number: Number) -> RevisionReply:
        await jobs.give_up(revision, number)
        return await jobs.look(revision)

    return routes
