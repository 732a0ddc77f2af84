"""The next able model with the same input: who else could do it today, and for what price."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bridge.catalog import Model
from bridge.choose import Chooser
from bridge.errors import Unsupported
from bridge.film.able import cannot, nearest, price_of_plan
from bridge.film.plan import plan_of
from bridge.geometry import Box, Size
from bridge.money import money
from bridge.plan import Plan
from bridge.wire import Choice, Instead

# What stands between the artist and a provider, whichever of its models is asked.
OF_THE_PROVIDER = frozenset({"key_missing", "key_wrong", "no_credit", "unreachable", "too_many"})


@dataclass(frozen=True, slots=True)
class Need:
    """The input that another model would be given. within: what there is of the document in

    pixels, when not all of it is at hand. references: pictures besides the one that is revised.
    count: pictures that are asked for.
    """

    document: Size
    selection: Box | None
    choice: Choice
    references: int
    count: int
    within: Box | None = None

    @property
    def whole(self) -> Box:
        return self.within or Box.of(self.document)


def instead_of(chooser: Chooser, failed: Model, code: str, need: Need) -> Instead | None:
    """None when no other model can do this today. code: of the refusal."""
    for model in _candidates(chooser, failed, code, need.choice):
        plan = plan_by(chooser, model, need)
        if plan is None:
            continue
        choice = nearest(model, chooser.catalog.limits(model), need.choice)
        usd = price_of_plan(model, plan, need.references, choice) * need.count
        button = f"{model.label} instead, {money(usd)}"
        return Instead(model=model.id, label=model.label, usd=usd, button=button)
    return None


def plan_by(chooser: Chooser, model: Model, need: Need) -> Plan | None:
    """None when this model cannot do it."""
    tier = need.choice.tier if need.choice.film else ""
    choice = need.choice.model_copy(update={"model": model.id, "route": "", "tier": tier})
    if not chooser.listed(model):
        return None
    if not chooser.able(model, choice, selection=need.selection, whole=need.whole):
        return None
    if (model.film is None) != (need.choice.film is None):
        return None
    limits = chooser.catalog.limits(model)
    if need.references > limits.references or cannot(model, choice):
        return None
    try:
        where, choice = (need.document, need.selection), nearest(model, limits, choice)
        return plan_of(model, limits, *where, choice, choice.tier, need.within)
    except Unsupported:
        return None


def _candidates(chooser: Chooser, failed: Model, code: str, choice: Choice) -> Iterator[Model]:
    """Its successor when it is gone; then other providers before the same one, as the purposes

    order them.
    """
    own = chooser.catalog.home(failed).label
    if code == "model_gone" and failed.successor:
        yield chooser.routed(chooser.catalog.model(failed.successor))
    others = [chooser.routed(model) for model in _by_purpose(chooser, failed, choice)]
    yield from (model for model in others if chooser.catalog.home(model).label != own)
    if code not in OF_THE_PROVIDER:
        yield from (model for model in others if chooser.catalog.home(model).label == own)


def _by_purpose(chooser: Chooser, failed: Model, choice: Choice) -> Iterator[Model]:
    """Every other model of its kind once: those of the wished purpose first."""
    catalog = chooser.catalog
    wished = [choice.purpose, *failed.purposes]
    purposes = sorted(
        catalog.purposes, key=lambda one: wished.index(one.id) if one.id in wished else len(wished)
    )
    named = [id for purpose in purposes for id in purpose.order]
    ids = dict.fromkeys([*named, *(model.id for model in catalog.models)])
    for id in ids:
        model = catalog.model(id)
        if id != failed.id and (model.film is None) == (failed.film is None):
            yield model
