"""The window's widgets and nothing else: what they say comes from the bridge."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from gi.repository import Gtk

from . import extras
from .extras import Extras
from .go import Go
from .head import Head
from .model import Model
from .more import More, Settles
from .moves import Moves
from .strip import Decides, Strip
from .widgets import GAP, chosen
from .wish import Wish


class Owner(Decides, Settles, Protocol):
    """What the artist does to the panel."""

    def revise(self) -> None: ...
    def cancel(self) -> None: ...
    def recall(self, revision: str) -> None: ...


class Panel(Gtk.Box):
    """beside: who minds references and protection. layers: those that a film can end on."""

    def __init__(
        self,
        owner: Owner,
        beside: Callable[[], extras.Beside],
        layers: Callable[[], Sequence[tuple[str, str]]],
    ) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=GAP, border_width=2 * GAP)
        self.words: Mapping[str, str] = {}
        self.references = 0  # how many go with the wish
        self._below = False
        self._layer = ""
        self.more, self.strip = More(owner), Strip(owner)
        self.head = Head(self._better, owner.recall)
        self.wish = Wish(owner.changed, lambda: self.go.entered())
        self.extras, self.model = Extras(owner.changed, beside), Model(owner.changed)
        self.moves = Moves(owner.changed, layers)
        self.go = Go(owner.changed, owner.revise, owner.cancel)
        self.chosen = (
            self.head, self.more, self.wish, self.extras, self.model, self.moves, self.go,
        )  # fmt: skip
        above = [part for part in self.chosen if part is not self.more]
        for part in (*above, self.strip, self.more):
            self.pack_start(part, False, False, 0)
        self.more.set_margin_top(GAP)
        self.show_all()
        self.more.hide()
        self.strip.empty()
        self.head.more.connect("toggled", lambda one: self.more.set_visible(one.get_active()))
        self.let(False)

    def let(self, whole: bool) -> None:
        """Whether anything but the report can be used."""
        for part in self.chosen:
            part.set_sensitive(whole)

    def greet(self, hello: Mapping[str, Any]) -> None:
        """Fills in everything that the bridge decides; keeps what the artist has typed."""
        self.words = hello["words"]
        self.head.greet(self.words)
        self.strip.greet(self.words)
        for part in (self.more, self.wish, self.extras, self.model, self.moves, self.go):
            part.greet(hello)
        self.let(True)

    def choice(self) -> dict[str, Any]:
        """As the bridge takes it."""
        model = self.model.choice()
        self.moves.fit(self.model.known(model["model"]))
        return {
            **self.wish.choice(),
            **model,
            "keep": self.extras.kept(),
            "variants": self.go.variants.get_value_as_int(),
            "tier": chosen(self._size()),
            "references": self.references,
            "film": self.moves.choice(),
        }

    def source(self) -> str:
        return self.more.source.get_active_id() or "layer"

    def move_source(self, below: bool, layer: str) -> None:
        """To this layer and below, and back. The artist's word stays, for as long as it is about

        the same layer. layer: unique to it.
        """
        if below != self._below or (below and layer != self._layer):
            self.more.choose_source("below" if below else "layer")
        self._below, self._layer = below, layer

    def plan(self, plan: Mapping[str, Any], *, selected: bool) -> None:
        """What the bridge says of the present choice."""
        known = self.model.known(plan["model"])
        self.head.sharp(plan)
        self.model.plan(plan)
        self.extras.keepable(known["keep"] if known else ())
        self.moves.show_for(known, selected=selected)
        filmed = self.moves.get_visible()  # a film has its size beside its length
        self.more.sizes(known["tiers"] if known and not filmed else ())
        tip = plan["why_not"] or plan["why"] or self.words["prompt_tip"]
        self.go.plan(plan["button"], plan["usable"], tip)

    def cannot(self, sentence: str) -> None:
        """Nothing can be revised now, and why."""
        self.model.warn(sentence)
        self.go.forbid(sentence)

    def _better(self, tier: str) -> None:
        self._size().set_active_id(tier)

    def _size(self) -> Gtk.ComboBoxText:
        """Where it is chosen now."""
        return self.moves.size if self.moves.get_visible() else self.more.tier
