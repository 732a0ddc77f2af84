"""A picture file becomes a film: as an MP4, a lossless WebP, or a folder of frames."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from bridge.by_file import (
    ASKING,
    CANCELLED,
    MODEL_FAILED,
    NOT_AGREED,
    Wanted,
    agreed,
    coverage_of,
    made,
    plan_request,
    revision_of,
)
from bridge.caller import Caller, Refused, call_bridge
from bridge.color import from_srgb, to_srgb
from bridge.errors import BadRequest, Conflict, Unsupported
from bridge.geometry import Box
from bridge.open import open_photo
from bridge.photo import Photo
from bridge.pixels import pack, split_alpha, stored, unit
from bridge.revise import resized
from bridge.terminal import Report
from bridge.wire import FilmReply, PartInfo, RevisionReply, VariantReply
from bridge.write import write_whole

MOTION = "motion"  # what the model is chosen for when none is named
FORMS = {".mp4": "mp4", ".webp": "webp"}


def animate_file(wanted: Wanted, home: Path) -> int:
    """The exit code. Everything that can be refused is refused before anything is sent."""
    _check_out(wanted)
    photo = open_photo(wanted.photo)
    selection, coverage = coverage_of(wanted, photo)
    choice = wanted.choice
    if not (choice.model or choice.purpose):
        choice = choice.model_copy(update={"purpose": MOTION})
    wanted = replace(wanted, choice=choice)
    asked = plan_request(wanted, photo, selection)
    report = Report(as_json=wanted.as_json)
    with call_bridge(home) as bridge:
        plan = bridge.plan(asked)
        report.plan(plan)
        if plan.film is None:
            raise Unsupported(
                f"{plan.label} makes pictures. Name a film model; `redraft models` lists them."
            )
        if not plan.usable:
            raise Unsupported(plan.why_not)
        if wanted.dry_run:
            return 0
        if not agreed(wanted, plan, report):
            return NOT_AGREED
        request, parts = revision_of(wanted, photo, asked, plan, coverage)
        if wanted.last_frame is not None:
            info, parts["last_frame"] = last_frame_of(
                open_photo(wanted.last_frame), photo, plan.box.box()
            )
            request = request.model_copy(update={"parts": (*request.parts, info)})
        ended = made(bridge, request, parts, report)
        if ended is None:
            return CANCELLED
        return _deliver(wanted, bridge, ended, report)


def last_frame_of(last: Photo, photo: Photo, box: Box) -> tuple[PartInfo, bytes]:
    """In the photo's colours, over the box: the same box when both are of one size, else the

    largest part of the box's shape, about the middle.
    """
    part = box
    if last.size != photo.size:
        ratio = box.width / box.height
        width = min(last.size.width, round(last.size.height * ratio))
        height = min(last.size.height, round(width / ratio))
        left, top = (last.size.width - width) // 2, (last.size.height - height) // 2
        part = Box(left, top, left + width, top + height)
    form = replace(photo.form, alpha=last.form.alpha)
    pixels = last.pixels[part.top : part.bottom, part.left : part.right]
    if (last.form, last.profile, part.size) != (form, photo.profile, box.size):
        color, alpha = split_alpha(pixels, last.form)
        seen = resized(to_srgb(color, last.form.model, last.profile), box.size)
        planes = [from_srgb(seen, form.model, form.depth, photo.profile)]
        if alpha is not None:
            planes.append(stored(resized(unit(alpha), box.size), form.depth))
        pixels = np.dstack(planes)
    return PartInfo.of_pixels("last_frame", box.size, form), pack(pixels, form)


def _check_out(wanted: Wanted) -> None:
    out = wanted.out
    if out.suffix.lower() not in (*FORMS, ""):
        raise BadRequest(f"{out} is no film; write .mp4 or .webp, or name a folder for its frames.")
    if out.exists() and not wanted.force:
        raise Conflict(f"{out} is there already; name another or add --force.")
    if not out.parent.is_dir():
        raise BadRequest(f"There is no folder {out.parent}; make it first.")


def _deliver(wanted: Wanted, bridge: Caller, ended: RevisionReply, report: Report) -> int:
    (variant,) = ended.variants
    if variant.error is not None or variant.film is None:
        if variant.error is not None:
            report.problem(variant.error.sentence)
        return ASKING if variant.state == "asking" else MODEL_FAILED
    _write(wanted, bridge, ended.id, variant, variant.film)
    bridge.delivered(ended.id, variant.number)
    report.note(variant.line)
    report.note(f"Its first frame differs from the picture by {variant.film.error:.1f} of 255.")
    report.ended(ended, wanted.out)
    return 0


def _write(
    wanted: Wanted, bridge: Caller, revision: str, variant: VariantReply, film: FilmReply
) -> None:
    form = FORMS.get(wanted.out.suffix.lower(), "")
    if form:
        silent = wanted.choice.film is not None and not wanted.choice.film.audio
        as_received = form == "mp4" and not (film.loop or film.cinemagraph or silent)
        kind = "received" if as_received else form
        write_whole(wanted.out, bridge.film(revision, variant.number, kind))
        return
    wanted.out.mkdir(exist_ok=True)
    with zipfile.ZipFile(io.BytesIO(bridge.film_frames(revision, variant.number))) as frames:
        for name in frames.namelist():
            write_whole(wanted.out / name, frames.read(name))
    write_whole(wanted.out / "film.json", json.dumps(film.model_dump(mode="json")).encode())
    if film.sound:
        try:
            sound = bridge.film(revision, variant.number, "sound")
        except Refused:  # said by the film's own facts as well: there is none
            return
        write_whole(wanted.out / "sound.m4a", sound)
