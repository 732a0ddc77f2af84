"""The answer to "what would this be?": box, size, sharpness, price, and what to know before."""

from __future__ import annotations

from bridge.catalog import Model, price
from bridge.choose import Chooser
from bridge.engines.base import Limits
from bridge.geometry import Box
from bridge.money import money
from bridge.plan import Plan, make_plan, other_tiers
from bridge.title import looks_of
from bridge.wire import Area, Better, PlanReply, PlanRequest

SHARPER = 1.05  # how much sharper a larger size must paint to be worth a word
ENLARGED = 2.0  # model pixels per document pixel from which the artist should know
TINY = 48  # px: a selection smaller than this tells a model little
FULL_SHARPNESS = 0.995  # model pixels per document pixel that nobody can tell from one


def quote(chooser: Chooser, asked: PlanRequest) -> PlanReply:
    """Unsupported when the model cannot take this selection at any size."""
    chosen = chooser.choose(asked.choice, selected=asked.selection is not None)
    model, limits = chosen.model, chooser.catalog.limits(chosen.model)
    plan = plan_for(chooser, model, asked)
    usable = chooser.able(model, asked.choice, selected=asked.selection is not None)
    usd = price_of(model, plan, asked)
    return PlanReply(
        box=Area.of(plan.export),
        send=(plan.send.width, plan.send.height),
        tier=plan.tier,
        model=model.id,
        label=model.label,
        purpose=chosen.purpose,
        why=chosen.why,
        limitation=model.limitation,
        seconds=model.typical_seconds,
        route=model.engine,
        by=_by(chooser, model),
        percent=_percent(plan),
        sharpness=_sharpness(plan),
        better=_better(chooser, model, limits, plan, asked),
        usd=usd,
        price=money(usd),
        button="Revise, free" if usd <= 0 else f"Revise  {money(usd)}",
        usable=bool(usable),
        why_not=usable.why_not,
        warnings=_warnings(model, limits, plan, asked) + _flaws(asked),
    )


def plan_for(chooser: Chooser, model: Model, asked: PlanRequest, tier: str | None = None) -> Plan:
    """tier: another than the one asked for."""
    selection = asked.selection.box() if asked.selection else None
    wanted = asked.choice.tier if tier is None else tier
    return make_plan(asked.document.size(), selection, chooser.catalog.limits(model), wanted)


def price_of(model: Model, plan: Plan, asked: PlanRequest) -> float:
    """USD of all looks and variants together."""
    count = len(looks_of(asked.choice.prompt)) * asked.choice.variants
    return price(model, plan.send, plan.tier, asked.choice.references, 1) * count


def _by(chooser: Chooser, model: Model) -> str:
    own = chooser.catalog.model(model.id).home
    return "" if model.home == own else chooser.catalog.home(model).label


def _percent(plan: Plan) -> int:
    return min(100, round(plan.scale * 100)) if plan.scale < FULL_SHARPNESS else 100


def _sharpness(plan: Plan) -> str:
    if plan.scale >= FULL_SHARPNESS:
        return "painted at full sharpness"
    return f"painted at {_percent(plan)} %"


def _better(
    chooser: Chooser, model: Model, limits: Limits, plan: Plan, asked: PlanRequest
) -> Better | None:
    """The cheapest size that paints visibly sharper; None when this one is sharp enough."""
    if plan.scale >= FULL_SHARPNESS:
        return None
    others = [plan_for(chooser, model, asked, tier) for tier in other_tiers(limits, plan.tier)]
    sharper = [other for other in others if other.scale >= plan.scale * SHARPER]
    if not sharper:
        return None
    best = min(sharper, key=lambda other: (price_of(model, other, asked), -other.scale))
    return Better(tier=best.tier, percent=_percent(best), usd=price_of(model, best, asked))


def _warnings(model: Model, limits: Limits, plan: Plan, asked: PlanRequest) -> tuple[str, ...]:
    found = []
    selection = asked.selection.box() if asked.selection else Box.of(asked.document.size())
    if min(selection.width, selection.height) < TINY:
        found.append(
            f"This is very small ({selection.size} px); {model.label} has little to go by."
        )
    if plan.box != plan.export:
        found.append("The picture is too narrow for this model; its edges are continued to fit.")
    if plan.scale > ENLARGED:
        found.append(f"{model.label} takes nothing smaller: the picture is enlarged for it.")
    if asked.choice.references > limits.references:
        found.append(
            f"{model.label} takes {limits.references} references; {asked.choice.references} are "
            "chosen. Take some away."
        )
    return tuple(found)


def _flaws(asked: PlanRequest) -> tuple[str, ...]:
    if asked.sample is None:
        return ()
    from bridge.flaws import flaws_of  # with the image libraries, only when there are pixels

    return flaws_of(asked.sample)
