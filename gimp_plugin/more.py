"""What is hidden under …: source, size, seed, the edge of the result, keys, the spending limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from gi.repository import Gtk

from .widgets import (
    GAP,
    Menu,
    button,
    check,
    chosen,
    combo,
    entry,
    label,
    refill,
    say,
    spin,
    spoken,
)

TYPED = 100_000  # USD, as far as a spin button goes
SUMS = {  # by the word for it: what the bridge calls it
    "limit_picture": "picture",
    "limit_day": "day",
    "limit": "month",
    "second_click": "second_click",
}


class Settles(Protocol):
    """What the artist does here."""

    def changed(self) -> None: ...
    def edged(self) -> None: ...
    def key(self, name: str) -> None: ...
    def limited(self) -> None: ...


class More(Gtk.Grid):
    def __init__(self, owner: Settles) -> None:
        super().__init__(row_spacing=GAP, column_spacing=GAP)
        self.owner = owner
        self.words: Mapping[str, str] = {}
        self._quiet = False
        self._limits: Mapping[str, Any] = {}
        self._most = 0
        self._tiers: Sequence[str] = ()
        self.source, self.tier = combo("source", self._changed), combo("tier", self._changed)
        self.seed, self.feather = entry("seed"), entry("feather")
        self.grow = spin("grow", 0, 1)
        self.wish = combo("wish", self._wished)
        self.sums = {name: spin(name, 0, TYPED, 0.05, 2) for name in SUMS}
        self.whole, self.outline = check("whole"), check("outline")
        self.apply = button("apply", owner.edged)
        self.apply.set_no_show_all(True)
        self.keys = Menu("keys", lambda id, _: owner.key(id), checks=False)
        for box in self.sums.values():
            box.set_numeric(False)
            box.connect("output", self._nothing_is_a_word)
            box.connect("value-changed", lambda _: self._quiet or owner.limited())
        self._rows = (
            ("source", self.source), ("size", self.tier), ("seed", self.seed), ("grow", self.grow),
            ("feather", self.feather), ("wish", self.wish), *self.sums.items(),
        )  # fmt: skip
        self._alone = (
            ("whole", self.whole), ("outline", self.outline), ("apply", self.apply),
            ("keys", self.keys),
        )  # fmt: skip
        self._labels: dict[str, Gtk.Label] = {}
        for at, (word, widget) in enumerate(self._rows):
            self._labels[word] = label(f"{word}_label")
            widget.set_hexpand(True)
            self.attach(self._labels[word], 0, at, 1, 1)
            self.attach(widget, 1, at, 1, 1)
        for at, (_, widget) in enumerate(self._alone, len(self._rows)):
            self.attach(widget, 0, at, 2, 1)

    def greet(self, hello: Mapping[str, Any]) -> None:
        self.words = words = hello["words"]
        self._quiet = True
        for word, widget in (*self._rows, *self._alone):
            spoken(widget, words[f"{word}_tip"])
        for word, text in self._labels.items():
            text.set_text(words[word])
        for word, one in self._alone:
            say(one, words[word])
        self.feather.set_placeholder_text(words["auto"])
        self._most = hello["most"]["grown_px"]
        self.grow.set_range(0, self._most)
        self._limits = hello["limits"]
        for name, box in self.sums.items():
            box.set_value(self._limits[SUMS[name]] or 0)
            box.update()
        # One line for each key that some model needs, by where its pictures go.
        keys = {one["key"]: one["goes_to"] for one in hello["models"] if one["key"]}
        self.keys.fill([(name, goes_to, words["keys_tip"]) for name, goes_to in keys.items()])
        refill(self.source, [(one["id"], one["label"]) for one in hello["sources"]])
        refill(self.wish, [(one["id"], one["label"]) for one in hello["wishes"]])
        if not self._tiers:
            refill(self.tier, [("", words["auto"])])
        self._quiet = False

    def sizes(self, tiers: Sequence[str]) -> None:
        """Those that the model offers by name."""
        if list(tiers) != list(self._tiers):
            self._tiers = tuple(tiers)
            self._quiet = True
            refill(self.tier, [("", self.words["auto"]), *((one, one) for one in tiers)])
            self._quiet = False
        self.tier.set_sensitive(bool(tiers))

    def choose_source(self, id: str) -> None:
        self.source.set_active_id(id)

    def limits(self) -> dict[str, Any]:
        """The whole of what may be spent, as the bridge takes it; what is not shown stays."""
        typed = {SUMS[name]: box.get_value() or None for name, box in self.sums.items()}
        return {**self._limits, **typed}

    def edge(self) -> dict[str, Any]:
        return {
            "grow_px": self.grow.get_value_as_int(),
            "feather_px": _number(self.feather, self._most),
            "whole": self.whole.get_active(),
            "outline": self.outline.get_active(),
            "wish": chosen(self.wish),
        }

    def seeded(self) -> dict[str, int]:
        """The seed as a revision states it; nothing when none was typed."""
        seed = _number(self.seed)
        return {} if seed is None else {"seed": seed}

    def _nothing_is_a_word(self, box: Gtk.SpinButton) -> bool:
        if box.get_value() or not self.words:
            return False
        if box.get_text() != self.words["no_limit"]:
            box.set_text(self.words["no_limit"])
        return True

    def _changed(self) -> None:
        if not self._quiet:
            self.owner.changed()

    def _wished(self) -> None:
        if not self._quiet:
            self.owner.edged()


def _number(field: Gtk.Entry, most: int | None = None) -> int | None:
    """None when no number was typed, or one that is too large."""
    typed = field.get_text().strip()
    number = int(typed) if typed.isdecimal() else None
    return None if number is None or (most is not None and number > most) else number
