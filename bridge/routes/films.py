"""A finished film: as it was received, as it lies on the canvas, and its frames."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, Response, StreamingResponse
from starlette.background import BackgroundTask

from bridge.errors import Conflict
from bridge.jobs import Jobs
from bridge.receive import receive_retouch
from bridge.routes.variants import VARIANT, Number

if TYPE_CHECKING:
    from bridge.film.retouch import RetouchHeader

Frame = Annotated[int, Query(ge=-1_000_000, le=1_000_000)]
ZIP, MP4 = "application/zip", "video/mp4"
TAKES_FRAMES = {
    "requestBody": {
        "required": True,
        "content": {"application/x-frames": {"schema": {"type": "string", "format": "binary"}}},
    }
}
END = object()


def film_routes(jobs: Jobs) -> APIRouter:
    routes = APIRouter(prefix=f"{VARIANT}/film")

    @routes.get("", response_class=FileResponse)
    async def film(
        revision: str,
        number: Number,
        form: Literal["received", "mp4", "webp", "sound"] = "received",
    ) -> Response:
        """`received`: byte for byte. `mp4` and `webp`: as it lies on the canvas, looped, with only

        what shall move moving. `sound`: its sound alone; Conflict when it has none.
        """
        if form == "received":
            row = await asyncio.to_thread(jobs.history.variant, revision, number)
            if not (row.answer and (row.media_type or "").startswith("video/")):
                raise Conflict("There is no film of this variant; wait for it, or animate.")
            return FileResponse(jobs.history.files.path(row.answer), media_type=row.media_type)
        return await asyncio.to_thread(_rendered, jobs, revision, number, form)

    @routes.get("/frames", response_class=StreamingResponse)
    async def frames(
        revision: str,
        number: Number,
        first: Frame = 0,
        end: Frame | None = None,
        step: Frame = 1,
        form: Literal["png", "bgra"] = "png",
    ) -> StreamingResponse:
        """A ZIP of frames as large as the film's area, named by their number in the film.

        `bgra`: bare pixels, 8 bits a channel, blue first, opaque.
        """
        pieces = await asyncio.to_thread(_frames, jobs, revision, number, (first, end, step), form)
        return StreamingResponse(_off_the_loop(pieces), media_type=ZIP)

    @routes.post("/frames", response_class=FileResponse, openapi_extra=TAKES_FRAMES)
    async def retouched(request: Request, revision: str, number: Number) -> Response:
        """An MP4 of these frames, those that came as they came, with that part of the sound."""
        header, parts = await receive_retouch(request)
        return await asyncio.to_thread(_retouched, jobs, revision, number, header, parts)

    return routes


def _retouched(
    jobs: Jobs, revision: str, number: int, header: RetouchHeader, parts: dict[str, memoryview]
) -> Response:
    from bridge.film.retouch import write_retouched

    shown = jobs.film(revision, number)
    with _drawn() as (out, response):
        write_retouched(shown, header, parts, out)
        return response()


def _frames(
    jobs: Jobs, revision: str, number: int, wanted: tuple[int, int | None, int], form: str
) -> Iterator[bytes]:
    from bridge.film.shown import Part
    from bridge.film.write import BGRA_NAME, PNG_NAME, bgra, zipped
    from bridge.png import write_png

    part = Part(*wanted)
    shown = jobs.film(revision, number)
    write, name = bgra, BGRA_NAME
    if form == "png":
        write, name = partial(write_png, profile=shown.profile, packed=False), PNG_NAME
    return zipped(shown.frames(part), part.first, part.step, write, name)


def _rendered(jobs: Jobs, revision: str, number: int, form: str) -> Response:
    from bridge.film.write import write_mp4, write_sound, write_webp

    shown = jobs.film(revision, number)
    if form == "webp":
        return Response(
            write_webp(shown.frames(), shown.reel.rate, shown.profile), media_type="image/webp"
        )
    with _drawn() as (out, response):
        if form == "sound":
            if not write_sound(shown.path, out):
                raise Conflict("This film has no sound.")
        else:
            write_mp4(shown.frames(), shown.reel.rate, out, shown.sound_of)
        return response()


@contextlib.contextmanager
def _drawn() -> Iterator[tuple[Path, Callable[[], Response]]]:
    """Where an MP4 may be written, and what answers with it and then removes it."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        out = folder / "film.mp4"

        def response() -> Response:
            kept = stack.pop_all()
            return FileResponse(out, media_type=MP4, background=BackgroundTask(kept.close))

        yield out, response


async def _off_the_loop(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    while (piece := await asyncio.to_thread(next, pieces, END)) is not END:
        assert isinstance(piece, bytes)
        yield piece
