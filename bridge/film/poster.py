"""From a received film to what the artist gets first: its poster as a layer, and what it is."""

from __future__ import annotations

import numpy as np

from bridge.admit import Opened
from bridge.compose import Patch, Report
from bridge.compose.values import Verdict
from bridge.film.place import Placing, place
from bridge.film.reel import Reel, first_of, read_reel
from bridge.history import History, VariantRow, as_json
from bridge.intake import Job
from bridge.pixels import Native
from bridge.revise import layer_for, layer_header
from bridge.wire import Area, FilmChoice, FilmReply

FRAME_BYTES = 4  # of one pixel of a frame in a host: 8 bits, with alpha


def finish_film(history: History, row: VariantRow, opened: Opened) -> None:
    """Keeps the poster and the film's facts; the film itself stays as it was received.

    Nonsense, charged, when it is damaged.
    """
    kept = history.revision(row.revision)
    path = history.files.path(row.answer or "")
    reel, first = read_reel(path), first_of(path)
    request, job = opened.request, opened.job
    film = request.choice.film or FilmChoice()
    placing = placing_of(job, film, first)
    patch = _poster(job, placing, first, _line(reel, placing))
    layer = layer_for(job, patch)
    grouped = len(history.variants(row.revision)) > 1
    header = layer_header(
        layer, patch, opened.order, job, request, row.revision, kept.title, grouped
    )
    told = _reply(reel, job, placing, film)
    history.move(
        row.revision,
        row.number,
        "composed",
        edge=row.edge,
        layer=as_json(header.model_dump(mode="json") | {"film": told.model_dump(mode="json")}),
        patch=history.files.put(layer.patch),
        mask=history.files.put(layer.mask),
        error=None,
    )


def placing_of(job: Job, film: FilmChoice, first: Native) -> Placing:
    """Where the film lies over the box of `job`."""
    moving = job.selection if film.cinemagraph else None
    return place(job.seen, first, moving)


def _poster(job: Job, placing: Placing, first: Native, line: str) -> Patch:
    """The whole frame; only its mask says that a part of it moves."""
    shape = job.seen.shape[:2]
    mask = np.ones(shape, np.float32) if placing.share is None else placing.share
    verdict: Verdict = "trusted" if placing.lie else "badged"
    return Patch(
        pixels=placing.over(first),
        alpha=np.ones(shape, np.float32) if job.alpha is None else job.alpha,
        mask=mask,
        verdict=verdict,
        wish="new",
        report=Report(line=line),
        lie=placing.lie,
    )


def _line(reel: Reel, placing: Placing) -> str:
    sound = "with sound" if reel.sound else "without sound"
    said = f"Film of {reel.seconds:.1f} s, {reel.frames} frames, {sound}."
    if placing.lie is None:
        return f"{said} It does not begin with this picture, so it lies as it was sent."
    return said


def _reply(reel: Reel, job: Job, placing: Placing, film: FilmChoice) -> FilmReply:
    area = job.plan.export
    return FilmReply(
        width=reel.size.width,
        height=reel.size.height,
        frames=reel.frames,
        rate=float(reel.rate),
        seconds=reel.seconds,
        sound=reel.sound,
        area=Area.of(area),
        frame_bytes=area.size.pixels * FRAME_BYTES,
        error=placing.error,
        loop=film.loop,
        cinemagraph=film.cinemagraph,
    )
