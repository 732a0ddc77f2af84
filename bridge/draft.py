"""Finish: a kept variant is the draft that a model of detail paints out, at the document's size.

The draft goes first, as the composition; the untouched original goes along as a reference. Both
are in the history, so the host sends nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from bridge.catalog import Model
from bridge.choose import Chooser
from bridge.engines.base import Limits
from bridge.errors import Conflict, Unsupported
from bridge.estimate import Elsewhere
from bridge.film.able import price_of_plan
from bridge.finish import kept_layer
from bridge.history import History
from bridge.instead import Need
from bridge.pixels import pack, stored, unit, unpack
from bridge.plan import Plan, make_plan, other_tiers
from bridge.rerun import Rerun, need_of, paid_as, request_of, with_pixels
from bridge.tiles import ENOUGH, GAIN, make_tiles
from bridge.told import Told
from bridge.wire import Choice, PartInfo

PURPOSE = "detail"
FULL = 1.0  # model pixels per document pixel: more shows nothing more


@dataclass(frozen=True, slots=True)
class Finish:
    """How it would be finished. need: as another model would be given it. usd: of it all."""

    model: Model
    plan: Plan
    need: Need
    choice: Choice
    usd: float


def plan_finish(
    history: History, chooser: Chooser, revision: str, number: int, model_id: str = ""
) -> Finish:
    """model_id: "" = the best for detail that can be used. Conflict, Unsupported: it cannot be."""
    row, kept = history.variant(revision, number), history.revision(revision)
    if not row.layer:
        raise Conflict("This variant has no layer yet; wait for it, then finish it.")
    need = need_of(kept, (row,))
    if need.choice.film is not None:
        raise Conflict("A film cannot be finished; choose another model and press Animate.")
    return finish_for(chooser, need, model_id)


def finish_for(chooser: Chooser, need: Need, model_id: str = "") -> Finish:
    """How such a draft would be finished, as in `plan_finish`."""
    model = _model(chooser, model_id, need)
    limits = chooser.catalog.limits(model)
    if model.film is not None or not limits.references:
        raise Unsupported(
            f"{model.label} takes no references for a picture; choose another model to finish."
        )
    references = min(need.choice.references, limits.references - 1)
    plans = [
        make_plan(need.document, need.selection, limits, tier, need.within)
        for tier in ("", *other_tiers(limits, ""))
    ]

    def cost(plan: Plan) -> float:
        return price_of_plan(model, plan, references + 1, need.choice)

    plan = min(plans, key=lambda one: (-min(one.scale, FULL), cost(one)))
    if plan.scale < ENOUGH:
        plan = _in_tiles(need, limits, cost, plan)
    choice = need.choice.model_copy(
        update={
            "tiles": plan.requests > 1,
            "model": model.id,
            "route": model.engine,
            "tier": plan.tier,
            "helper": "finish",
            "variants": 1,
            "references": references,
        }
    )
    able = chooser.able(model, choice, selection=need.selection, whole=need.whole)
    if not able:
        raise Unsupported(able.why_not)
    return Finish(model, plan, replace(need, references=references + 1), choice, cost(plan))


def _in_tiles(need: Need, limits: Limits, cost: Callable[[Plan], float], one: Plan) -> Plan:
    """The cheapest tiles that are sharp enough, or clearly sharper than `one` request is."""
    where = need.document, need.selection, limits
    tiers = ("", *other_tiers(limits, ""))
    plans = [make_tiles(*where, tier, need.within) for tier in tiers]
    best = min(plans, key=lambda plan: (-min(plan.scale, ENOUGH), cost(plan)))
    return best if best.scale >= one.scale * GAIN else one


def finished(
    history: History,
    chooser: Chooser,
    told: Told,
    revision: str,
    number: int,
    wanted: Elsewhere,
) -> Rerun:
    """Ready to be kept; Conflict when it has become dearer than the artist was told."""
    finish = plan_finish(history, chooser, revision, number, wanted.model)
    kept, row = history.revision(revision), history.variant(revision, number)
    request = request_of(kept)
    header, layer = kept_layer(history, revision, number)
    info = header.parts[0]
    assert info.format is not None  # the wire refuses pixels without one
    form, size = info.format.format(), info.size()
    pixels = unpack(layer["patch"], form, size).copy()
    shown = np.frombuffer(layer["mask"], np.uint8).reshape(size.height, size.width)
    pixels[..., -1] = stored(unit(pixels[..., -1]) * unit(shown), form.depth)
    parts = {part.name: history.part(revision, part.name) or b"" for part in request.parts}
    infos = [part for part in request.parts if part.name in parts and part.name != "draft"]
    parts["draft"] = pack(pixels, form)
    edge = json.loads(row.edge)
    asked = request.model_copy(
        update={
            "parts": (*infos, PartInfo.of_pixels("draft", size, form)),
            "edge": request.edge.model_validate(
                edge | {"wish": edge.get("wish") or header.recipe.get("wish", "")}
            ),
            "parent": revision,
            "parent_variant": number,
            "again": "on top",
        }
    )
    asked = paid_as(asked, wanted)
    model, choice, box = finish.model, finish.choice, finish.plan.export
    return with_pixels(history, chooser, told, asked, parts, model, choice, box)


def _model(chooser: Chooser, model_id: str, need: Need) -> Model:
    if model_id:
        return chooser.routed(chooser.catalog.model(model_id))
    purpose = next(one for one in chooser.catalog.purposes if one.id == PURPOSE)
    for id in purpose.order:
        model = chooser.routed(chooser.catalog.model(id))
        takes = chooser.catalog.limits(model).references
        if takes and chooser.listed(model) and chooser.usable(model):
            return model
    best = chooser.catalog.model(purpose.order[0])
    raise Unsupported(
        f"No model for {purpose.label.lower()} can be used yet. {chooser.usable(best).why_not}"
    )
