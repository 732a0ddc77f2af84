"""What goes with the wish: references, what must stay, what no revision may touch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from gi.repository import Gtk

from .widgets import Menu, say, spoken


class Beside(Protocol):
    """Who minds references and protection."""

    def fill(self) -> None: ...
    def pick(self, kind: str, place: str) -> None: ...
    def drop(self, at: int) -> None: ...
    def pin(self, wanted: bool) -> None: ...
    def protect(self, what: str) -> None: ...


class Extras(Gtk.Box):
    """changed: another thing must stay."""

    def __init__(self, changed: Callable[[], None], beside: Callable[[], Beside]) -> None:
        super().__init__(orientation=Gtk.Orientation.HORIZONTAL, spacing=2, homogeneous=True)
        self.words: Mapping[str, str] = {}
        self._changed, self.beside = changed, beside
        self.reference = Menu("reference", self._chosen, checks=False)
        self.reference.before_opening(lambda: beside().fill())
        self.keep_menu = Menu("keep_what", lambda *_: self._kept(), checks=True)
        self.guard_menu = Menu("protect", lambda id, _: beside().protect(id), checks=False)
        for one in (self.reference, self.keep_menu, self.guard_menu):
            self.pack_start(one, True, True, 0)

    def greet(self, hello: Mapping[str, Any]) -> None:
        self.words = words = hello["words"]
        spoken(self.reference, words["reference_tip"])
        spoken(self.keep_menu, words["keep_what_tip"])
        spoken(self.guard_menu, words["protect_tip"])
        self.keep_menu.fill([(one["id"], one["label"], one["tip"]) for one in hello["keep"]])
        guards = ("selection", "show", "lift")
        tip = words["protect_tip"]
        self.guard_menu.fill([(id, words[f"protect_{id}"], tip) for id in guards])
        self._count(self.keep_menu, "keep_what", len(self.kept()))
        self.show_references((), 1)
        self.show_protected(False)

    def kept(self) -> list[str]:
        return self.keep_menu.checked()

    def keepable(self, ids: Sequence[str]) -> None:
        """Those that have a meaning for the model; the others are greyed out."""
        self.keep_menu.only(ids)

    def show_references(self, names: Sequence[str], most: int) -> None:
        """names: of those chosen. most: what the model takes."""
        self._count(self.reference, "reference", len(names))
        self.reference.set_sensitive(bool(most or names))

    def fill_references(
        self, names: Sequence[str], layers: Sequence[tuple[str, str]], pinned: bool
    ) -> None:
        """The menu, as it is now. layers: place and name of those that may be chosen."""
        words, menu = self.words, self.reference
        tip = words["reference_tip"]
        menu.fill(
            [
                ("layer", words["reference_layer"], tip),
                ("file", words["reference_file"], tip),
                ("clipboard", words["reference_clipboard"], tip),
                *((f"drop {at}", f"✕  {one}", words["reference_drop_tip"])
                  for at, one in enumerate(names)),
            ]
        )  # fmt: skip
        menu.under("layer", [(f"layer {place}", name, tip) for place, name in layers])
        menu.check("pin", words["reference_pin"], pinned)
        menu.item("pin").set_sensitive(bool(names))

    def show_protected(self, some: bool) -> None:
        """Whether the picture has areas that no revision may touch."""
        self._count(self.guard_menu, "protect", int(some))
        for id in ("show", "lift"):
            self.guard_menu.item(id).set_sensitive(some)

    def _chosen(self, id: str, on: bool) -> None:
        kind, _, place = id.partition(" ")
        if kind == "drop":
            self.beside().drop(int(place))
        elif kind == "pin":
            self.beside().pin(on)
        else:
            self.beside().pick(kind, place)

    def _kept(self) -> None:
        self._count(self.keep_menu, "keep_what", len(self.kept()))
        self._changed()

    def _count(self, menu: Menu, word: str, count: int) -> None:
        said = self.words[word]
        say(menu, f"✓ {said.removeprefix('+ ')} {count}" if count else said)
