"""A revision as it came becomes a job: decoded, checked, and with its hole found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np

from bridge.color import to_srgb
from bridge.errors import BadRequest
from bridge.pixels import Array, Format, split_alpha, unit, unpack
from bridge.plan import Plan
from bridge.wire import (
    PartInfo,
    RevisionRequest,
)

MATTE = (0.5, 0.5, 0.5)  # sRGB-encoded; what a transparent source lies over when nothing is beneath


@dataclass(frozen=True, slots=True)
class Job:
    """Everything the flow needs of a revision, over the planned box (padding included).

    seen: float32 (H, W, 3) sRGB-encoded: what the model is shown, transparency laid over
    what is beneath or over MATTE. draft: as seen, with the draft laid over it; None when there is

    none. last: as seen, what a film ends on; None when it may end on anything. alpha: (H, W) of
    the source, None when it has none.
    selection: (H, W), 1 = repaint; None when nothing is selected. form, profile: the document's.
    """

    plan: Plan
    seen: Array
    draft: Array | None
    last: Array | None
    alpha: Array | None
    selection: Array | None
    references: tuple[Array, ...]
    form: Format
    profile: bytes | None
    over_matte: bool


def take_in(request: RevisionRequest, parts: Mapping[str, bytes], plan: Plan) -> Job:
    """BadRequest when the pixels contradict the message. Its box must be the planned one."""
    infos = {part.name: part for part in request.parts}
    profile = parts.get("profile") or None
    seen, alpha = _rgb(infos["source"], parts["source"], profile)
    over_matte = False
    if alpha is not None and float(alpha.min()) >= 1.0:
        alpha = None
    if alpha is not None:
        over_matte = "beneath" not in parts
        seen = _over(seen, alpha, _beneath(infos, parts, profile))
    draft, last = (_laid(infos, parts, profile, seen, name) for name in ("draft", "last_frame"))
    selection = _selection(request, parts, plan)
    pad = _padding(plan)
    return Job(
        plan=plan,
        seen=_padded(seen, pad),
        draft=None if draft is None else _padded(draft, pad),
        last=None if last is None else _padded(last, pad),
        alpha=None if alpha is None else _padded(alpha, pad),
        selection=None if selection is None else _padded(selection, pad),
        references=tuple(
            _flat(infos[name], parts[name], profile)
            for name in sorted(infos, key=_reference_number)
            if name.startswith("reference_")
        ),
        form=infos["source"].format.format()
        if infos["source"].format
        else Format("rgb", "u8", True),
        profile=profile,
        over_matte=over_matte,
    )


def part_of(job: Job, tile: Plan) -> Job:
    """What there is of a job in one of its tiles."""
    rows, columns = tile.box.slices(job.plan.box)

    def cut(pixels: Array | None) -> Array | None:
        return None if pixels is None else np.ascontiguousarray(pixels[rows, columns])

    return replace(
        job,
        plan=tile,
        seen=np.ascontiguousarray(job.seen[rows, columns]),
        draft=cut(job.draft),
        last=None,
        alpha=cut(job.alpha),
        selection=cut(job.selection),
    )


# --- pixels ---------------------------------------------------------------------------------


def _rgb(info: PartInfo, data: bytes, profile: bytes | None) -> tuple[Array, Array | None]:
    if info.format is None:
        raise BadRequest(f"The part {info.name} holds pixels but states no format.")
    form = info.format.format()
    color, alpha = split_alpha(unpack(data, form, info.size()), form)
    return to_srgb(color, form.model, profile), None if alpha is None else unit(alpha)


def _flat(info: PartInfo, data: bytes, profile: bytes | None) -> Array:
    rgb, alpha = _rgb(info, data, profile)
    return rgb if alpha is None else _over(rgb, alpha, np.asarray(MATTE, np.float32))


def _beneath(
    infos: Mapping[str, PartInfo], parts: Mapping[str, bytes], profile: bytes | None
) -> Array:
    matte: Array = np.asarray(MATTE, np.float32)
    if "beneath" not in parts:
        return matte
    rgb, alpha = _rgb(infos["beneath"], parts["beneath"], profile)
    return rgb if alpha is None else _over(rgb, alpha, matte)


def _laid(
    infos: Mapping[str, PartInfo],
    parts: Mapping[str, bytes],
    profile: bytes | None,
    seen: Array,
    name: str,
) -> Array | None:
    """What is transparent in it shows what was seen."""
    if name not in parts:
        return None
    rgb, alpha = _rgb(infos[name], parts[name], profile)
    return rgb if alpha is None else _over(rgb, alpha, seen)


def _over(top: Array, alpha: Array, under: Array) -> Array:
    share = np.clip(alpha, 0, 1)[..., None]
    laid: Array = top * share + under * (1 - share)
    return laid


def _selection(request: RevisionRequest, parts: Mapping[str, bytes], plan: Plan) -> Array | None:
    size = plan.export.size
    shape = (size.height, size.width)
    chosen: Array | None = None
    if "selection" in parts:
        chosen = unit(np.frombuffer(parts["selection"], np.uint8).reshape(shape))
        if not chosen.any():
            raise BadRequest("The selection is empty here; select what should change.")
    if "protect" in parts:
        protected = unit(np.frombuffer(parts["protect"], np.uint8).reshape(shape))
        chosen = (np.ones(shape, np.float32) if chosen is None else chosen) * (1 - protected)
        if not chosen.any():
            raise BadRequest(
                "Everything selected is protected; select more or lift the protection."
            )
    return chosen


def _padding(plan: Plan) -> tuple[tuple[int, int], tuple[int, int]]:
    box, export = plan.box, plan.export
    return (
        (export.top - box.top, box.bottom - export.bottom),
        (export.left - box.left, box.right - export.right),
    )


def _padded(pixels: Array, pad: tuple[tuple[int, int], tuple[int, int]]) -> Array:
    """Beyond the document the last row and column go on; so does a selection that reaches them,

    for a whole side of the picture is to stay one.
    """
    if not any(pad[0] + pad[1]):
        return pixels
    (top, bottom), (left, right) = pad
    padded = cv2.copyMakeBorder(pixels, top, bottom, left, right, cv2.BORDER_REPLICATE)
    return np.asarray(padded, np.float32)


def _reference_number(name: str) -> tuple[int, str]:
    digits = name.removeprefix("reference_")
    return (int(digits) if digits.isdigit() else 0), name
