"""What is hidden under …: how the result meets the picture, and the seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gi.repository import Gtk

from .widgets import GAP, check, entry, label, row, spin, spoken

MOST_GROWN = 500  # px


class More(Gtk.Box):
    def __init__(self) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=GAP)
        self.whole, self.outline = check("whole"), check("outline")
        self.grow = spin("grow", 0, MOST_GROWN)
        self.feather, self.seed = entry("feather"), entry("seed")
        self._labels = {word: label(f"{word}_label") for word in ("grow", "feather", "seed")}
        for part in (
            self.whole,
            self.outline,
            *(
                row(one, widget, grow=one)
                for one, widget in zip(
                    self._labels.values(), (self.grow, self.feather, self.seed), strict=True
                )
            ),
        ):
            self.pack_start(part, False, True, 0)

    def greet(self, words: Mapping[str, str]) -> None:
        for word, widget in (
            ("whole", self.whole), ("outline", self.outline), ("grow", self.grow),
            ("feather", self.feather), ("seed", self.seed),
        ):  # fmt: skip
            spoken(widget, words[f"{word}_tip"])
        for one in (self.whole, self.outline):
            one.set_label(words[one.get_name()])
        for word, text in self._labels.items():
            text.set_text(words[word])
        self.feather.set_placeholder_text(words["auto"])

    def edge(self) -> dict[str, Any]:
        return {
            "grow_px": self.grow.get_value_as_int(),
            "feather_px": _number(self.feather, MOST_GROWN),
            "whole": self.whole.get_active(),
            "outline": self.outline.get_active(),
        }

    def seeded(self) -> int | None:
        """None when none was typed."""
        return _number(self.seed)


def _number(field: Gtk.Entry, most: int | None = None) -> int | None:
    """None when no number was typed, or one that is too large."""
    typed = field.get_text().strip()
    number = int(typed) if typed.isdecimal() else None
    return None if number is None or (most is not None and number > most) else number
