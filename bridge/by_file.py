"""A picture file as a host: exports the planned box, takes the layers, writes the result."""

from __future__ import annotations

import base64
import json
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from bridge.caller import Caller, call_bridge
from bridge.errors import BadRequest, Conflict, Unsupported
from bridge.estimate import PlanReply, PlanRequest, Sample
from bridge.flat import check_flat, save_flat
from bridge.geometry import Box, Size
from bridge.money import money
from bridge.open import open_photo
from bridge.ora import check_ora, save_ora
from bridge.photo import FileLayer, Photo
from bridge.pixels import Native, pack, unpack
from bridge.terminal import Report, shown_progress
from bridge.wire import (
    Area,
    Choice,
    Document,
    EdgeChoice,
    LayerHeader,
    PartInfo,
    PixelFormat,
    RevisionReply,
    RevisionRequest,
)

SAMPLE_EDGE = 256  # px of the source looked at for flaws before anything is sent
ONE_SHOWN = "A flat picture shows the first result only; write .ora to have them all."
NAME_A_PRICE = (
    "This costs {usd}, more than you let one revision cost without asking twice; add "
    "--max-price {price:g} to spend it."
)
AGREE = "Nothing was sent. If it may go there, add --agree; you are asked once for each maker."
MADE = frozenset({"composed", "delivered"})
NOT_AGREED, MODEL_FAILED, ASKING, CANCELLED = 4, 5, 6, 130


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line was asked for. references: files. last_frame: of a film, a file;

    None = any. max_price: USD, None = any. agree: to where it goes. batch: nobody looks on.
    """

    photo: Path
    out: Path
    select: str
    mask: Path | None
    references: tuple[Path, ...]
    choice: Choice
    edge: EdgeChoice
    seed: int | None
    max_price: float | None
    dry_run: bool
    force: bool
    as_json: bool
    agree: bool = False
    batch: bool = False
    last_frame: Path | None = None


def revise_file(wanted: Wanted, home: Path) -> int:
    """The exit code. Everything that can be refused is refused before anything is sent."""
    check_out(wanted.out, force=wanted.force)
    photo = open_photo(wanted.photo)
    check_form(wanted.out, photo)
    selection, coverage = coverage_of(wanted, photo)
    asked = plan_request(wanted, photo, selection)
    with call_bridge(home) as bridge:
        plan = bridge.plan(asked)
        report = Report(as_json=wanted.as_json)
        report.plan(plan)
        if not plan.usable:
            raise Unsupported(plan.why_not)
        if wanted.dry_run:
            return 0
        if not agreed(wanted, plan, report):
            return NOT_AGREED
        request, parts = revision_of(wanted, photo, asked, plan, coverage)
        ended = made(bridge, request, parts, report)
        if ended is None:
            return CANCELLED
        return deliver(wanted.out, photo, bridge, ended, report)


# --- in ------------------------------------------------------------------------------------


def check_out(out: Path, *, force: bool) -> None:
    if out.exists() and not force:
        raise Conflict(f"{out} is there already; name another file or add --force.")
    if not out.parent.is_dir():
        raise BadRequest(f"There is no folder {out.parent}; make it first.")
    if out.is_dir() or not os.access(out.parent, os.W_OK):
        raise BadRequest(f"{out} cannot be written; name another file.")


def check_form(out: Path, photo: Photo) -> None:
    if out.suffix.lower() == ".ora":
        check_ora(photo.form)
    else:
        check_flat(photo.form, out)


def coverage_of(wanted: Wanted, photo: Photo) -> tuple[Box | None, Native | None]:
    """The bounds and the coverage of the picture (H, W) u8; None when nothing is selected."""
    whole = Box.of(photo.size)
    if wanted.select and wanted.mask:
        raise BadRequest("--select and --mask exclude each other; give one of them.")
    if wanted.mask:
        coverage = _mask(wanted.mask, photo.size)
        rows, columns = np.nonzero(coverage.any(axis=1))[0], np.nonzero(coverage.any(axis=0))[0]
        if not len(rows):
            raise BadRequest(f"{wanted.mask} is black everywhere; paint white what should change.")
        box = Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
        return box, coverage
    if wanted.select:
        box = _rectangle(wanted.select).intersect(whole)
        if box.empty:
            raise BadRequest(
                f"--select {wanted.select} lies outside the picture, which is {photo.size}."
            )
        coverage = np.zeros((photo.size.height, photo.size.width), np.uint8)
        coverage[box.top : box.bottom, box.left : box.right] = 255
        return box, coverage
    return None, None


def _rectangle(text: str) -> Box:
    try:
        left, top, width, height = (int(number) for number in text.split(","))
    except ValueError as exc:
        raise BadRequest(f"--select {text} is not X,Y,W,H; four whole numbers are.") from exc
    if width < 1 or height < 1:
        raise BadRequest(f"--select {text} is empty; width and height must be at least 1.")
    return Box(left, top, left + width, top + height)


def _mask(path: Path, size: Size) -> Native:
    coverage: Native | None = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if coverage is None:
        raise BadRequest(f"{path} is not a picture that can be read; a PNG is best.")
    height, width = coverage.shape
    if (width, height) != (size.width, size.height):
        raise BadRequest(f"{path} is {width}x{height}, the picture {size}; they must match.")
    return coverage


def plan_request(wanted: Wanted, photo: Photo, selection: Box | None) -> PlanRequest:
    size = photo.size
    middle = selection or Box.of(size)
    left = (middle.left + middle.right - min(SAMPLE_EDGE, size.width)) // 2
    top = (middle.top + middle.bottom - min(SAMPLE_EDGE, size.height)) // 2
    seen = Box(left, top, left + SAMPLE_EDGE, top + SAMPLE_EDGE).intersect(Box.of(size))
    return PlanRequest(
        document=Document(
            id=uuid.uuid5(uuid.NAMESPACE_URL, wanted.photo.resolve().as_uri()).hex,
            width=size.width,
            height=size.height,
            name=wanted.photo.name,
        ),
        selection=Area.of(selection) if selection else None,
        choice=wanted.choice,
        sample=_sample(photo, seen),
    )


def revision_of(
    wanted: Wanted, photo: Photo, asked: PlanRequest, plan: PlanReply, coverage: Native | None
) -> tuple[RevisionRequest, dict[str, bytes]]:
    box = plan.box.box()
    size = box.size
    parts = {"source": _packed(photo, box)}
    infos = [PartInfo.of_pixels("source", size, photo.form)]
    if coverage is not None:
        rows, columns = box.slices(Box.of(photo.size))
        parts["selection"] = np.ascontiguousarray(coverage[rows, columns]).tobytes()
        infos.append(PartInfo.of_mask("selection", size))
    if photo.profile:
        parts["profile"] = photo.profile
        infos.append(PartInfo(name="profile", kind="bytes", bytes=len(photo.profile)))
    for number, path in enumerate(wanted.references, start=1):
        other = open_photo(path)
        name = f"reference_{number}"
        parts[name] = _packed(other, Box.of(other.size))
        infos.append(PartInfo.of_pixels(name, other.size, other.form))
    request = RevisionRequest(
        document=asked.document,
        box=plan.box,
        selection=asked.selection,
        choice=asked.choice.model_copy(update={"model": plan.model}),
        edge=wanted.edge,
        seed=wanted.seed,
        max_usd=plan.usd,
        agreed_home=plan.home if wanted.agree else "",
        agreed_usd=0.0 if wanted.max_price is None else plan.usd,
        batch=wanted.batch,
        parts=tuple(infos),
    )
    return request, parts


def _sample(photo: Photo, seen: Box) -> Sample:
    pixels = base64.b64encode(_packed(photo, seen))
    form = PixelFormat.of(photo.form)
    return Sample(format=form, width=seen.width, height=seen.height, pixels=pixels)


def _packed(photo: Photo, box: Box) -> bytes:
    return pack(photo.pixels[box.top : box.bottom, box.left : box.right], photo.form)


def agreed(wanted: Wanted, plan: PlanReply, report: Report) -> bool:
    """Whether the artist lets it cost this and go there; else it is said what to do."""
    if wanted.max_price is not None and plan.usd > wanted.max_price:
        report.problem(f"This costs {money(plan.usd)}, more than --max-price allows.")
    elif wanted.max_price is None and plan.confirm:
        report.problem(NAME_A_PRICE.format(usd=money(plan.usd), price=plan.usd))
    elif plan.where_new and not wanted.agree:
        report.problem(AGREE)
    else:
        return True
    return False


def made(
    bridge: Caller, request: RevisionRequest, parts: Mapping[str, bytes], report: Report
) -> RevisionReply | None:
    """As it ended; None when Ctrl-C cancelled it, which is said."""
    started = bridge.revise(request, parts)
    try:
        return shown_progress(bridge.follow(started.id), report)
    except KeyboardInterrupt:
        report.problem(_cancelled(bridge.cancel(started.id)))
        return None


# --- out -----------------------------------------------------------------------------------


def take_up(revision: str, photo: Path | None, out: Path | None, force: bool, home: Path) -> int:
    """The exit code. Waits for a revision that somebody else asked for, or asked for earlier.

    photo, out: both or neither; the picture it was made of, and where its layers go.
    """
    if (photo is None) != (out is None):
        raise BadRequest("Name the picture and --out, or neither.")
    opened = None
    if photo is not None and out is not None:
        check_out(out, force=force)
        opened = open_photo(photo)
        check_form(out, opened)
    report = Report(as_json=False)
    with call_bridge(home) as bridge:
        ended = shown_progress(bridge.follow(revision), report)
        if opened is not None and out is not None:
            return deliver(out, opened, bridge, ended, report)
    for variant in ended.variants:
        report.note(f"variant {variant.number}: {variant.state}")
    return _why_not(ended, report)


def deliver(out: Path, photo: Photo, bridge: Caller, ended: RevisionReply, report: Report) -> int:
    """Writes the layers that came; says of every other variant why it did not."""
    code = _why_not(ended, report)
    done = [variant.number for variant in ended.variants if variant.state in MADE]
    layers = [_layer(*bridge.layer(ended.id, number), photo) for number in done]
    if layers:
        for sentence in _write(out, photo, ended.title, layers):
            report.note(sentence)
        for number in done:
            bridge.delivered(ended.id, number)
        report.ended(ended, out)
    return code


def _why_not(ended: RevisionReply, report: Report) -> int:
    """Says why variants were not made; the exit code for it."""
    code = 0
    for variant in ended.variants:
        if variant.error is not None:
            report.problem(variant.error.sentence)
            code = ASKING if variant.state == "asking" else MODEL_FAILED
    if ended.instead is not None:
        report.problem(f"{ended.instead.button}: add --model {ended.instead.model}.")
    return code


def _write(out: Path, photo: Photo, title: str, layers: list[FileLayer]) -> list[str]:
    """Sentences the artist should read about what was written."""
    if out.suffix.lower() == ".ora":
        return save_ora(photo, title, layers, out)
    shown = [layer for layer in layers if layer.visible] or layers[:1]
    said = save_flat(photo, shown[:1], out)
    return [*said, *([ONE_SHOWN] if len(layers) > 1 else [])]


def _layer(header: LayerHeader, parts: dict[str, bytes], photo: Photo) -> FileLayer:
    """BadRequest when it was made of another picture than this."""
    info = header.parts[0]
    assert info.format is not None  # the wire refuses pixels without one
    area = header.area.box()
    form = info.format.format()
    same = (form.model, form.depth) == (photo.form.model, photo.form.depth)
    if not same or area.intersect(Box.of(photo.size)) != area:
        raise BadRequest(
            f"This was made of another picture than this one of {photo.size}; name that one."
        )
    return FileLayer(
        name=header.name,
        area=area,
        patch=unpack(parts["patch"], info.format.format(), area.size),
        mask=np.frombuffer(parts["mask"], np.uint8).reshape(area.height, area.width),
        visible=header.visible,
        recipe=json.dumps(header.recipe),
    )


def _cancelled(reply: RevisionReply) -> str:
    if reply.usd:
        return f"Cancelled; {money(reply.usd)} was already sent, and the answer will be kept."
    return "Cancelled; nothing was charged."
