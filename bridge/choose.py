"""Which model, when the artist named none; and what it can do today."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from bridge.catalog import Alive, Catalog, Model, Purpose, State
from bridge.engines.base import Engine, Wish
from bridge.engines.verbs import understand
from bridge.errors import BadRequest, BridgeError
from bridge.film.able import price_shown, suits
from bridge.geometry import Box
from bridge.live import Answers, standing_of
from bridge.title import looks_of
from bridge.wire import Choice

NOTHING_SAID = Choice()
WITH_SELECTION = "precise"
WITHOUT_SELECTION = "fast"
LIVELIEST: tuple[State, ...] = ("alive", "deprecated", "unclear", "gone")


@dataclass(frozen=True, slots=True)
class Usable:
    """why_not: a sentence that says what to do; "" when it is usable."""

    why_not: str

    def __bool__(self) -> bool:
        return not self.why_not


@dataclass(frozen=True, slots=True)
class Chosen:
    """why: one line for the artist that says why this model."""

    model: Model
    purpose: str
    why: str


class Chooser:
    """engine_of: raises BadRequest for a name that leads nowhere. key_there: whether a key of

    this name is at hand. today: the date models are judged by. answers: what providers said last.
    """

    def __init__(
        self,
        catalog: Catalog,
        engine_of: Callable[[str], Engine],
        key_there: Callable[[str], bool],
        today: Callable[[], date] = date.today,
        answers: Callable[[], Answers] = dict,
    ) -> None:
        self.catalog = catalog
        self.engine_of = engine_of
        self._key_there = key_there
        self.today = today
        self._answers = answers

    def usable(self, model: Model) -> Usable:
        """Whether one of its routes is. A model of unclear fate may be tried; one that is gone

        may not.
        """
        return self._usable(self.routed(model))

    def routed(self, model: Model, engine: str = "", choice: Choice = NOTHING_SAID) -> Model:
        """By the route the artist's keys allow: what can do this, alive, the cheapest, as listed.

        By its first route when no key does. `engine`: by this one, whatever the keys say.
        """
        if engine or len(model.routes) == 1:
            return model.by(engine or model.engine)
        ways = [model.by(route.engine) for route in model.routes]
        open_ways = [way for way in ways if self._usable(way)]
        return min(open_ways, key=lambda way: self._rank(way, choice)) if open_ways else ways[0]

    def alive(self, model: Model) -> Alive:
        """What is known of whether it answers; where the artist said whom to ask, nobody knows."""
        alive = self.catalog.alive(model, self.today())
        if alive.state == "alive":
            return alive
        try:
            elsewhere = self.engine_of(model.engine).elsewhere
        except BadRequest:
            return alive
        if not elsewhere:
            return alive
        return Alive("unclear", f"{model.label} is asked where you said; it may answer there.")

    def own_address(self, model: Model) -> str:
        """The host where the artist has it asked; "" for its maker's usual one."""
        try:
            engine = self.engine_of(model.engine)
        except BadRequest:
            return ""
        return engine.host if engine.base != engine.usual_base else ""

    def _rank(self, way: Model, choice: Choice) -> tuple[bool, int, float]:
        state, limits = self.alive(way).state, self.catalog.limits(way)
        able = suits(way, limits, choice)
        return not able, LIVELIEST.index(state), price_shown(way, limits, choice)

    def _usable(self, model: Model) -> Usable:
        alive = self.alive(model)
        if alive.state == "gone":
            return Usable(alive.sentence)
        try:
            engine = self.engine_of(model.engine)
        except BadRequest as exc:
            return Usable(exc.sentence)
        if engine.unready:
            return Usable(engine.unready)
        name = engine.key_name
        if name and not self._key_there(name):
            home = self.catalog.home(model).label
            return Usable(f"{model.label} needs a key for {home}; add one under Keys.")
        return Usable("")

    def listed(self, model: Model) -> bool:
        """Unless its provider left it out when asked last; it may still be chosen by hand."""
        return standing_of(model, self._answers()) != "no"

    def missing_key(self, model: Model) -> str:
        """The name of the key that stands between the artist and this model; "" when none does."""
        try:
            name = self.engine_of(model.engine).key_name
        except BadRequest:
            return ""
        return "" if not name or self._key_there(name) else name

    def able(self, model: Model, choice: Choice, *, selection: Box | None, whole: Box) -> Usable:
        """Whether it can be used for this wish and this selection in `whole`, too."""
        usable = self.usable(model)
        if not usable:
            return usable
        wish = Wish(choice.prompt, choice.helper, choice.how_far, choice.keep, choice.options)
        engine, facts = self.engine_of(model.engine), self.catalog.facts(model)
        return Usable(engine.objection(wish, selection=selection, whole=whole, facts=facts))

    def choose(self, choice: Choice, *, selected: bool) -> Chosen:
        """The model named, else the best usable one for the purpose, else a built-in one.

        NotFound when the artist named one that does not exist.
        """
        if choice.model:
            model = self.routed(self.catalog.model(choice.model), choice.route, choice)
            usual = model.purposes[0] if model.purposes else ""
            return Chosen(model, choice.purpose or usual, "")
        purpose_id = choice.purpose or (WITH_SELECTION if selected else WITHOUT_SELECTION)
        purpose = next((one for one in self.catalog.purposes if one.id == purpose_id), None)
        best = self.for_purpose(purpose, choice) if purpose else None
        if best is not None and self.engine_of(best.model.engine).key_name:
            return best
        return self._built_in(choice, purpose_id)

    def for_purpose(self, purpose: Purpose, choice: Choice = NOTHING_SAID) -> Chosen | None:
        """The best model that can be used today; None when there is none."""
        for id in purpose.order:
            model = self.routed(self.catalog.model(id), choice=choice)
            if self._usable(model) and self.listed(model):
                return Chosen(model, purpose.id, f"The best you have for {purpose.label.lower()}.")
        return None

    def _built_in(self, choice: Choice, purpose: str) -> Chosen:
        """What the words ask for; Fill when they ask for nothing a built-in engine can do."""
        try:
            engine = understand(looks_of(choice.prompt)[0], choice.helper).engine
        except BridgeError:
            engine = "fill"
        return Chosen(self.catalog.model(engine), purpose, "Built in: free, and nothing leaves.")
