"""A kept revision asked once more without a host: its pixels are in the history.

`elsewhere` is the same input for another model; draft.py finishes a variant.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bridge.admit import Admission, admit
from bridge.catalog import Model
from bridge.choose import Chooser
from bridge.errors import Conflict, Unsupported
from bridge.estimate import Elsewhere
from bridge.film.able import nearest
from bridge.geometry import Box, Size
from bridge.history import History, RevisionRow, VariantRow
from bridge.instead import Need, plan_by
from bridge.pixels import Native, pack, unpack
from bridge.told import Told
from bridge.wire import OF_THE_BOX, UNSUCCESSFUL, Area, Choice, PartInfo, RevisionRequest


@dataclass(frozen=True, slots=True)
class Rerun:
    """Ready to be kept as a new revision."""

    request: RevisionRequest
    admission: Admission
    parts: Mapping[str, bytes]


def need_of(kept: RevisionRow, variants: tuple[VariantRow, ...]) -> Need:
    """What another model would be given for these variants."""
    request = request_of(kept)
    return Need(
        document=request.document.size(),
        selection=request.selection.box() if request.selection else None,
        choice=_said(request.choice, variants),
        count=len(variants),
        references=request.choice.references + request.has("draft"),
        within=request.box.box(),
    )


def elsewhere(
    history: History, chooser: Chooser, told: Told, revision: str, wanted: Elsewhere
) -> Rerun:
    """What failed, for another model. NotFound, Conflict, Unsupported: it cannot be done."""
    kept = history.revision(revision)
    rows = tuple(row for row in history.variants(revision) if row.state in UNSUCCESSFUL)
    if not rows:
        raise Conflict("Nothing of this revision failed; choose the model and press Revise.")
    need = need_of(kept, rows)
    model = chooser.routed(chooser.catalog.model(wanted.model))
    plan = plan_by(chooser, model, need)
    if plan is None:
        able = chooser.able(model, need.choice, selection=need.selection, whole=need.whole)
        raise Unsupported(able.why_not or f"{model.label} does not take this; choose another.")
    changes = {"model": model.id, "route": "", "tier": plan.tier}
    limits = chooser.catalog.limits(model)
    choice = nearest(model, limits, need.choice).model_copy(update=changes)
    request = request_of(kept)
    parts = {part.name: history.part(kept.id, part.name) or b"" for part in request.parts}
    request = paid_as(request, wanted)
    return with_pixels(history, chooser, told, request, parts, model, choice, plan.export)


def paid_as(request: RevisionRequest, wanted: Elsewhere) -> RevisionRequest:
    """With the price that the artist saw now, and what they agreed to now."""
    fields = {"max_usd", "agreed_home", "agreed_usd"}
    return request.model_copy(update=wanted.model_dump(include=fields))


def with_pixels(
    history: History,
    chooser: Chooser,
    told: Told,
    request: RevisionRequest,
    parts: Mapping[str, bytes],
    model: Model,
    choice: Choice,
    box: Box,
) -> Rerun:
    """The request with another choice, its pixels cut to `box`, its references to those chosen."""
    within = request.box.box()
    infos, cut = [], {}
    for info in request.parts:
        if _number(info.name) > choice.references:
            continue
        smaller = _cut(info, parts[info.name], within, box)
        infos.append(smaller[0])
        cut[info.name] = smaller[1]
    asked = request.model_copy(
        update={"choice": choice, "box": Area.of(box), "parts": tuple(infos)}
    )
    return Rerun(asked, admit(history, chooser, told, asked, choice, model, within), cut)


def _cut(info: PartInfo, data: bytes, within: Box, box: Box) -> tuple[PartInfo, bytes]:
    """A part that covers `within`, as far as `box` goes."""
    if info.name not in OF_THE_BOX or box == within:
        return info, data
    rows, columns = box.slices(within)
    if info.kind == "mask":
        mask = np.frombuffer(data, np.uint8).reshape(within.height, within.width)
        return _mask(info.name, mask[rows, columns])
    assert info.format is not None  # the wire refuses pixels without one
    form = info.format.format()
    pixels = unpack(data, form, info.size())[rows, columns]
    return PartInfo.of_pixels(info.name, box.size, form), pack(pixels, form)


def _number(name: str) -> int:
    """Of a reference, from 1; 0 for any other part."""
    digits = name.removeprefix("reference_")
    return int(digits) if digits != name and digits.isdigit() else 0


def _mask(name: str, mask: Native) -> tuple[PartInfo, bytes]:
    size = Size(mask.shape[1], mask.shape[0])
    return PartInfo.of_mask(name, size), np.ascontiguousarray(mask).tobytes()


def request_of(kept: RevisionRow) -> RevisionRequest:
    return RevisionRequest.model_validate(json.loads(kept.request))


def _said(choice: Choice, variants: tuple[VariantRow, ...]) -> Choice:
    """The choice for these variants alone: their looks, as they were said to the model."""
    looks = tuple(row.prompt for row in variants)
    if len(set(looks)) == 1:
        return choice.model_copy(update={"prompt": looks[0], "variants": len(looks)})
    return choice.model_copy(update={"prompt": "\n".join(looks), "variants": 1})
