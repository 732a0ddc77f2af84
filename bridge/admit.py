"""A revision is let in: judged by its header, kept with its pixels, later opened again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from bridge.catalog import Catalog, Model
from bridge.choose import Chooser
from bridge.consent import check_agreed
from bridge.engines.base import Ask, Engine, Limits
from bridge.errors import BadRequest, Conflict, Unsupported
from bridge.film.able import cannot, price_of_plan, resolved
from bridge.film.plan import plan_of
from bridge.geometry import Box, Size
from bridge.history import History, RevisionRow, VariantRow, as_json
from bridge.intake import Job, part_of, take_in
from bridge.plan import Plan
from bridge.revise import Order, ask_for, wanted_tiles
from bridge.spending import Purchase
from bridge.title import looks_of, title_of
from bridge.told import Told
from bridge.wire import Choice, RevisionRequest
from bridge.wishes import passes_of, said_again


@dataclass(frozen=True, slots=True)
class Admission:
    """What a revision's header alone decides. choice: in full, with the wishes that led to it.

    usd: of one variant.
    """

    model: Model
    choice: Choice
    title: str
    plan: Plan
    looks: tuple[str, ...]
    usd: float

    @property
    def total(self) -> float:
        """USD of everything that is asked for."""
        return round(self.usd * len(self.looks) * self.choice.variants, 6)


@dataclass(frozen=True, slots=True)
class Opened:
    """A kept variant, ready to be asked or composed."""

    request: RevisionRequest
    job: Job
    order: Order
    engine: str


def consider(history: History, chooser: Chooser, told: Told, request: RevisionRequest) -> Admission:
    """Refuses in a sentence, before a pixel is read, what cannot be done as asked, or costs more

    than the artist was told or allows, or goes where they have not agreed to.
    """
    choice = said_again(
        history, request.choice, request.parent, request.parent_variant, request.again
    )
    choice = choice.model_copy(update={"tiles": choice.tiles and request.has("draft")})
    model = chooser.choose(choice, selected=request.selection is not None).model
    return admit(history, chooser, told, request, choice, model)


def admit(
    history: History,
    chooser: Chooser,
    told: Told,
    request: RevisionRequest,
    choice: Choice,
    model: Model,
    within: Box | None = None,
) -> Admission:
    """choice: in full. within: the part of the document that is at hand; None = all of it."""
    box = request.selection.box() if request.selection else None
    whole = within or Box.of(request.document.size())
    able = chooser.able(model, choice, selection=box, whole=whole)
    if not able:
        raise Unsupported(able.why_not)
    limits = chooser.catalog.limits(model)
    choice = resolved(model, choice)
    plan = plan_of(model, limits, request.document.size(), box, choice, choice.tier, within)
    _check_box(request, plan)
    _check_references(model, limits, request)
    _check_last_frame(model, choice, request)
    looks = looks_of(choice.prompt)
    references = choice.references + request.has("draft")
    usd = price_of_plan(model, plan, references, choice)
    unsaid = "remove" if request.selection else "revise"
    title = title_of(request.choice.prompt or choice.prompt, request.choice.helper or unsaid)
    admission = Admission(model, choice, title, plan, looks, usd)
    _check_price(admission.total, request.max_usd)
    home = chooser.catalog.home(model)
    history.check_limits(Purchase(request.document.id, model.home, admission.total, home.label))
    check_agreed(told, history.limits(), model, home, admission.total, request)
    return admission


def keep(
    history: History, request: RevisionRequest, admission: Admission, parts: Mapping[str, bytes]
) -> str:
    """Keeps the revision with all its variants queued; returns its id.

    BadRequest, and nothing kept, when its pixels cannot be used.
    """
    take_in(request, parts, admission.plan)
    model = admission.model
    choice = admission.choice.model_copy(update={"model": model.id, "route": model.engine})
    request = request.model_copy(update={"choice": choice})
    revision = {
        "document": request.document.id,
        "document_name": request.document.name,
        "parent": request.parent,
        "passes": passes_of(history, request.parent, request.again),
        "model": model.id,
        "provider": model.home,
        "batch": int(request.batch),
        "label": model.label,
        "title": admission.title,
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


@dataclass(frozen=True, slots=True)
class Asks:
    """What is asked for one variant. wanted: numbers of its tiles; (0,) of one request."""

    opened: Opened
    wanted: tuple[int, ...]

    @property
    def tiled(self) -> bool:
        return bool(self.opened.job.plan.tiles)

    def ask(self, number: int) -> Ask:
        """It takes a while: pictures are resized."""
        job, order = self.opened.job, self.opened.order
        choice, edge = self.opened.request.choice, self.opened.request.edge
        if self.tiled:
            order = replace(order, usd=order.usd / job.plan.requests)
            job = part_of(job, job.plan.tiles[number])
            choice = choice.model_copy(update={"helper": "tile"})
        return ask_for(job, choice, order, edge)


def prepared(
    history: History, catalog: Catalog, engine_of: Callable[[str], Engine], row: VariantRow
) -> tuple[Engine, Asks]:
    """Who is asked, and what. It takes a while: pictures are decoded.

    Unsupported when there is nothing to ask for.
    """
    import bridge.engines.send  # noqa: F401  # what will send them is loaded here, off the loop

    opened = open_variant(history, catalog, row)
    wanted = wanted_tiles(opened.job)
    if not wanted:
        raise Unsupported("This draft changed nothing here; there is nothing to paint out.")
    return engine_of(opened.engine), Asks(opened, wanted)


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
        facts=catalog.facts(model),
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


def _check_references(model: Model, limits: Limits, request: RevisionRequest) -> None:
    most, chosen = limits.references - request.has("draft"), request.choice.references
    sent = sum(part.name.startswith("reference_") for part in request.parts)
    if chosen > most:
        raise Unsupported(
            f"{model.label} takes {most} references, {chosen} are chosen; take some away."
        )
    if chosen != sent:
        raise BadRequest(f"{chosen} references are chosen, {sent} came; send each of them once.")


def _check_last_frame(model: Model, choice: Choice, request: RevisionRequest) -> None:
    why_not = cannot(model, choice)
    if why_not:
        raise Unsupported(why_not)
    wanted = choice.film is not None and choice.film.last_frame
    if wanted != request.has("last_frame"):
        said = "is chosen, but did not come" if wanted else "came, but is not chosen"
        raise BadRequest(f"A last frame {said}; send it and say so, or neither.")


def _check_price(usd: float, told: float | None) -> None:
    """Conflict when it costs more than the artist was told."""
    if told is not None and usd > told + 1e-9:
        raise Conflict(f"This costs ${usd:.2f}, not ${told:.2f}; look at the price again.")


def _plan_of(kept: RevisionRow) -> Plan:
    return _as_plan(json.loads(kept.plan))


def _as_plan(plan: Mapping[str, Any]) -> Plan:
    tiles = tuple(_as_plan(tile) for tile in plan.get("tiles", ()))  # older ones know none
    box, export = Box(**plan["box"]), Box(**plan["export"])
    return Plan(box, export, Size(**plan["send"]), plan["tier"], tiles)


def _corners(box: Box) -> str:
    return f"({box.left}, {box.top}, {box.right}, {box.bottom})"
