"""The answer to "what would this be?": box, size, sharpness, price, and what to know before."""

from __future__ import annotations

from bridge.catalog import HERE, Model
from bridge.choose import Chooser
from bridge.engines.base import Limits
from bridge.errors import OverLimit, Unsupported
from bridge.estimate import Better, FinishReply, PlanReply, PlanRequest
from bridge.film.able import cannot, draft_of, price_of_plan, resolved
from bridge.film.plan import plan_of, warnings_of
from bridge.geometry import Box
from bridge.hints import hint_for
from bridge.history import History
from bridge.instead import Need, instead_of
from bridge.money import money
from bridge.plan import TIGHT_HELPERS, Plan, other_tiers
from bridge.spending import Purchase, confirm_of
from bridge.tiles import GAIN
from bridge.title import looks_of
from bridge.told import Told
from bridge.wire import Area, Choice, Instead
from bridge.wishes import said_again

SHARPER = 1.05  # how much sharper a larger size must paint to be worth a word
ENLARGED = 2.0  # model pixels per document pixel from which the artist should know
COARSE = 0.5  # model pixels per document pixel below which a result is no more than a draft
TINY = 48  # px: a selection smaller than this tells a model little
UNSEEN_SHARE = 0.02  # of what is sent: continued by less than this, nobody need know
FULL_SHARPNESS = 0.995  # model pixels per document pixel that nobody can tell from one


def quote(chooser: Chooser, asked: PlanRequest, history: History, told: Told) -> PlanReply:
    """Unsupported when the model cannot take this selection at any size."""
    typed = asked.choice
    said = said_again(history, typed, asked.parent, asked.parent_variant, asked.again)
    said = said.model_copy(update={"tiles": False})  # only a draft is painted so: see quote_finish
    asked = asked.model_copy(update={"choice": said})
    selected = asked.selection is not None
    chosen = chooser.choose(said, selected=selected)
    asked = asked.model_copy(update={"choice": resolved(chosen.model, said)})
    model, limits = chosen.model, chooser.catalog.limits(chosen.model)
    plan = plan_for(chooser, model, asked)
    better = _better(chooser, model, limits, plan, asked)
    able = chooser.able(
        model,
        said,
        selection=asked.selection.box() if asked.selection else None,
        whole=Box.of(asked.document.size()),
    )
    why_not = (
        able.why_not or _too_many(model, limits, said.references) or cannot(model, asked.choice)
    )
    usd = price_of(model, plan, asked)
    over = "" if why_not else _over(chooser, history, model, asked.document.id, usd)
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
        better=better,
        usd=usd,
        price=money(usd),
        button=_button(model, usd),
        usable=not (why_not or over),
        why_not=why_not or over,
        warnings=_said(draft_of(model, plan, said))
        + _warnings(model, limits, plan, asked)
        + _later(chooser, model, plan, better, asked)
        + _flaws(asked),
        film=asked.choice.film,
        looks=len(looks_of(said.prompt)),
        count=count_of(said),
        home=model.home if model.home != HERE else "",
        where=where_of(chooser, model, plan, said.references, ends=_ends(asked.choice)),
        where_new=model.home != HERE and model.home not in told.homes(),
        confirm=confirm_of(history.limits(), usd),
        hint="" if asked.again or model.film else hint_for(typed, selected=selected),
        key=chooser.missing_key(model),
        instead=_instead(chooser, history, model, asked) if why_not else None,
    )


def quote_finish(
    chooser: Chooser, history: History, told: Told, revision: str, number: int, model_id: str
) -> FinishReply:
    """Conflict, Unsupported: it cannot be finished, and why."""
    from bridge.draft import plan_finish  # with the image libraries

    finish = plan_finish(history, chooser, revision, number, model_id)
    model, plan = finish.model, finish.plan
    document = history.revision(revision).document
    over = _over(chooser, history, model, document, finish.usd)
    return FinishReply(
        model=model.id,
        label=model.label,
        limitation=model.limitation,
        seconds=model.typical_seconds,
        send=(plan.send.width, plan.send.height),
        tier=plan.tier,
        percent=_percent(plan),
        sharpness=_sharpness(plan),
        tiles=plan.requests,
        usd=finish.usd,
        price=money(finish.usd),
        button=f"Finish{_in_tiles(plan)}  {money(finish.usd)}",
        usable=not over,
        why_not=over,
        home="" if model.home == HERE else model.home,
        where=where_of(chooser, model, plan, finish.need.references),
        where_new=model.home != HERE and model.home not in told.homes(),
        confirm=confirm_of(history.limits(), finish.usd),
    )


def _in_tiles(plan: Plan) -> str:
    return f" in {plan.requests} tiles" if plan.tiles else ""


def _button(model: Model, usd: float) -> str:
    word = "Revise" if model.film is None else "Animate"
    return f"{word}, free" if usd <= 0 else f"{word}  {money(usd)}"


def where_of(
    chooser: Chooser, model: Model, plan: Plan, references: int, *, ends: bool = False
) -> str:
    """What goes where, in a sentence; "" when it stays on this machine. ends: a last frame, too."""
    if model.home == HERE:
        return ""
    home = chooser.catalog.home(model)
    size = plan.export.size
    more = ["a last frame"] if ends else []
    if references:
        more.append(f"{references} reference{'s' * (references > 1)}")
    host = chooser.own_address(model)
    by = f", by {host} as you set it" if host else ""
    with_them = f" with {' and '.join(more)}" if more else ""
    return (
        f"This box, {size} px,{with_them} goes to {home.goes_to}{by}. There: {home.stays}. "
        f"Used for training: {home.training}."
    )


def _over(chooser: Chooser, history: History, model: Model, document: str, usd: float) -> str:
    where = chooser.catalog.home(model).label
    try:
        history.check_limits(Purchase(document, model.home, usd, where))
    except OverLimit as exc:
        return exc.sentence
    return ""


def count_of(choice: Choice) -> int:
    """Pictures in all."""
    return len(looks_of(choice.prompt)) * choice.variants


def _instead(
    chooser: Chooser, history: History, model: Model, asked: PlanRequest
) -> Instead | None:
    selection = asked.selection.box() if asked.selection else None
    choice = asked.choice
    need = Need(asked.document.size(), selection, choice, choice.references, count_of(choice))
    gone = chooser.alive(model).state == "gone"
    code = "model_gone" if gone else "key_missing" if chooser.missing_key(model) else ""
    other = instead_of(chooser, model, code, need)
    if other is None:
        return None
    return other.model_copy(update={"confirm": confirm_of(history.limits(), other.usd)})


def plan_for(chooser: Chooser, model: Model, asked: PlanRequest, tier: str | None = None) -> Plan:
    """tier: another than the one asked for."""
    selection = asked.selection.box() if asked.selection else None
    wanted = asked.choice.tier if tier is None else tier
    limits = chooser.catalog.limits(model)
    return plan_of(model, limits, asked.document.size(), selection, asked.choice, wanted)


def price_of(model: Model, plan: Plan, asked: PlanRequest) -> float:
    """USD of all looks and variants together."""
    one = price_of_plan(model, plan, asked.choice.references, asked.choice)
    return round(one * count_of(asked.choice), 6)


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
    selection = asked.selection.box() if asked.selection else Box.of(asked.document.size())
    if model.film is not None:
        return warnings_of(model, plan, selection, asked.choice)
    found = []
    if min(selection.width, selection.height) < TINY:
        found.append(
            f"This is very small ({selection.size} px); {model.label} has little to go by."
        )
    if 1 - plan.export.size.pixels / plan.box.size.pixels > UNSEEN_SHARE:
        found.append(_continued(model, plan))
    if plan.scale > ENLARGED and asked.choice.helper not in TIGHT_HELPERS:
        found.append(f"{model.label} takes nothing smaller: the picture is enlarged for it.")
    return tuple(found)


def _later(
    chooser: Chooser, model: Model, plan: Plan, better: Better | None, asked: PlanRequest
) -> tuple[str, ...]:
    """How a result that is far from sharp can be made so afterwards, where no larger size does."""
    if model.film is not None or max(plan.scale, better.percent / 100 if better else 0) >= COARSE:
        return ()
    from bridge.draft import finish_for  # with numpy, only for what is large

    selection = asked.selection.box() if asked.selection else None
    size, references = asked.document.size(), asked.choice.references
    need = Need(size, selection, asked.choice, references, 1, plan.export)
    try:
        finish = finish_for(chooser, need)
    except Unsupported:
        return ()
    if finish.plan.scale < max(plan.scale * GAIN, COARSE):
        return ()
    return (
        "This is large for one request. Finish can paint the result out at "
        f"{_percent(finish.plan)} %{_in_tiles(finish.plan)}, for {money(finish.usd)}.",
    )


def _continued(model: Model, plan: Plan) -> str:
    across, down = plan.box.width - plan.export.width, plan.box.height - plan.export.height
    where, edge = ("left and right", across) if across else ("top and bottom", down)
    return (
        f"{model.label} paints no picture of this shape: {where} it is continued by {edge} px in "
        "all, and cut back afterwards."
    )


def _said(sentence: str) -> tuple[str, ...]:
    return (sentence,) if sentence else ()


def _ends(choice: Choice) -> bool:
    return choice.film is not None and choice.film.last_frame


def _too_many(model: Model, limits: Limits, references: int) -> str:
    if references <= limits.references:
        return ""
    return (
        f"{model.label} takes {limits.references or 'no'} references; {references} are chosen. "
        "Take some away, or choose another model."
    )


def _flaws(asked: PlanRequest) -> tuple[str, ...]:
    if asked.sample is None:
        return ()
    from bridge.flaws import flaws_of  # with the image libraries, only when there are pixels

    return flaws_of(asked.sample)
