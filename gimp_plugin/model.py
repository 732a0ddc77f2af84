"""Who does it: a purpose, a model, its typical time, and its limitation in our words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gi.repository import GLib, Gtk

from .widgets import GAP, chosen, combo, label, put, refill, row, spoken


class Model(Gtk.Box):
    """changed: another purpose or model was chosen."""

    def __init__(self, changed: Callable[[], None]) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=GAP)
        self.models: Mapping[str, Mapping[str, Any]] = {}
        self.words: Mapping[str, str] = {}
        self._quiet = False
        self._changed_to = changed
        self.purpose = combo("purpose", self._changed)
        self.model = combo("model", self._changed)
        self.facts = label("facts", dim=True)
        self.warning = label("warning")
        self.warning.set_no_show_all(True)
        both = row(self.purpose, self.model, even=True)
        for part in (both, self.facts, self.warning):
            self.pack_start(part, False, True, 0)

    def greet(self, hello: Mapping[str, Any]) -> None:
        self.words = words = hello["words"]
        self.models = {model["id"]: model for model in hello["models"]}
        self._quiet = True
        purposes = [(one["id"], one["label"]) for one in hello["purposes"]]
        models = [
            (one["id"], one["label"] if one["usable"] else f"{one['label']} …")
            for one in hello["models"]
        ]
        refill(self.purpose, [("", words["auto"]), *purposes])
        refill(self.model, [("", words["auto"]), *models])
        self._quiet = False

    def choice(self) -> dict[str, Any]:
        return {"model": chosen(self.model), "purpose": chosen(self.purpose)}

    def choose(self, id: str, purpose: str | None = None) -> None:
        """purpose: None = as it is."""
        self.model.set_active_id(id)
        if purpose is not None:
            self.purpose.set_active_id(purpose)

    def known(self, id: str) -> Mapping[str, Any]:
        """What hello said of a model; {} for one it did not name."""
        return self.models.get(id, {})

    def plan(self, plan: Mapping[str, Any]) -> None:
        """What would be taken, also when the choice was left to the bridge."""
        named = f"<b>{GLib.markup_escape_text(plan['label'])}</b>, about {plan['seconds']:.0f} s"
        says = f"{named}\n{GLib.markup_escape_text(plan['limitation'])}"
        if self.facts.get_label() != says:
            self.facts.set_markup(says)
        known = self.known(plan["model"])
        self.facts.set_tooltip_text(_tip(known) if known else plan["limitation"])
        spoken(self.purpose, plan["why"] or self.words["purpose_tip"])
        spoken(self.model, f"{plan['label']}: {plan['limitation']}")
        # What keeps it from going is said by the report line, with a way out.
        self.warn(" ".join(filter(None, [*plan["warnings"], plan["hint"]])))

    def warn(self, sentence: str) -> None:
        put(self.warning, sentence)
        self.warning.set_visible(bool(sentence))

    def _changed(self) -> None:
        if not self._quiet:
            self._changed_to()


def _tip(model: Mapping[str, Any]) -> str:
    said = [f"+ {model['strength']}", f"− {model['limitation']}", model["price"]]
    lines = [*said, model["alive_sentence"], model["why_not"], model["goes_to"]]
    return "\n".join(filter(None, lines))
