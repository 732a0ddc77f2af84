"""Which model, when the artist named none; and what it can do today."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from bridge.catalog import Catalog, Model, Purpose
from bridge.engines.verbs import understand
from bridge.errors import BridgeError
from bridge.wire import Choice

WITH_SELECTION = "precise"
WITHOUT_SELECTION = "fast"


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
    """key_there: whether a key of this name is at hand. today: the date models are judged by."""

    def __init__(
        self,
        catalog: Catalog,
        key_name: Callable[[str], str],
        key_there: Callable[[str], bool],
        today: Callable[[], date] = date.today,
    ) -> None:
        self.catalog = catalog
        self._key_name = key_name
        self._key_there = key_there
        self._today = today

    def usable(self, model: Model) -> Usable:
        """A model of unclear fate may be tried; one that is gone may not."""
        alive = self.catalog.alive(model, self._today())
        if alive.state == "gone":
            return Usable(alive.sentence)
        name = self._key_name(model.engine)
        if name and not self._key_there(name):
            home = self.catalog.home(model).label
            return Usable(f"{model.label} needs a key for {home}; add one under Keys.")
        return Usable("")

    def choose(self, choice: Choice, *, selected: bool) -> Chosen:
        """The model named, else the best usable one for the purpose, else a built-in one.

        NotFound when the artist named one that does not exist.
        """
        if choice.model:
            model = self.catalog.model(choice.model)
            usual = model.purposes[0] if model.purposes else ""
            return Chosen(model, choice.purpose or usual, "")
        purpose_id = choice.purpose or (WITH_SELECTION if selected else WITHOUT_SELECTION)
        purpose = next((one for one in self.catalog.purposes if one.id == purpose_id), None)
        for model in self._in_order(purpose):
            if self.usable(model):
                said = purpose.label if purpose else purpose_id
                return Chosen(model, purpose_id, f"The best you have for {said.lower()}.")
        return self._built_in(choice, purpose_id)

    def _in_order(self, purpose: Purpose | None) -> list[Model]:
        named = [self.catalog.model(id) for id in purpose.order] if purpose else []
        return [model for model in named if self._key_name(model.engine)]

    def _built_in(self, choice: Choice, purpose: str) -> Chosen:
        """What the words ask for; Fill when they ask for nothing a built-in engine can do."""
        try:
            engine = understand(choice.prompt, choice.helper, dict(choice.options)).engine
        except BridgeError:
            engine = "fill"
        return Chosen(self.catalog.model(engine), purpose, "Built in: free, and nothing leaves.")
