"""A revision is let in: judged by its header, kept with its pixels, later opened again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from bridge.catalog import Catalog, Model, price
from bridge.choose import Chooser
from bridge.errors import BadRequest, Conflict, Unsupported
from bridge.geometry import Box, Size
from bridge.history import History, RevisionRow, VariantRow, as_json
from bridge.intake import Job, take_in
from bridge.plan import Plan, make_plan
from bridge.revise import Order
from bridge.spending import Purchase
from bridge.title import looks_of, title_of
from bridge.wire import RevisionRequest


@dataclass(frozen=True, slots=True)
class Admission:
    """What a revision's header alone decides. usd: of one variant."""

    model: Model
    plan: Plan
    looks: tuple[str, ...]
    usd: float


@dataclass(frozen=True, slots=True)
class Opened:
    """A kept variant, ready to be asked or composed."""

    request: RevisionRequest
    job: Job
    order: Order
    engine: str


def consider(
    catalog: Catalog,
    chooser: Chooser,
    may_spend: Callable[[Purchase], None],
    request: RevisionRequest,
) -> Admission:
    """Refuses in a sentence, before a pixel is read, what cannot be done as asked or costs more

    than the artist was told or allows. may_spend: raises OverLimit.
    """
    selected = request.selection is not None
    model = chooser.choose(request.choice, selected=selected).model
    able = chooser.able(model, request.choice, selected=selected)
    if not able:
        raise Unsupported(able.why_not)
    box = request.selection.box() if request.selection else None
    plan = make_plan(request.document.size(), box, catalog.limits(model), request.choice.tier)
    _check_box(request, plan)
    _check_references(catalog, model, request)
    looks = looks_of(request.choice.prompt)
    usd = price(model, plan.send, plan.tier, request.choice.references, 1)
    total = usd * len(looks) * request.choice.variants
    _check_price(total, request.max_usd)
    where = catalog.home(model).label
    may_spend(Purchase(request.document.id, model.home, total, where))
    return Admission(model, plan, looks, usd)


def keep(
    history: History, request: RevisionRequest, admission: Admission, parts: Mapping[str, bytes]
) -> str:
    """Keeps the revision with all its variants queued; returns its id.

    BadRequest, and nothing kept, when its pixels cannot be used.
    """
    take_in(request, parts, admission.plan)
    model = admission.model
    choice = request.choice.model_copy(update={"model": model.id, "route": model.engine})
    request = request.model_copy(update={"choice": choice})
    unsaid = "remove" if request.selection else "revise"
    revision = {
        "document": request.document.id,
        "document_name": request.document.name,
        "parent": request.parent,
        "passes": history.revision(request.parent).passes + 1 if request.parent else 1,
        "model": model.id,
        "provider": model.home,
        "batch": int(request.batch),
        "label": model.label,
        "title": title_of(choice.prompt, choice.helper or unsaid),
        "prompt": choice.prompt,
        "request": request.model_dump_json(),
        "plan": as_json(asdict(admission.plan)),
    }
    variants = [
        {
            "usd_told": admission.usd,
            "prompt": look,
            "seed": None if request.seed is None else request.seed + count,
            "edge": request.edge.model_dump_json(),
        }
        for look in admission.looks
        for count in range(choice.variants)
    ]
    return history.add(revision, parts, variants)


def open_variant(history: History, catalog: Catalog, row: VariantRow) -> Opened:
    """What was kept of a variant, as the flow needs it; its edge as the artist left it."""
    kept = history.revision(row.revision)
    request = RevisionRequest.model_validate(
        json.loads(kept.request) | {"edge": json.loads(row.edge)}
    )
    names = [part.name for part in request.parts]
    parts = {name: history.part(row.revision, name) or b"" for name in names}
    plan = _plan_of(kept)
    model = routed(catalog, kept)
    order = Order(
        model=model.id,
        label=model.label,
        provider_model=model.routes[0].model,
        facts=model.facts,
        tier=plan.tier,
        usd=row.usd_told,
        prompt=row.prompt,
        number=row.number,
        seed=row.seed,
    )
    return Opened(request, take_in(request, parts, plan), order, model.engine)


def routed(catalog: Catalog, kept: RevisionRow) -> Model:
    """The model by the route it was asked; by its first when an older Redraft kept none."""
    model = catalog.model(kept.model)
    engine = json.loads(kept.request)["choice"].get("route") or model.engine
    return model.by(engine)


def _check_box(request: RevisionRequest, plan: Plan) -> None:
    box = request.box.box()
    if box != plan.export:
        raise BadRequest(
            f"The box {_corners(box)} is not the planned one, {_corners(plan.export)}; "
            "ask for the plan again."
        )


def _check_references(catalog: Catalog, model: Model, request: RevisionRequest) -> None:
    most, chosen = catalog.limits(model).references, request.choice.references
    sent = sum(part.name.startswith("reference_") for part in request.parts)
    if chosen > most:
        raise Unsupported(
            f"{model.label} takes {most} references, {chosen} are chosen; take some away."
        )
    if chosen != sent:
        raise BadRequest(f"{chosen} references are chosen, {sent} came; send each of them once.")


def _check_price(usd: float, told: float | None) -> None:
    if told is not None and usd > told + 1e-9:
        raise Conflict(f"This costs ${usd:.2f}, not ${told:.2f}; look at the price again.")


def _plan_of(kept: RevisionRow) -> Plan:
    plan = json.loads(kept.plan)
    return Plan(Box(**plan["box"]), Box(**plan["export"]), Size(**plan["send"]), plan["tier"])


def _corners(box: Box) -> str:
    return f"({box.left}, {box.top}, {box.right}, {box.bottom})"
