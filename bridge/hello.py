"""What a plug-in learns first: the models as they are today, and the panel in words.

Plug-ins hold no model name, price, limit or wording; all of it comes from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bridge import __version__
from bridge.catalog import HERE, Model, Purpose
from bridge.choose import Chooser
from bridge.errors import BadRequest
from bridge.live import Answers, Heard, standing_of
from bridge.money import money
from bridge.panel import Helper, Option, panel
from bridge.plan import other_tiers
from bridge.spending import SpendingLimits
from bridge.wire import MAX_GROWN, MAX_VARIANTS, WIRE, Message


class PurposeReply(Message):
    """model: the one it preselects today, "" when none can be used; why: one line."""

    id: str
    label: str
    model: str
    why: str


class FilmOffer(Message):
    """What a film of this model can be. audio: "always", "choice" or "never"."""

    seconds: tuple[int, ...]
    audio: str
    last_frame: bool
    negative: bool


class ModelReply(Message):
    """price: the least one picture costs, in words. key: the name of the key it needs, or "".

    told: whether the artist has read what goes to its home. keep: ids of the keep-constraints
    that have a meaning for it; the others are greyed out. live: whether its provider listed it
    when it was asked last; "" = it was not asked, or lists nothing. under_way: what becomes of an
    answer that is being made when the bridge ends meanwhile.
    """

    id: str
    label: str
    maker: str
    purposes: tuple[str, ...]
    strength: str
    limitation: str
    seconds: float
    hosted: bool
    goes_to: str
    stays: str
    watermark: str
    references: int
    mask: bool
    seed: bool
    tiers: tuple[str, ...]
    price: str
    alive: str
    alive_sentence: str
    usable: bool
    why_not: str
    key: str
    home: str = ""
    told: bool = True
    live: Literal["", "yes", "no"] = ""
    keep: tuple[str, ...] = ()
    film: FilmOffer | None = None  # None = it makes pictures
    under_way: str = ""


class Spent(Message):
    """USD, by the clock of this machine. providers: this month, by the homes of models."""

    day: float
    month: float
    providers: Mapping[str, float] = {}


@dataclass(frozen=True, slots=True)
class Standing:
    """What the artist has set and been told of, and what providers said last."""

    limits: SpendingLimits = field(default_factory=SpendingLimits)
    told: frozenset[str] = frozenset()
    heard: Answers = field(default_factory=dict)


NOTHING_SET = Standing()


class Most(Message):
    """What can be asked for. grown_px: by how much an edge may grow or be soft."""

    variants: int = MAX_VARIANTS
    grown_px: int = MAX_GROWN


class Hello(Message):
    wire: int
    version: str
    words: dict[str, str]
    helpers: tuple[Helper, ...]
    how_far: tuple[Option, ...]
    keep: tuple[Option, ...]
    sources: tuple[Option, ...]
    purposes: tuple[PurposeReply, ...]
    models: tuple[ModelReply, ...]
    spent: Spent
    limits: SpendingLimits = SpendingLimits()
    heard: tuple[Heard, ...] = ()
    most: Most = Most()
    wishes: tuple[Option, ...] = ()  # what a result can be shown as; ids as in EdgeChoice


def hello(chooser: Chooser, spent: Spent, standing: Standing = NOTHING_SET) -> Hello:
    shown = panel()
    return Hello(
        wire=WIRE,
        version=__version__,
        words=shown.words,
        helpers=shown.helpers,
        how_far=shown.how_far,
        keep=shown.keep,
        sources=shown.sources,
        purposes=tuple(_purpose(chooser, one) for one in chooser.catalog.purposes if one.order),
        models=tuple(model_reply(chooser, one, standing) for one in chooser.catalog.models),
        spent=spent,
        limits=standing.limits,
        heard=tuple(standing.heard.values()),
        wishes=shown.wishes,
    )


def model_reply(chooser: Chooser, model: Model, standing: Standing = NOTHING_SET) -> ModelReply:
    """As it is by the route that the artist's keys lead to."""
    model = chooser.routed(model)
    home = chooser.catalog.home(model)
    alive = chooser.alive(model)
    limits = chooser.catalog.limits(model)
    usable = chooser.usable(model)
    return ModelReply(
        id=model.id,
        label=model.label,
        maker=model.maker,
        purposes=model.purposes,
        strength=model.strength,
        limitation=model.limitation,
        seconds=model.typical_seconds,
        hosted=model.home != HERE,
        goes_to=home.goes_to,
        stays=home.stays,
        watermark=model.watermark,
        references=limits.references,
        mask=limits.mask,
        seed=limits.seed,
        tiers=other_tiers(limits, ""),
        price=_least(model),
        alive=alive.state,
        alive_sentence=alive.sentence,
        usable=bool(usable),
        why_not=usable.why_not,
        key=_key_name(chooser, model),
        live=standing_of(model, standing.heard),
        home=model.home,
        told=model.home == HERE or model.home in standing.told,
        keep=tuple(one.id for one in panel().keep) if _keeps(chooser, model) else (),
        film=_film(model),
        under_way=chooser.catalog.under_way.get(model.engine, ""),
    )


def _film(model: Model) -> FilmOffer | None:
    able = model.film
    if able is None:
        return None
    return FilmOffer(
        seconds=tuple(sorted(able.seconds)),
        audio=able.audio,
        last_frame=able.last_frame,
        negative=able.negative,
    )


def _purpose(chooser: Chooser, purpose: Purpose) -> PurposeReply:
    chosen = chooser.for_purpose(purpose)
    if chosen is None:
        return PurposeReply(id=purpose.id, label=purpose.label, model="", why="")
    return PurposeReply(id=purpose.id, label=purpose.label, model=chosen.model.id, why=chosen.why)


def _key_name(chooser: Chooser, model: Model) -> str:
    try:
        return chooser.engine_of(model.engine).key_name
    except BadRequest:  # an engine that is not installed: `usable` says so
        return ""


def _keeps(chooser: Chooser, model: Model) -> bool:
    try:
        return chooser.engine_of(model.engine).keeps
    except BadRequest:
        return False


def _least(model: Model) -> str:
    least = min(rate.usd for rate in model.price.rates)
    if least <= 0:
        return "free"
    each = money(least) if model.film is None else f"{money(least)} a second"
    return f"from {each}" if len(model.price.rates) > 1 else each
