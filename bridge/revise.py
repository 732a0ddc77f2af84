"""The flow, one way: revision -> job -> ask -> answer -> patch -> layer.

Each function takes the value on its left and the facts it needs; none knows a later stage, an
engine by name, or a host.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from typing import Any

import cv2
import numpy as np

from bridge import __version__
from bridge.color import from_srgb
from bridge.compose import Edge, Patch, Piece, Tile, compose, compose_tiles
from bridge.engines.base import Answer, Ask, Json, Motion, Wish
from bridge.geometry import Affine, Box, Size
from bridge.intake import MATTE, Job
from bridge.pixels import Array, Format, pack, stored
from bridge.title import NAME_LENGTH, layer_name
from bridge.wire import (
    Area,
    Choice,
    EdgeChoice,
    FilmChoice,
    LayerHeader,
    PartInfo,
    RevisionRequest,
)

TOUCHED = 0.02  # selection coverage from which the model may repaint a pixel


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of which model: facts of the catalogue, for one variant."""

    model: str  # id in the catalogue
    label: str
    provider_model: str  # id at the provider
    facts: Mapping[str, Json]
    tier: str
    usd: float
    prompt: str
    number: int
    seed: int | None


@dataclass(frozen=True, slots=True)
class Layer:
    """Ready for the host: patch in the document's own format plus alpha, mask one byte a pixel."""

    area: Box
    form: Format
    patch: bytes
    mask: bytes


def ask_for(job: Job, choice: Choice, order: Order, edge: EdgeChoice) -> Ask:
    """The picture at the size the model takes, with everything else it is told."""
    send = job.plan.send
    mask = (
        None if job.selection is None else _hole(job.selection, send, edge.grow_px, job.plan.scale)
    )
    wish = Wish(order.prompt, choice.helper, choice.how_far, choice.keep, dict(choice.options))
    picture = resized(job.seen if job.draft is None else job.draft, send)
    return Ask(
        model=order.provider_model,
        picture=picture,
        mask=mask,
        wish=wish,
        size=send,
        tier=order.tier,
        references=job.references if job.draft is None else (job.seen, *job.references),
        seed=order.seed,
        facts=order.facts,
        usd=order.usd,
        motion=_motion(choice.film, picture, job),
    )


def _motion(film: FilmChoice | None, picture: Array, job: Job) -> Motion | None:
    """A loop ends on the picture it began with; a last frame is fitted as the first one is."""
    if film is None:
        return None
    last = None if job.last is None else resized(job.last, job.plan.send)
    return Motion(
        seconds=film.seconds or 0,
        audio=film.audio,
        last=picture if film.loop else last,
        negative=film.negative,
        still_camera=film.cinemagraph,
    )


def patch_for(job: Job, answer: Answer, choice: Choice, edge: EdgeChoice, passes: int) -> Patch:
    """The answer put back over the box, limited by its mask."""
    return compose(_piece(job, answer, choice, edge, passes))


def _piece(job: Job, answer: Answer | None, choice: Choice, edge: EdgeChoice, passes: int) -> Piece:
    """answer: None = the picture as it was."""
    pixels = job.seen if answer is None else answer.pixels
    height, width = pixels.shape[:2]
    box = job.plan.box
    return Piece(
        original=job.seen,
        alpha=job.alpha,
        selection=job.selection,
        answer=pixels,
        to_answer=Affine(width / box.width, 0, 0, 0, height / box.height, 0),
        lies="in place" if answer is None else answer.lies,
        wish=edge.wish or None,
        edge=Edge(
            whole=edge.whole,
            grow_px=edge.grow_px,
            feather_px=edge.feather_px,
            include_offer=edge.include_offer,
            outline=edge.outline,
        ),
        passes=passes,
        keep=choice.keep,
        matte=MATTE if job.over_matte else None,
        steps=255 if job.form.depth == "u8" else None,
    )


def wanted_tiles(job: Job) -> tuple[int, ...]:
    """Numbers of those in which the draft shows something that may be painted; (0,) without any."""
    if not job.plan.tiles or job.draft is None:
        return (0,)
    differs = (job.draft != job.seen).any(-1)
    if job.selection is not None:
        differs &= job.selection > TOUCHED
    boxes = [tile.box.slices(job.plan.box) for tile in job.plan.tiles]
    return tuple(number for number, part in enumerate(boxes) if differs[part].any())


def patch_of_tiles(
    job: Job, answers: Mapping[int, Answer], choice: Choice, edge: EdgeChoice, passes: int
) -> Patch:
    """The draft painted out. answers: by the tile's number, as far as they came."""
    assert job.draft is not None  # nothing else is asked for in tiles
    box, wanted = job.plan.box, wanted_tiles(job)
    tiles = []
    for number in wanted:
        answer = answers.get(number)
        place = job.plan.tiles[number].box.shift(-box.left, -box.top)
        if answer is None:
            tiles.append(Tile(place, None))
        else:
            tiles.append(Tile(place, answer.pixels, answer.lies))
    return compose_tiles(_piece(job, None, choice, edge, passes), job.draft, tiles)


def layer_for(job: Job, patch: Patch) -> Layer:
    """The part of the patch that the document has, through its profile exactly once."""
    rows, columns = job.plan.export.slices(job.plan.box)
    form = replace(job.form, alpha=True)
    color = from_srgb(patch.pixels[rows, columns], form.model, form.depth, job.profile)
    alpha = stored(patch.alpha[rows, columns], form.depth)
    mask = np.rint(np.clip(patch.mask[rows, columns], 0, 1) * 255).astype(np.uint8)
    return Layer(
        area=job.plan.export,
        form=form,
        patch=pack(np.dstack([color, alpha]), form),
        mask=mask.tobytes(),
    )


def layer_header(
    layer: Layer,
    patch: Patch,
    order: Order,
    job: Job,
    request: RevisionRequest,
    revision: str,
    title: str,
    grouped: bool,
) -> LayerHeader:
    """Names as the artist reads them in the layer stack, and the recipe the document keeps."""
    size = layer.area.size
    return LayerHeader(
        revision=revision,
        variant=order.number,
        name=_name(order, title, grouped),
        group=title if grouped else "",
        area=Area.of(layer.area),
        visible=patch.verdict != "refused",
        verdict=patch.verdict,
        recipe=recipe(order, job, request, revision, patch),
        parts=(
            PartInfo.of_pixels("patch", size, layer.form),
            PartInfo.of_mask("mask", size),
        ),
    )


def _name(order: Order, title: str, grouped: bool) -> str:
    if grouped:
        return f"{order.number} · {order.label}"[:NAME_LENGTH]
    return layer_name(title, order.label)


def recipe(
    order: Order, job: Job, request: RevisionRequest, revision: str, patch: Patch
) -> dict[str, Any]:
    """What it takes to make this layer again, with this or another model."""
    plan = job.plan
    return {
        "redraft": __version__,
        "revision": revision,
        "variant": order.number,
        "model": order.model,
        "label": order.label,
        "provider_model": order.provider_model,
        "choice": request.choice.model_dump(mode="json"),
        "prompt": order.prompt,
        "seed": order.seed,
        "tier": order.tier,
        "source": request.source,
        "edge": request.edge.model_dump(mode="json"),
        "selection": request.selection.model_dump() if request.selection else None,
        "box": [plan.box.left, plan.box.top, plan.box.right, plan.box.bottom],
        "sent": [plan.send.width, plan.send.height],
        "to_sent": astuple(plan.to_send),
        "tiles": [astuple(tile.box) for tile in plan.tiles],
        "matte": MATTE if job.over_matte else None,
        "wish": patch.wish,
        "report": patch.report.to_json(),
    }


def _hole(selection: Array, send: Size, grow_px: int, scale: float) -> Array:
    hole = (selection > TOUCHED).astype(np.float32)
    hole = resized(hole, send, cv2.INTER_NEAREST_EXACT)
    reach = round(grow_px * scale)
    if reach:
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
        hole = np.asarray(cv2.dilate(hole, disc), np.float32)
    return (hole > TOUCHED).astype(np.float32)


def resized(pixels: Array, size: Size, enlarging: int = cv2.INTER_LANCZOS4) -> Array:
    """A hole is enlarged pixel by pixel: what rings or blurs would open it beyond the selection."""
    height, width = pixels.shape[:2]
    if (width, height) == (size.width, size.height):
        return pixels
    smaller = size.width * size.height < width * height
    way = cv2.INTER_AREA if smaller else enlarging
    resized = cv2.resize(pixels, (size.width, size.height), interpolation=way)
    return np.clip(np.asarray(resized, np.float32), 0, 1)
